package op

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Gradient operators whose output has the shape of something they do not read
// take that shape as an input, an int64 vector. It is usually the Shape of a
// forward value, so a symbolic batch passes through.

type evalFunc = func(*ir.Node, []*tensor.Tensor) ([]*tensor.Tensor, error)

// byFloat chooses the instance for the element type of the first input, which
// all others must share but those named.
func byFloat(f32, f64 evalFunc, others ...int) evalFunc {
	return func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		for i, t := range in {
			if t != nil && t.DType() != in[0].DType() && !slices.Contains(others, i) {
				return nil, fmt.Errorf("input %d is %s where %s is needed", i, t.DType(), in[0].DType())
			}
		}
		switch in[0].DType() {
		case tensor.Float32:
			return f32(n, in)
		case tensor.Float64:
			return f64(n, in)
		}
		return nil, errElements(in[0])
	}
}

// shapedBy infers an output of the element type of input like and of the shape
// that input i holds.
func shapedBy(i, like int) func(*ir.Node, []Type) ([]Type, error) {
	return func(_ *ir.Node, in []Type) ([]Type, error) {
		shape, err := shapeHeld(in[i])
		return []Type{{DType: in[like].DType, Shape: shape}}, err
	}
}

// shapeHeld returns the shape that an integer vector holds, as far as known.
func shapeHeld(t Type) (ir.Shape, error) {
	if v, ok := t.Ints(); ok {
		for _, d := range v {
			if d < 0 {
				return nil, fmt.Errorf("shape %v has a negative extent", v)
			}
		}
		return ir.Dims(v...), nil
	}
	if dims := t.Dims(); dims != nil {
		for i, d := range dims {
			if v, ok := dimNumber(d); ok && v < 0 {
				return nil, fmt.Errorf("extent %d of a shape is %d", i, v)
			}
		}
		return slices.Clone(dims), nil
	}
	if len(t.Shape) == 1 && t.Shape[0].IsKnown() && t.Shape[0].N < 64 {
		return unknownShape(t.Shape[0].N), nil
	}
	return nil, nil
}

// shapeFrom reads a shape from an integer vector.
func shapeFrom(t *tensor.Tensor) ([]int, error) {
	if t.Rank() != 1 {
		return nil, fmt.Errorf("a shape must be a vector, not %v", t)
	}
	shape, err := t.Ints()
	if err != nil {
		return nil, err
	}
	_, err = checkSize(shape)
	return shape, err
}

func needShape(what string, got, want []int) error {
	if !slices.Equal(got, want) {
		return fmt.Errorf("%s has shape %v where %v is needed", what, got, want)
	}
	return nil
}

// unknownShape has a known rank.
func unknownShape(rank int) ir.Shape {
	s := make(ir.Shape, rank)
	for i := range s {
		s[i] = ir.Symbol("")
	}
	return s
}

// shapeOf appends the shape of a value as a vector: a constant if known.
func (g *Grad) shapeOf(v ir.ValueID) ir.ValueID {
	if shape, ok := g.Type(v).Shape.Ints(); ok {
		return g.Ints(shape...)
	}
	return g.Op("Shape", nil, v)
}

// errRank says that a rule cannot do without the number of axes.
var errRank = errors.New("the gradient needs the number of axes of the input, which is not known; give the model's input a shape")

// rankOf returns the rank of the first value whose rank is known.
func (g *Grad) rankOf(values ...ir.ValueID) (int, error) {
	for _, v := range values {
		if s := g.Type(v).Shape; s != nil {
			return len(s), nil
		}
	}
	return 0, errRank
}

// tomo appends a node of Tomo's domain with one output.
func (g *Grad) tomo(op string, attrs ir.Attrs, inputs ...ir.ValueID) ir.ValueID {
	return g.Node(Domain, op, attrs, 1, inputs...)[0]
}

// reduceSum appends a sum over axes.
func (g *Grad) reduceSum(v ir.ValueID, keep bool, axes ...int) ir.ValueID {
	return g.reduce("ReduceSum", v, keep, axes)
}

// reduceMean appends a mean over axes.
func (g *Grad) reduceMean(v ir.ValueID, keep bool, axes ...int) ir.ValueID {
	return g.reduce("ReduceMean", v, keep, axes)
}

// reduce appends a reduction over axes; nothing if there are none.
func (g *Grad) reduce(op string, v ir.ValueID, keep bool, axes []int) ir.ValueID {
	if len(axes) == 0 {
		return v
	}
	attrs := ir.Pairs("keepdims", 0)
	if keep {
		attrs = nil
	}
	return g.Op(op, attrs, v, g.Ints(axes...))
}
