package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Optionals (ONNX Operators, since opset 15) hold a tensor, a sequence or
// nothing.
var optionalOps = []Op{optional, optionalGetElement, optionalHasElement}

var optional = Op{
	Name: "Optional", AnyType: true, Containers: true,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: tensor.Optional, Shape: ir.Shape{}}
		if elem := opt(in, 0); elem.DType != tensor.Invalid {
			out.Elem = &Type{DType: elem.DType, Shape: elem.Shape, Elem: elem.Elem}
		}
		return []Type{out}, nil
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		elem := opt(in, 0)
		if elem != nil && elem.DType() == tensor.Optional {
			return nil, fmt.Errorf("an optional cannot hold another")
		}
		return one(tensor.NewOptional(elem))
	},
}

// optionalGetElement hands on what is no optional (since opset 18).
var optionalGetElement = Op{
	Name: "OptionalGetElement", MinIn: 1, AnyType: true, Containers: true,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		switch in[0].DType {
		case tensor.Invalid:
			return []Type{{}}, nil
		case tensor.Optional:
			return []Type{in[0].element()}, nil
		}
		return []Type{{DType: in[0].DType, Shape: in[0].Shape, Elem: in[0].Elem}}, nil
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if in[0].DType() != tensor.Optional {
			return one(in[0])
		}
		held := in[0].Elements()
		if len(held) != 1 {
			return nil, fmt.Errorf("the optional is empty")
		}
		return one(held[0])
	},
	Grad: unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID { return dy }),
}

var optionalHasElement = Op{
	Name: "OptionalHasElement", AnyType: true, Containers: true, Grad: zeroGrad,
	Infer: func(*ir.Node, []Type) ([]Type, error) {
		return []Type{{DType: tensor.Bool, Shape: ir.Shape{}}}, nil
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := opt(in, 0)
		return one(tensor.Scalar(x != nil && (x.DType() != tensor.Optional || len(x.Elements()) > 0)))
	},
}
