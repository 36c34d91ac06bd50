package onnx

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// dtypes maps TensorProto.DataType.
var dtypes = [...]tensor.DType{
	onnxpb.TensorProto_FLOAT:          tensor.Float32,
	onnxpb.TensorProto_UINT8:          tensor.Uint8,
	onnxpb.TensorProto_INT8:           tensor.Int8,
	onnxpb.TensorProto_UINT16:         tensor.Uint16,
	onnxpb.TensorProto_INT16:          tensor.Int16,
	onnxpb.TensorProto_INT32:          tensor.Int32,
	onnxpb.TensorProto_INT64:          tensor.Int64,
	onnxpb.TensorProto_STRING:         tensor.String,
	onnxpb.TensorProto_BOOL:           tensor.Bool,
	onnxpb.TensorProto_FLOAT16:        tensor.Float16,
	onnxpb.TensorProto_DOUBLE:         tensor.Float64,
	onnxpb.TensorProto_UINT32:         tensor.Uint32,
	onnxpb.TensorProto_UINT64:         tensor.Uint64,
	onnxpb.TensorProto_COMPLEX64:      tensor.Complex64,
	onnxpb.TensorProto_COMPLEX128:     tensor.Complex128,
	onnxpb.TensorProto_BFLOAT16:       tensor.BFloat16,
	onnxpb.TensorProto_FLOAT8E4M3FN:   tensor.F8E4M3FN,
	onnxpb.TensorProto_FLOAT8E4M3FNUZ: tensor.F8E4M3FNUZ,
	onnxpb.TensorProto_FLOAT8E5M2:     tensor.F8E5M2,
	onnxpb.TensorProto_FLOAT8E5M2FNUZ: tensor.F8E5M2FNUZ,
	onnxpb.TensorProto_UINT4:          tensor.Uint4,
	onnxpb.TensorProto_INT4:           tensor.Int4,
	onnxpb.TensorProto_FLOAT4E2M1:     tensor.F4E2M1,
	onnxpb.TensorProto_FLOAT8E8M0:     tensor.F8E8M0,
	onnxpb.TensorProto_UINT2:          tensor.Uint2,
	onnxpb.TensorProto_INT2:           tensor.Int2,
	onnxpb.TensorProto_FLOAT6E2M3:     tensor.F6E2M3,
	onnxpb.TensorProto_FLOAT6E3M2:     tensor.F6E3M2,
}

// DType returns the element type that a number of TensorProto.DataType stands
// for, such as the attribute "to" of Cast; Invalid for undefined and unknown
// ones.
func DType(dataType int) tensor.DType {
	if dataType < 0 || dataType >= len(dtypes) {
		return tensor.Invalid
	}
	return dtypes[dataType]
}

// DataType returns the number of a type in TensorProto.DataType, the inverse of
// DType.
func DataType(d tensor.DType) int {
	for number, dtype := range dtypes {
		if dtype == d {
			return number
		}
	}
	return 0
}

// dimsOf returns the extents of a tensor and the number of its elements.
func dimsOf(dims []int64) ([]int, int, error) {
	out := make([]int, len(dims))
	for i, d := range dims {
		if d > math.MaxInt {
			return nil, 0, fmt.Errorf("extent %d of axis %d is too large", d, i)
		}
		out[i] = int(d)
	}
	n, err := tensor.NumElements(out)
	return out, n, err
}

// valueType returns what a TypeProto says. For a container the element type and
// shape are those of the tensors inside.
func valueType(t *onnxpb.TypeProto) (kind ir.ValueKind, d tensor.DType, shape ir.Shape) {
	switch v := t.GetValue().(type) {
	case *onnxpb.TypeProto_TensorType:
		return ir.TensorKind, DType(int(v.TensorType.GetElemType())), shapeOf(v.TensorType.Shape)
	case *onnxpb.TypeProto_SparseTensorType:
		return ir.SparseKind, DType(int(v.SparseTensorType.GetElemType())), shapeOf(v.SparseTensorType.Shape)
	case *onnxpb.TypeProto_SequenceType:
		_, d, shape = valueType(v.SequenceType.GetElemType())
		return ir.SequenceKind, d, shape
	case *onnxpb.TypeProto_OptionalType:
		_, d, shape = valueType(v.OptionalType.GetElemType())
		return ir.OptionalKind, d, shape
	case *onnxpb.TypeProto_MapType:
		_, d, shape = valueType(v.MapType.GetValueType())
		return ir.MapKind, d, shape
	}
	return ir.TensorKind, tensor.Invalid, nil
}

func shapeOf(s *onnxpb.TensorShapeProto) ir.Shape {
	if s == nil {
		return nil
	}
	out := make(ir.Shape, len(s.Dim))
	for i, d := range s.Dim {
		out[i] = dimOf(d)
	}
	return out
}

func dimOf(d *onnxpb.TensorShapeProto_Dimension) ir.Dim {
	switch v := d.GetValue().(type) {
	case *onnxpb.TensorShapeProto_Dimension_DimValue:
		if v.DimValue >= 0 && v.DimValue <= tensor.MaxElements {
			return ir.Known(int(v.DimValue))
		}
	case *onnxpb.TensorShapeProto_Dimension_DimParam:
		switch v.DimParam {
		case "None", "?", "-1": // exporters that mean unknown; equal ones are not the same extent
			return ir.Symbol("")
		}
		return ir.Symbol(v.DimParam)
	}
	return ir.Symbol("")
}

// typeName spells a type: "float32", "seq(float32)", "optional(seq(int64))".
func typeName(t *onnxpb.TypeProto) string {
	switch v := t.GetValue().(type) {
	case *onnxpb.TypeProto_SequenceType:
		return "seq(" + typeName(v.SequenceType.GetElemType()) + ")"
	case *onnxpb.TypeProto_OptionalType:
		return "optional(" + typeName(v.OptionalType.GetElemType()) + ")"
	case *onnxpb.TypeProto_MapType:
		return "map(" + DType(int(v.MapType.GetKeyType())).String() + "," + typeName(v.MapType.GetValueType()) + ")"
	case *onnxpb.TypeProto_SparseTensorType:
		return "sparse(" + DType(int(v.SparseTensorType.GetElemType())).String() + ")"
	}
	_, d, _ := valueType(t)
	return d.String()
}
