package op

import (
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var castOps = []Op{cast, castLike, bitCast}

// onnxTypes are the element types by their number in attributes
// (TensorProto.DataType of ONNX).
var onnxTypes = [...]tensor.DType{
	1: tensor.Float32, 2: tensor.Uint8, 3: tensor.Int8, 4: tensor.Uint16, 5: tensor.Int16,
	6: tensor.Int32, 7: tensor.Int64, 8: tensor.String, 9: tensor.Bool, 10: tensor.Float16,
	11: tensor.Float64, 12: tensor.Uint32, 13: tensor.Uint64, 14: tensor.Complex64, 15: tensor.Complex128,
	16: tensor.BFloat16, 17: tensor.F8E4M3FN, 18: tensor.F8E4M3FNUZ, 19: tensor.F8E5M2, 20: tensor.F8E5M2FNUZ,
	21: tensor.Uint4, 22: tensor.Int4, 23: tensor.F4E2M1, 24: tensor.F8E8M0,
	25: tensor.Uint2, 26: tensor.Int2, 27: tensor.F6E2M3, 28: tensor.F6E3M2,
}

// dtypeAttr reads an element type, or returns def if the attribute is absent or
// 0. Opset 1 writes types by name.
func dtypeAttr(n *ir.Node, name string, def tensor.DType) (tensor.DType, error) {
	v := n.Attrs.Int(name, 0)
	if s := n.Attrs.Str(name, ""); s != "" {
		v = oldTypes[strings.ToUpper(s)]
		if v == 0 {
			return def, fmt.Errorf("the element type %q is not known", s)
		}
	}
	if v == 0 {
		return def, nil
	}
	if v < 0 || v >= len(onnxTypes) {
		return def, fmt.Errorf("the element type number %d is not known", v)
	}
	return onnxTypes[v], nil
}

var oldTypes = map[string]int{
	"FLOAT": 1, "UINT8": 2, "INT8": 3, "UINT16": 4, "INT16": 5, "INT32": 6, "INT64": 7, "STRING": 8,
	"BOOL": 9, "FLOAT16": 10, "DOUBLE": 11, "UINT32": 12, "UINT64": 13,
}

var cast = Op{
	Name: "Cast", MinIn: 1, AnyType: true, Grad: castGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		to, err := dtypeAttr(n, "to", tensor.Invalid)
		return inferCast(in[0], to), err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		to, err := dtypeAttr(n, "to", tensor.Invalid)
		if err != nil {
			return nil, err
		}
		return castTo(n, in[0], to)
	},
}

var castLike = Op{
	Name: "CastLike", MinIn: 2, AnyType: true, Grad: castGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return inferCast(in[0], in[1].DType), nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return castTo(n, in[0], in[1].DType())
	},
}

// inferCast keeps extents through integers of any width.
func inferCast(from Type, to tensor.DType) []Type {
	out := Type{DType: to, Shape: from.Shape}
	if from.DType.IsInt() && to.IsInt() {
		out.Extents = from.Extents
	}
	return []Type{out}
}

// castGrad casts back what came from a float. The second input of CastLike
// gets nothing.
func castGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) && dy[0] != ir.None {
		out[0] = g.Op("CastLike", nil, dy[0], n.Inputs[0])
	}
	return out, nil
}

func castTo(n *ir.Node, t *tensor.Tensor, to tensor.DType) ([]*tensor.Tensor, error) {
	out, err := convert(t, to, tensor.MiniRounding{
		Overflow: !n.Attrs.Bool("saturate", true),
		Scale:    n.Attrs.Str("round_mode", "up"),
	})
	if err != nil {
		return nil, err
	}
	return one(out)
}

func convert(t *tensor.Tensor, to tensor.DType, r tensor.MiniRounding) (*tensor.Tensor, error) {
	switch {
	case t.DType() == to:
		return t, nil
	case t.DType() == tensor.String:
		return fromStrings(t, to, r)
	case to == tensor.String:
		return toStrings(t)
	case isMini(to):
		return t.Minifloats(to, r)
	}
	return t.Convert(to)
}

func isMini(d tensor.DType) bool { return d.IsFloat() && d.Size() == 1 }

// bitCast reads the same bits as another type of the same size.
var bitCast = Op{
	Name: "BitCast", MinIn: 1, AnyType: true, Grad: zeroGrad, Infer: cast.Infer,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		to, err := dtypeAttr(n, "to", tensor.Invalid)
		if err != nil {
			return nil, err
		}
		if to.Bits() != in[0].DType().Bits() || to.Bits() < 8 {
			return nil, fmt.Errorf("the bits of %s cannot be read as %s", in[0].DType(), to)
		}
		out, err := tensor.FromBytes(to, in[0].Shape(), in[0].LittleEndian())
		if err != nil {
			return nil, err
		}
		return one(out)
	},
}
