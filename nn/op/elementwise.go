package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var elementwiseOps = []Op{
	binary("Add", arithAdd, addGrad, addDims),
	binary("Sub", arith{sub[float64], sub[int64], sub[uint64]}, subGrad, subDims),
	binary("Mul", arithMul, mulGrad, func(a, b ir.Dim) ir.Dim { return mulDims(a, b) }),
	binary("Div", arith{div[float64], div[int64], div[uint64]}, divGrad, divDims),
	mod, pow,
	variadic("Sum", arithAdd, false, sumGrad),
	variadic("Mean", arith{f: add[float64]}, true, meanGrad),
	variadic("Max", arithMax, false, extremeGrad),
	variadic("Min", arithMin, false, extremeGrad),
}

// An arith is a function of two numbers in the widest type of each kind. One
// addition, subtraction, multiplication or division in float64 that is then
// rounded to float32 equals that in float32; integers wrap alike.
type arith struct {
	f func(a, b float64) float64
	i func(a, b int64) int64
	u func(a, b uint64) uint64
}

var (
	arithAdd = arith{add[float64], add[int64], add[uint64]}
	arithMul = arith{mul[float64], mul[int64], mul[uint64]}
	arithMax = arith{larger[float64], larger[int64], larger[uint64]} // NaN wins
	arithMin = arith{smaller[float64], smaller[int64], smaller[uint64]}
)

func add[T number](a, b T) T     { return a + b }
func sub[T number](a, b T) T     { return a - b }
func mul[T number](a, b T) T     { return a * b }
func div[T number](a, b T) T     { return a / b }
func larger[T number](a, b T) T  { return max(a, b) }
func smaller[T number](a, b T) T { return min(a, b) }

// apply broadcasts a and b, which have one element type.
func (k arith) apply(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := sameElements(a, b); err != nil {
		return nil, err
	}
	switch d := a.DType(); {
	case d.IsFloat() && k.f != nil:
		return k.applyFloat(a, b)
	case isSigned(d) && k.i != nil:
		return k.applySigned(a, b)
	case isUnsigned(d) && k.u != nil:
		return k.applyUnsigned(a, b)
	}
	return nil, errElements(a)
}

func (k arith) applyFloat(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch a.DType() {
	case tensor.Float32:
		return zipAs[float32](a, b, k.f)
	case tensor.Float64:
		return zipAs[float64](a, b, k.f)
	}
	return nil, errElements(a)
}

func (k arith) applySigned(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch a.DType() {
	case tensor.Int8:
		return zipAs[int8](a, b, k.i)
	case tensor.Int16:
		return zipAs[int16](a, b, k.i)
	case tensor.Int32:
		return zipAs[int32](a, b, k.i)
	}
	return zipAs[int64](a, b, k.i)
}

func (k arith) applyUnsigned(a, b *tensor.Tensor) ([]*tensor.Tensor, error) {
	switch a.DType() {
	case tensor.Uint8:
		return zipAs[uint8](a, b, k.u)
	case tensor.Uint16:
		return zipAs[uint16](a, b, k.u)
	case tensor.Uint32:
		return zipAs[uint32](a, b, k.u)
	}
	return zipAs[uint64](a, b, k.u)
}

func isSigned(d tensor.DType) bool {
	switch d {
	case tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64:
		return true
	}
	return false
}

func isUnsigned(d tensor.DType) bool {
	switch d {
	case tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64:
		return true
	}
	return false
}

// binary makes the operator of an arith.
func binary(name string, k arith, grad GradFunc, dims func(a, b ir.Dim) ir.Dim) Op {
	return Op{
		Name: name, MinIn: 2, Infer: inferBinary, Cost: flops(1), Grad: grad, dims: dims,
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			b, err := alignOld(n, in[0], in[1])
			if err != nil {
				return nil, err
			}
			if name == "Div" {
				if err := checkDivisor(b); err != nil {
					return nil, err
				}
			}
			return k.apply(in[0], b)
		},
	}
}

// checkDivisor errs if an integer divisor is zero anywhere.
func checkDivisor(t *tensor.Tensor) error {
	if !t.DType().IsInt() {
		return nil
	}
	v, err := t.Ints()
	if err != nil {
		return err
	}
	for i, x := range v {
		if x == 0 {
			return fmt.Errorf("division of integers by zero at element %d of the divisor", i)
		}
	}
	return nil
}

// inferBinary infers two operands broadcast together, as they were before
// opset 7 too.
func inferBinary(n *ir.Node, in []Type) ([]Type, error) {
	b, err := alignOldDims(n, in[0].Shape, in[1].Shape)
	if err != nil {
		return nil, err
	}
	shape, err := broadcastDims(in[0].Shape, b)
	return []Type{{DType: in[0].DType, Shape: shape}}, err
}

// variadic makes the operator that folds any number of inputs with an arith,
// and divides by their number for a mean.
func variadic(name string, k arith, mean bool, grad GradFunc) Op {
	return Op{
		Name: name, MinIn: 1, Infer: inferVariadic, Grad: grad,
		Cost: func(n *ir.Node, in, out []Type) Cost {
			return Cost{FLOPs: int64(max(len(in)-1, 1)) * elements(opt(out, 0))}
		},
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			acc := in[0]
			for i, t := range in[1:] {
				if t == nil {
					return nil, fmt.Errorf("input %d is missing", i+1)
				}
				out, err := k.apply(acc, t)
				if err != nil {
					return nil, err
				}
				acc = out[0]
			}
			if mean {
				return mapFloat(acc, func(x float64) float64 { return x / float64(len(in)) })
			}
			return one(acc)
		},
	}
}

// inferVariadic infers any number of operands broadcast together.
func inferVariadic(n *ir.Node, in []Type) ([]Type, error) {
	shapes := make([]ir.Shape, len(in))
	for i, t := range in {
		shapes[i] = t.Shape
	}
	shape, err := broadcastDims(shapes...)
	return []Type{{DType: in[0].DType, Shape: shape}}, err
}

func inferPair(n *ir.Node, in []Type) ([]Type, error) { return inferVariadic(n, in[:2]) }
