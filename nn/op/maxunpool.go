package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// MaxUnpool(x, indices, shape?) -> y puts every element of x where the indices
// of the MaxPool that it undoes say, and zero elsewhere. The indices count in
// the smallest input that this MaxPool can have had; a larger shape is filled
// up with zeros behind.
var maxUnpoolOps = []Op{{
	Name: "MaxUnpool", MinIn: 2,
	Infer: inferMaxUnpool,
	Eval:  byFloat(evalMaxUnpool[float32], evalMaxUnpool[float64], 1, 2),
	Grad:  gradMaxUnpool,
}}

// unpooled is the shape of the smallest input: stride·(extent-1) + kernel
// without the padding.
func unpooled(n *ir.Node, x ir.Shape) (ir.Shape, error) {
	s, err := readPool(n, x)
	if err != nil || x == nil {
		return nil, err
	}
	out := append(ir.Shape{x[0], x[1]}, unknownShape(len(s.axes))...)
	for i, a := range s.axes {
		if d := x[2+i]; d.IsKnown() {
			size := a.stride*(d.N-1) + a.span() - a.before - a.after
			if size < 1 || d.N < 1 {
				return nil, fmt.Errorf("spatial axis %d: an extent of %d is unpooled to %d", i, d.N, size)
			}
			out[2+i] = ir.Known(size)
		}
	}
	return out, nil
}

func inferMaxUnpool(n *ir.Node, in []Type) ([]Type, error) {
	shape, err := unpooled(n, in[0].Shape)
	if err == nil && n.Input(2) != ir.None {
		shape, err = shapeHeld(opt(in, 2))
	}
	return []Type{{DType: in[0].DType, Shape: shape}}, err
}

func evalMaxUnpool[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	small, err := unpooled(n, ir.ShapeOf(in[0]))
	if err != nil {
		return nil, err
	}
	shape, _ := small.Ints()
	size, err := checkSize(shape)
	if err != nil {
		return nil, err
	}
	index, err := in[1].Ints()
	if err != nil {
		return nil, err
	}
	if len(index) != in[0].Len() {
		return nil, fmt.Errorf("%d indices for %d elements", len(index), in[0].Len())
	}
	y := make([]T, size)
	for i, v := range tensor.Data[T](in[0]) {
		if index[i] < 0 || index[i] >= size {
			return nil, fmt.Errorf("index %d is outside an output of shape %v", index[i], shape)
		}
		y[index[i]] = v
	}
	out := tensor.Of(y, shape...)
	if given := opt(in, 2); given != nil {
		return fillUp(out, given)
	}
	return one(out)
}

// fillUp copies x into the corner of zeros of a larger shape.
func fillUp(x, given *tensor.Tensor) ([]*tensor.Tensor, error) {
	shape, err := shapeFrom(given)
	if err != nil {
		return nil, err
	}
	fits := len(shape) == x.Rank()
	for i := 0; fits && i < len(shape); i++ {
		fits = shape[i] >= x.Dim(i)
	}
	if !fits {
		return nil, fmt.Errorf("an output of shape %v cannot become one of %v", x.Shape(), shape)
	}
	y := tensor.New(x.DType(), shape...)
	run := x.Dim(-1)
	rows := offsets(x.Shape()[:x.Rank()-1], 0, stridesOf(shape)[:x.Rank()-1])
	for i, at := range rows {
		y.CopyRange(at, x, i*run, run)
	}
	return one(y)
}

// gradMaxUnpool takes dy back from where the elements were put.
func gradMaxUnpool(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	d := dy[0]
	if n.Input(2) != ir.None {
		small, err := unpooled(n, g.Type(n.Inputs[0]).Shape)
		if err != nil {
			return nil, err
		}
		if small == nil {
			return nil, errRank
		}
		extents, ok := small[2:].Ints()
		if !ok {
			return nil, fmt.Errorf("the gradient needs the extents of the input, which are not known; give the model's input a shape")
		}
		starts, axes := make([]int, len(extents)), make([]int, len(extents))
		for i := range axes {
			axes[i] = 2 + i
		}
		d = g.Op("Slice", nil, d, g.Ints(starts...), g.Ints(extents...), g.Ints(axes...))
	}
	out[0] = g.Op("Gather", nil, g.Op("Reshape", nil, d, g.Ints(-1)), n.Inputs[1])
	return out, nil
}
