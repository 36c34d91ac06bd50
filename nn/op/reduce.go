package op

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var reduceOps = []Op{
	reduction("ReduceSum", fold{total[float64], total[int64], total[uint64]}, reduceSumGrad),
	reduction("ReduceMean", fold{mean, meanInt[int64], meanInt[uint64]}, reduceMeanGrad),
	reduction("ReduceMax", fold{greatest, greatestInt, greatestUint}, reduceExtremeGrad),
	reduction("ReduceMin", fold{least, leastInt, leastUint}, reduceExtremeGrad),
	reduction("ReduceProd", fold{multiply[float64], multiply[int64], multiply[uint64]}, reduceProdGrad),
	reduction("ReduceSumSquare", fold{squares[float64], squares[int64], squares[uint64]}, reduceSumSquareGrad),
	reduction("ReduceL1", fold{magnitude[float64], magnitude[int64], total[uint64]}, reduceL1Grad),
	reduction("ReduceL2", inFloats(func(v []float64) float64 { return math.Sqrt(squares(v)) }), reduceL2Grad),
	reduction("ReduceLogSum", inFloats(func(v []float64) float64 { return math.Log(total(v)) }), reduceLogSumGrad),
	reduction("ReduceLogSumExp", inFloats(logSumExp), reduceLogSumExpGrad),
	reduceProdBackward, sumTo,
}

// A fold makes one number of many, in the widest type of each kind. What it
// makes of none is what ONNX demands: the neutral element, or the lowest and
// highest number for a maximum and a minimum.
type fold struct {
	f func([]float64) float64
	i func([]int64) int64
	u func([]uint64) uint64
}

func reduction(name string, k fold, grad GradFunc) Op {
	return Op{
		Name: name, MinIn: 1, Infer: inferReduce, Grad: grad,
		Cost: func(n *ir.Node, in, out []Type) Cost { return Cost{FLOPs: elements(in[0])} },
		Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
			x, err := truthAsNumber(name, in[0])
			if err != nil {
				return nil, err
			}
			r, err := reducing(n, x.Shape(), opt(in, 1))
			if err != nil {
				return nil, err
			}
			y, err := k.apply(r, x)
			if err != nil {
				return nil, err
			}
			if y, err = y.Convert(in[0].DType()); err != nil {
				return nil, err
			}
			return one(y.Reshape(r.shape(n.Attrs.Bool("keepdims", true))...))
		},
	}
}

// truthAsNumber lets ReduceMax and ReduceMin read truth values (opset 20).
func truthAsNumber(name string, t *tensor.Tensor) (*tensor.Tensor, error) {
	if t.DType() == tensor.Bool && (name == "ReduceMax" || name == "ReduceMin") {
		return t.Convert(tensor.Uint8)
	}
	return t, nil
}

func (k fold) apply(r reducer, t *tensor.Tensor) (*tensor.Tensor, error) {
	switch t.DType() {
	case tensor.Float32:
		return reduceAs[float32](r, t, k.f), nil
	case tensor.Float64:
		return reduceAs[float64](r, t, k.f), nil
	case tensor.Int8:
		return reduceAs[int8](r, t, k.i), nil
	case tensor.Int16:
		return reduceAs[int16](r, t, k.i), nil
	case tensor.Int32:
		return reduceAs[int32](r, t, k.i), nil
	case tensor.Int64:
		return reduceAs[int64](r, t, k.i), nil
	case tensor.Uint8:
		return reduceAs[uint8](r, t, k.u), nil
	case tensor.Uint16:
		return reduceAs[uint16](r, t, k.u), nil
	case tensor.Uint32:
		return reduceAs[uint32](r, t, k.u), nil
	case tensor.Uint64:
		return reduceAs[uint64](r, t, k.u), nil
	}
	return nil, errElements(t)
}

// reduceAs returns the reduced elements as a vector.
func reduceAs[T, W number](r reducer, t *tensor.Tensor, f func([]W) W) *tensor.Tensor {
	x := tensor.Data[T](t)
	y := make([]T, len(r.starts))
	group := make([]W, len(r.steps))
	if len(group) == 0 {
		return tensor.Vector(slices.Repeat([]T{narrowed[T](f(nil))}, len(y))...)
	}
	for i, start := range r.starts {
		for j, step := range r.steps {
			group[j] = W(x[start+step])
		}
		y[i] = T(f(group))
	}
	return tensor.Vector(y...)
}

// narrowed turns the extremes of W into those of T, and keeps what T holds.
func narrowed[T, W number](v W) T {
	for v == v && W(T(v)) != v {
		v /= 2
	}
	return T(v)
}

func inferReduce(n *ir.Node, in []Type) ([]Type, error) {
	out := Type{DType: in[0].DType}
	axesType := opt(in, 1)
	given, known := axesType.Ints()
	if n.Input(1) == ir.None {
		known = true
	}
	rank := len(in[0].Shape)
	keep := n.Attrs.Bool("keepdims", true)
	switch {
	case in[0].Shape == nil:
	case known:
		axes, err := reducedAxes(n, rank, given)
		if err != nil {
			return nil, err
		}
		out.Shape = reducedDims(in[0].Shape, axes, keep)
	case keep:
		out.Shape = make(ir.Shape, rank)
		for i := range out.Shape {
			out.Shape[i] = ir.Symbol("")
		}
	}
	return []Type{out}, nil
}

func reducedDims(s ir.Shape, axes []int, keep bool) ir.Shape {
	out := ir.Shape{}
	for a, d := range s {
		switch {
		case !slices.Contains(axes, a):
			out = append(out, d)
		case keep:
			out = append(out, ir.Known(1))
		}
	}
	return out
}
