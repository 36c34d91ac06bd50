package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var constantOps = []Op{constant, constantOfShape, rangeOf, oneHot, eyeLike}

var constant = Op{
	Name: "Constant", AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		t, err := constantValue(n)
		if err != nil {
			return nil, err
		}
		return []Type{TypeOf(t)}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		t, err := constantValue(n)
		return []*tensor.Tensor{t}, err
	},
}

// constantValue reads whichever attribute holds the elements.
func constantValue(n *ir.Node) (*tensor.Tensor, error) {
	for name, a := range n.Attrs {
		switch v := a.Value.(type) {
		case *tensor.Tensor:
			if name == "value" && v != nil {
				return v, nil
			}
		case int64:
			if name == "value_int" {
				return tensor.Scalar(v), nil
			}
		case float32:
			if name == "value_float" {
				return tensor.Scalar(v), nil
			}
		case string:
			if name == "value_string" {
				return tensor.Scalar(v), nil
			}
		case []int64:
			if name == "value_ints" {
				return tensor.Vector(v...), nil
			}
		case []float32:
			if name == "value_floats" {
				return tensor.Vector(v...), nil
			}
		case []string:
			if name == "value_strings" {
				return tensor.Vector(v...), nil
			}
		}
	}
	return nil, fmt.Errorf("no attribute holds a value that Tomo can read")
}

// constantOfShape repeats the one element of the attribute value, a float32
// zero by default.
var constantOfShape = Op{
	Name: "ConstantOfShape", MinIn: 1, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		v, err := fillValue(n)
		if err != nil {
			return nil, err
		}
		shape := unknownRankFrom(in[0])
		if in[0].Dims() != nil {
			shape, err = shapeHeld(in[0])
		}
		return []Type{{DType: v.DType(), Shape: shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		v, err := fillValue(n)
		if err != nil {
			return nil, err
		}
		shape, err := in[0].Ints()
		if err != nil {
			return nil, fmt.Errorf("shape: %w", err)
		}
		count, err := checkSize(shape)
		if err != nil {
			return nil, err
		}
		return one(v.Take(make([]int, count), 1, shape...))
	},
}

func fillValue(n *ir.Node) (*tensor.Tensor, error) {
	v := n.Attrs.Tensor("value")
	if v == nil {
		return tensor.New(tensor.Float32, 1), nil
	}
	if v.Len() != 1 {
		return nil, fmt.Errorf("the value must be one element, not %v", v)
	}
	return v, nil
}

// rangeOf counts from start to before limit in steps of delta.
var rangeOf = Op{
	Name: "Range", MinIn: 3, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType, Shape: ir.Shape{ir.Symbol("")}}
		if in[0].Value != nil && in[1].Value != nil && in[2].Value != nil {
			_, _, count, err := countRange([]*tensor.Tensor{in[0].Value, in[1].Value, in[2].Value})
			if err != nil {
				return nil, err
			}
			out.Shape = ir.Dims(count)
			return []Type{out}, nil
		}
		limit := in[1].Dims()
		start, ok1 := in[0].Ints()
		delta, ok2 := in[2].Ints()
		if ok1 && ok2 && len(limit) == 1 && len(start) == 1 && len(delta) == 1 && start[0] == 0 && delta[0] == 1 {
			if v, ok := dimNumber(limit[0]); !ok || v >= 0 {
				out.Shape[0] = limit[0]
			}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if err := sameElements(in...); err != nil {
			return nil, err
		}
		start, delta, count, err := countRange(in)
		if err != nil {
			return nil, err
		}
		v := make([]float64, count)
		for i := range v {
			v[i] = start + float64(i)*delta
		}
		out, err := tensor.Vector(v...).Convert(in[0].DType())
		return []*tensor.Tensor{out}, err
	},
}

func countRange(in []*tensor.Tensor) (start, delta float64, count int, err error) {
	var v [3]float64
	for i := range v {
		f, err := in[i].Floats()
		if err != nil {
			return 0, 0, 0, err
		}
		if len(f) != 1 {
			return 0, 0, 0, fmt.Errorf("input %d must be one number, not %v", i, in[i])
		}
		v[i] = f[0]
	}
	length := math.Ceil((v[1] - v[0]) / v[2])
	if math.IsNaN(length) || length > maxElements {
		return 0, 0, 0, fmt.Errorf("a range from %v to %v in steps of %v has no end", v[0], v[1], v[2])
	}
	return v[0], v[2], int(max(length, 0)), nil
}
