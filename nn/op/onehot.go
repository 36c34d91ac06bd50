package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// oneHot marks each index along a new axis with the second of two values, and
// the rest with the first. Indices out of range mark nothing.
var oneHot = Op{
	Name: "OneHot", MinIn: 3, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[2].DType}
		if in[0].Shape == nil {
			return []Type{out}, nil
		}
		rank := len(in[0].Shape)
		axis, err := axisOf(n.Attrs.Int("axis", -1), rank+1)
		if err != nil {
			return nil, err
		}
		depth := ir.Symbol("")
		if d := in[1].Dims(); len(d) == 1 {
			depth = d[0]
		}
		if v, ok := dimNumber(depth); ok && v < 0 {
			return nil, fmt.Errorf("the depth %d is negative", v)
		}
		out.Shape = append(append(append(ir.Shape{}, in[0].Shape[:axis]...), depth), in[0].Shape[axis:]...)
		return []Type{out}, nil
	},
	Eval: evalOneHot,
}

func evalOneHot(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	axis, err := axisOf(n.Attrs.Int("axis", -1), in[0].Rank()+1)
	if err != nil {
		return nil, err
	}
	depth, err := in[1].Floats()
	if err != nil || len(depth) != 1 || !(depth[0] >= 0 && depth[0] <= maxElements) {
		return nil, fmt.Errorf("the depth must be one number from 0 to %d, not %v", maxElements, in[1])
	}
	index, err := in[0].Floats()
	if err != nil {
		return nil, fmt.Errorf("indices: %w", err)
	}
	if in[2].Len() != 2 {
		return nil, fmt.Errorf("values must be two elements, not %v", in[2])
	}
	d := int(depth[0])
	from := in[0].Shape()
	shape := append(append(append([]int{}, from[:axis]...), d), from[axis:]...)
	inner := product(from[axis:])
	return takeAs(in[2], shape, func() ([]int, int) {
		at := make([]int, product(shape))
		for i, v := range index {
			if v < 0 {
				v += float64(d)
			}
			if v >= 0 && v < float64(d) {
				at[(i/inner*d+int(v))*inner+i%inner] = 1
			}
		}
		return at, 1
	})
}

// eyeLike has ones on the k-th diagonal, in the shape of its input.
var eyeLike = Op{
	Name: "EyeLike", MinIn: 1, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		dtype, err := dtypeAttr(n, "dtype", in[0].DType)
		return []Type{{DType: dtype, Shape: in[0].Shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		dtype, err := dtypeAttr(n, "dtype", in[0].DType())
		if err != nil {
			return nil, err
		}
		if in[0].Rank() != 2 {
			return nil, fmt.Errorf("a matrix is needed, not %v", in[0])
		}
		rows, cols := in[0].Dim(0), in[0].Dim(1)
		values, err := tensor.Vector[int8](0, 1).Convert(dtype)
		if err != nil {
			return nil, err
		}
		k := n.Attrs.Int("k", 0)
		return takeAs(values, in[0].Shape(), func() ([]int, int) {
			at := make([]int, rows*cols)
			for i := range rows {
				if j := i + k; j >= 0 && j < cols {
					at[i*cols+j] = 1
				}
			}
			return at, 1
		})
	},
}
