package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Pooling over a window: x [N,C,spatial...] -> y of the same rank. Padding
// never wins a maximum and never adds to a mean; count_include_pad only counts
// it. The gradients are operators of Tomo:
//
//	tomo.MaxPoolGrad(dy, x) -> dx             to the first maximum of each window
//	tomo.AveragePoolGrad(dy, shape) -> dx     shape is that of x
//	tomo.LpPoolGrad(dy, x, y) -> dx
//
// They take the attributes of the pooling they belong to.
var poolOps = []Op{
	{
		Name: "MaxPool", MinIn: 1,
		Infer: inferMaxPool,
		Eval:  evalMaxPool,
		Grad:  gradMaxPool,
		Cost:  costPool,
	},
	{
		Name: "AveragePool", MinIn: 1,
		Infer: inferPool,
		Eval:  byFloat(evalAveragePool[float32], evalAveragePool[float64]),
		Grad:  gradAveragePool,
		Cost:  costPool,
	},
	{
		Name: "LpPool", MinIn: 1,
		Infer: inferPool,
		Eval:  byFloat(evalLpPool[float32], evalLpPool[float64]),
		Grad:  gradLpPool,
		Cost:  costPool,
	},
	{
		Name: "MaxPoolGrad", Domain: Domain, MinIn: 2,
		Infer: likeInput(1),
		Eval:  byFloat(evalMaxPoolGrad[float32], evalMaxPoolGrad[float64]),
		Grad:  gradMaxPoolGrad,
	},
	{
		Name: "AveragePoolGrad", Domain: Domain, MinIn: 2,
		Infer: shapedBy(1, 0),
		Eval:  byFloat(evalAveragePoolGrad[float32], evalAveragePoolGrad[float64], 1),
		Grad:  gradAveragePoolGrad,
	},
	{
		Name: "LpPoolGrad", Domain: Domain, MinIn: 3,
		Infer: likeInput(1),
		Eval:  byFloat(evalLpPoolGrad[float32], evalLpPoolGrad[float64]),
	},
}

func readPool(n *ir.Node, x ir.Shape) (sliding, error) {
	kernel := n.Attrs.Ints("kernel_shape")
	switch {
	case len(kernel) == 0:
		return sliding{}, fmt.Errorf("the attribute kernel_shape is missing")
	case len(kernel) > 3:
		return sliding{}, fmt.Errorf("pooling over %d spatial axes is not possible; it takes 1, 2 or 3", len(kernel))
	case x != nil && len(x) != len(kernel)+2:
		return sliding{}, fmt.Errorf("kernel_shape %v does not fit an input of shape %v", kernel, x)
	}
	shape := make(ir.Shape, len(kernel))
	for i, k := range kernel {
		shape[i] = ir.Dim{N: max(k, 0)} // 0 is refused below
	}
	return readSliding(n.Attrs, shape)
}

func inferPool(n *ir.Node, in []Type) ([]Type, error) {
	x := in[0].Shape
	s, err := readPool(n, x)
	if err != nil || x == nil {
		return []Type{{DType: in[0].DType}}, err
	}
	spatial, err := s.dims(x[2:])
	if err != nil {
		return nil, err
	}
	shape := append(ir.Shape{x[0], x[1]}, spatial...)
	return []Type{{DType: in[0].DType, Shape: shape}}, nil
}

// inferMaxPool adds the indices: positions in the whole of x, in row-major or
// by storage_order column-major order of the spatial axes.
func inferMaxPool(n *ir.Node, in []Type) ([]Type, error) {
	y, err := inferPool(n, in)
	if err != nil {
		return nil, err
	}
	return append(y, Type{DType: tensor.Int64, Shape: y[0].Shape}), nil
}

// likeInput infers one output of the type of input i.
func likeInput(i int) func(*ir.Node, []Type) ([]Type, error) {
	return func(_ *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[i].DType, Shape: in[i].Shape}}, nil
	}
}

// A pool is the geometry of pooling for concrete shapes: planes are the
// channels of all images, one behind the other.
type pool struct {
	planes int
	shape  []int // of the output
	window
}

func readPoolWindow(n *ir.Node, x []int) (*pool, error) {
	s, err := readPool(n, ir.Dims(x...))
	if err != nil {
		return nil, err
	}
	w, err := s.window(x[2:])
	if err != nil {
		return nil, err
	}
	shape := append([]int{x[0], x[1]}, w.out[5-len(x):]...)
	_, err = checkSize(shape)
	return &pool{x[0] * x[1], shape, w}, err
}

// each is that of the window; there is nothing to do for no planes.
func (p *pool) each(f func(o int, under []int)) {
	if p.planes > 0 {
		p.window.each(f)
	}
}

func evalMaxPool(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	switch in[0].DType() {
	case tensor.Float32:
		return maxPool[float32](n, in[0], float32(math.Inf(-1)))
	case tensor.Float64:
		return maxPool(n, in[0], math.Inf(-1))
	case tensor.Int8:
		return maxPool[int8](n, in[0], math.MinInt8)
	case tensor.Uint8:
		return maxPool[uint8](n, in[0], 0)
	}
	return nil, errElements(in[0])
}

// maxPool gives lowest where a window holds nothing but padding.
func maxPool[T number](n *ir.Node, t *tensor.Tensor, lowest T) ([]*tensor.Tensor, error) {
	p, err := readPoolWindow(n, t.Shape())
	if err != nil {
		return nil, err
	}
	x := tensor.Data[T](t)
	y := make([]T, p.planes*p.outputs())
	indices := make([]int64, len(y))
	byColumn := n.Attrs.Int("storage_order", 0) == 1
	p.each(func(o int, under []int) {
		for plane := range p.planes {
			at := plane*p.outputs() + o
			best := firstMax(x[plane*p.inputs():], under)
			if best < 0 {
				y[at] = lowest
				continue
			}
			y[at] = x[plane*p.inputs()+best]
			if byColumn {
				best = p.columnMajor(best)
			}
			indices[at] = int64(plane*p.inputs() + best)
		}
	})
	return []*tensor.Tensor{tensor.Of(y, p.shape...), tensor.Of(indices, p.shape...)}, nil
}

// firstMax returns the first position of the largest element; a NaN is larger
// than all. -1 if there are no positions.
func firstMax[T number](x []T, positions []int) int {
	best := -1
	for _, i := range positions {
		if v := x[i]; best < 0 || v > x[best] || v != v && x[best] == x[best] {
			best = i
		}
	}
	return best
}

// columnMajor turns a row-major position of the input into the position with
// the first spatial axis fastest.
func (w *window) columnMajor(i int) int {
	a, b, c := i/w.in[2]/w.in[1], i/w.in[2]%w.in[1], i%w.in[2]
	return (c*w.in[1]+b)*w.in[0] + a
}

func evalAveragePool[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := readPoolWindow(n, in[0].Shape())
	if err != nil {
		return nil, err
	}
	x := tensor.Data[T](in[0])
	y := make([]T, p.planes*p.outputs())
	padded := n.Attrs.Bool("count_include_pad", false)
	p.each(func(o int, under []int) {
		count := T(p.count(o, under, padded))
		for plane := range p.planes {
			var sum T
			src := x[plane*p.inputs():]
			for _, i := range under {
				sum += src[i]
			}
			y[plane*p.outputs()+o] = sum / count
		}
	})
	return one(tensor.Of(y, p.shape...))
}

// count is the divisor of a mean: the inputs under the kernel, with padding if
// padded but never what ceil_mode reads beyond it. A window with nothing but
// padding has the mean zero.
func (p *pool) count(o int, under []int, padded bool) int {
	if !padded {
		return max(1, len(under))
	}
	at := [3]int{o / p.out[2] / p.out[1], o / p.out[2] % p.out[1], o % p.out[2]}
	n := 1
	for i, a := range p.axis {
		end := p.in[i] + a.after + a.before
		n *= min(a.kernel, ceilDiv(end-at[i]*a.stride, a.dilation))
	}
	return max(1, n)
}

func evalLpPool[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := readPoolWindow(n, in[0].Shape())
	if err != nil {
		return nil, err
	}
	x := tensor.Data[T](in[0])
	y := make([]T, p.planes*p.outputs())
	norm := normOrder(n)
	p.each(func(o int, under []int) {
		for plane := range p.planes {
			src := x[plane*p.inputs():]
			var sum float64
			for _, i := range under {
				sum += math.Pow(math.Abs(float64(src[i])), norm)
			}
			y[plane*p.outputs()+o] = T(math.Pow(sum, 1/norm))
		}
	})
	return one(tensor.Of(y, p.shape...))
}

// normOrder reads p, a float in the first opset and an integer since.
func normOrder(n *ir.Node) float64 {
	return n.Attrs.Float("p", float64(n.Attrs.Int("p", 2)))
}

// costPool counts one operation per element under the kernel.
func costPool(n *ir.Node, _, out []Type) Cost {
	return Cost{FLOPs: elements(out[0]) * int64(product(n.Attrs.Ints("kernel_shape")))}
}
