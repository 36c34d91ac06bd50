package ort

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// What lowerers write with. Numbers are of the element type of the node that is
// lowered.

// shape returns the settled shape of a value from before lowering.
func (l *lowering) shape(v ir.ValueID) []int {
	shape, _ := l.types[v].Shape.Ints()
	return shape
}

// held returns the elements of a value from before lowering if it is constant,
// else nil.
func (l *lowering) held(v ir.ValueID) *tensor.Tensor {
	if v == ir.None {
		return nil
	}
	return l.types[v].Value
}

// reshape gives v known extents.
func (l *lowering) reshape(v ir.ValueID, shape ...int) ir.ValueID {
	return l.Op("Reshape", nil, v, l.Ints(shape...))
}

func (l *lowering) transpose(v ir.ValueID, perm ...int) ir.ValueID {
	return l.Op("Transpose", ir.Pairs("perm", perm), v)
}

// slice takes what lies from one place up to before another along an axis.
func (l *lowering) slice(v ir.ValueID, axis, from, to int) ir.ValueID {
	return l.Op("Slice", nil, v, l.Ints(from), l.Ints(to), l.Ints(axis))
}

// reverse turns an axis around.
func (l *lowering) reverse(v ir.ValueID, axes ...int) ir.ValueID {
	n := len(axes)
	return l.Op("Slice", nil, v, l.Ints(repeated(n, -1)...), l.Ints(repeated(n, math.MinInt32)...), l.Ints(axes...), l.Ints(repeated(n, -1)...))
}

// pad adds to the ends of axes, first before all of them and then behind, or
// crops where the number is negative.
func (l *lowering) pad(v ir.ValueID, pads ...int) ir.ValueID {
	for _, p := range pads {
		if p != 0 {
			return l.Op("Pad", nil, v, l.Ints(pads...))
		}
	}
	return v
}

func (l *lowering) concat(axis int, parts ...ir.ValueID) ir.ValueID {
	if len(parts) == 1 {
		return parts[0]
	}
	return l.Op("Concat", ir.Pairs("axis", axis), parts...)
}

// sum adds up along axes, which go.
func (l *lowering) sum(v ir.ValueID, axes ...int) ir.ValueID {
	return l.Op("ReduceSum", ir.Pairs("keepdims", 0), v, l.Ints(axes...))
}

// zeros are of known extents.
func (l *lowering) zeros(shape ...int) ir.ValueID {
	value := ir.Attrs{"value": {Value: tensor.New(l.dtype, 1)}}
	return l.Op("ConstantOfShape", value, l.Ints(shape...))
}

// number is a scalar.
func (l *lowering) number(x float64) ir.ValueID { return l.Float(x, l.dtype) }

// numbers is a constant of the node's element type.
func (l *lowering) numbers(values []float64, shape ...int) ir.ValueID {
	return l.Const(converted(tensor.Of(values, shape...), l.dtype))
}

func (l *lowering) add(a, b ir.ValueID) ir.ValueID { return l.Op("Add", nil, a, b) }
func (l *lowering) sub(a, b ir.ValueID) ir.ValueID { return l.Op("Sub", nil, a, b) }
func (l *lowering) mul(a, b ir.ValueID) ir.ValueID { return l.Op("Mul", nil, a, b) }

func (l *lowering) times(v ir.ValueID, x float64) ir.ValueID { return l.mul(v, l.number(x)) }
func (l *lowering) plus(v ir.ValueID, x float64) ir.ValueID  { return l.add(v, l.number(x)) }
func (l *lowering) minus(x float64, v ir.ValueID) ir.ValueID { return l.sub(l.number(x), v) }

func (l *lowering) where(cond, a, b ir.ValueID) ir.ValueID { return l.Op("Where", nil, cond, a, b) }

func (l *lowering) less(v ir.ValueID, x float64) ir.ValueID {
	return l.Op("Less", nil, v, l.number(x))
}

func (l *lowering) greater(v ir.ValueID, x float64) ir.ValueID {
	return l.Op("Greater", nil, v, l.number(x))
}

// step is 1 where a condition holds, else 0.
func (l *lowering) step(cond ir.ValueID) ir.ValueID {
	return l.where(cond, l.number(1), l.number(0))
}

// product multiplies extents.
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// repeated is a list of n times the same number.
func repeated(n, x int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = x
	}
	return list
}

// until lists the numbers below n.
func until(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func converted(t *tensor.Tensor, dtype tensor.DType) *tensor.Tensor {
	c, err := t.Convert(dtype)
	if err != nil {
		panic("ort: " + err.Error()) // numbers become any numbers
	}
	return c
}
