package onnx_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func typed(dtype pb.TensorProto_DataType, p *pb.TensorProto) *pb.TensorProto {
	p.DataType = proto.Int32(int32(dtype))
	if p.Dims == nil {
		p.Dims = []int64{2}
	}
	return p
}

// Every type in every place where its elements may stand.
func TestElements(t *testing.T) {
	ints := func(v ...int32) *pb.TensorProto { return &pb.TensorProto{Int32Data: v} }
	raw := func(s string) *pb.TensorProto { return &pb.TensorProto{RawData: []byte(s)} }
	for _, tc := range []struct {
		name string
		p    *pb.TensorProto
		want *tensor.Tensor
	}{
		{"float", typed(pb.TensorProto_FLOAT, &pb.TensorProto{FloatData: []float32{1, -2}}), tensor.Vector[float32](1, -2)},
		{"float, raw", typed(pb.TensorProto_FLOAT, raw("\x00\x00\x80\x3f\x00\x00\x00\xc0")), tensor.Vector[float32](1, -2)},
		{"double", typed(pb.TensorProto_DOUBLE, &pb.TensorProto{DoubleData: []float64{1, -2}}), tensor.Vector(1.0, -2)},
		{"half", typed(pb.TensorProto_FLOAT16, ints(0x3c00, 0xc000)), tensor.Vector[tensor.Half](0x3c00, 0xc000)},
		{"half, raw", typed(pb.TensorProto_FLOAT16, raw("\x00\x3c\x00\xc0")), tensor.Vector[tensor.Half](0x3c00, 0xc000)},
		{"bfloat16", typed(pb.TensorProto_BFLOAT16, ints(0x3f80, 0xc000)), tensor.Vector[tensor.BHalf](0x3f80, 0xc000)},
		{"int8", typed(pb.TensorProto_INT8, ints(-128, 127)), tensor.Vector[int8](-128, 127)},
		{"uint8", typed(pb.TensorProto_UINT8, ints(255, 1)), tensor.Vector[uint8](255, 1)},
		{"int16", typed(pb.TensorProto_INT16, ints(-300, 300)), tensor.Vector[int16](-300, 300)},
		{"uint16", typed(pb.TensorProto_UINT16, ints(65535, 1)), tensor.Vector[uint16](65535, 1)},
		{"int32", typed(pb.TensorProto_INT32, ints(-1, 1<<30)), tensor.Vector[int32](-1, 1<<30)},
		{"uint32", typed(pb.TensorProto_UINT32, &pb.TensorProto{Uint64Data: []uint64{1 << 31, 1}}), tensor.Vector[uint32](1<<31, 1)},
		{"int64", typed(pb.TensorProto_INT64, &pb.TensorProto{Int64Data: []int64{-1, 1 << 62}}), tensor.Vector[int64](-1, 1<<62)},
		{"uint64", typed(pb.TensorProto_UINT64, &pb.TensorProto{Uint64Data: []uint64{1 << 63, 1}}), tensor.Vector[uint64](1<<63, 1)},
		{"bool", typed(pb.TensorProto_BOOL, ints(1, 0)), tensor.Vector(true, false)},
		{"bool, raw", typed(pb.TensorProto_BOOL, raw("\x01\x00")), tensor.Vector(true, false)},
		{"string", typed(pb.TensorProto_STRING, &pb.TensorProto{StringData: [][]byte{[]byte("日"), nil}}), tensor.Vector("日", "")},
		{"complex64", typed(pb.TensorProto_COMPLEX64, &pb.TensorProto{FloatData: []float32{1, 2, 3, 4}}), tensor.Vector[complex64](1+2i, 3+4i)},
		{"complex128", typed(pb.TensorProto_COMPLEX128, &pb.TensorProto{DoubleData: []float64{1, 2, 3, 4}}), tensor.Vector(1+2i, 3+4i)},
		{"float8", typed(pb.TensorProto_FLOAT8E4M3FN, ints(0x7e, 0xff)), tensor.Vector[tensor.F8E4M3FNBits](0x7e, 0xff)},
		{"float8, raw", typed(pb.TensorProto_FLOAT8E5M2FNUZ, raw("\x7e\xff")), tensor.Vector[tensor.F8E5M2FNUZBits](0x7e, 0xff)},
		{"int4", typed(pb.TensorProto_INT4, ints(0x8f)), tensor.Vector[tensor.Nibble](-1, -8)},
		{"int4, odd", typed(pb.TensorProto_INT4, &pb.TensorProto{Dims: []int64{3}, Int32Data: []int32{0x8f, 7}}), tensor.Vector[tensor.Nibble](-1, -8, 7)},
		{"uint4, raw", typed(pb.TensorProto_UINT4, raw("\x8f")), tensor.Vector[tensor.UNibble](15, 8)},
		{"int2", typed(pb.TensorProto_INT2, ints(0x0e)), tensor.Vector[tensor.Crumb](-2, -1)},
		{"uint2", typed(pb.TensorProto_UINT2, ints(0x0e)), tensor.Vector[tensor.UCrumb](2, 3)},
		{"float4", typed(pb.TensorProto_FLOAT4E2M1, ints(0x72)), tensor.Vector[tensor.F4E2M1Bits](2, 7)},
		{"float6, one to a number", typed(pb.TensorProto_FLOAT6E2M3, ints(63, 1)), tensor.Vector[tensor.F6E2M3Bits](63, 1)},
		{"float6, raw", typed(pb.TensorProto_FLOAT6E2M3, raw("\x7f\x00")), tensor.Vector[tensor.F6E2M3Bits](63, 1)},
		{"float8e8m0", typed(pb.TensorProto_FLOAT8E8M0, raw("\x7f\x80")), tensor.Vector[tensor.F8E8M0Bits](127, 128)},
		{"scalar", typed(pb.TensorProto_FLOAT, &pb.TensorProto{Dims: []int64{}, FloatData: []float32{5}}), tensor.Scalar[float32](5)},
		{"empty", typed(pb.TensorProto_FLOAT, &pb.TensorProto{Dims: []int64{0, 3}}), tensor.New(tensor.Float32, 0, 3)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := onnx.ReadTensor(bytesOf(t, tc.p))
			if err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestElementsRefused(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		p          *pb.TensorProto
	}{
		{"too few", "1 elements do not fill shape [2]", typed(pb.TensorProto_FLOAT, &pb.TensorProto{FloatData: []float32{1}})},
		{"too many raw bytes", "12 bytes do not fill", typed(pb.TensorProto_FLOAT, &pb.TensorProto{RawData: make([]byte, 12)})},
		{"negative", "negative", typed(pb.TensorProto_FLOAT, &pb.TensorProto{Dims: []int64{-2}, FloatData: []float32{1}})},
		{"2^60 elements", "more than", typed(pb.TensorProto_FLOAT, &pb.TensorProto{Dims: []int64{1 << 60}, FloatData: []float32{1}})},
		{"overflow", "more than", typed(pb.TensorProto_FLOAT, &pb.TensorProto{Dims: []int64{1 << 32, 1 << 32}, FloatData: []float32{1}})},
		{"nothing there", "does not hold its elements", typed(pb.TensorProto_FLOAT, &pb.TensorProto{})},
		{"unknown type", "type 99 are not known", typed(99, &pb.TensorProto{RawData: []byte{1}})},
		{"raw strings", "no fixed size", typed(pb.TensorProto_STRING, &pb.TensorProto{RawData: []byte{1}})},
		{"segment", "segments", typed(pb.TensorProto_FLOAT, &pb.TensorProto{Segment: &pb.TensorProto_Segment{}})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := onnx.ReadTensor(bytesOf(t, tc.p))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
		})
	}
}

// A large raw_data takes the way past the protocol buffer.
func TestLiftedElements(t *testing.T) {
	big := make([]byte, 1<<16)
	for i := range big {
		big[i] = byte(i * 7)
	}
	one := typed(pb.TensorProto_UINT8, &pb.TensorProto{Name: proto.String("a"), Dims: []int64{1 << 16}, RawData: big})
	small := floats("b", []int64{1}, 3)
	two := typed(pb.TensorProto_FLOAT, &pb.TensorProto{Name: proto.String("c"), Dims: []int64{1 << 14}, RawData: big})
	g := mustDecode(t, model(&pb.GraphProto{Initializer: []*pb.TensorProto{one, small, two}}))
	for name, want := range map[string][]byte{"a": big, "b": {0, 0, 0x40, 0x40}, "c": big} {
		if got := value(t, g, name).Const.LittleEndian(); string(got) != string(want) {
			t.Errorf("%s has %d other bytes", name, len(got))
		}
	}
}

func TestSparse(t *testing.T) {
	sparse := func(dims []int64, indexDims []int64, indices ...int64) *pb.SparseTensorProto {
		nnz := indexDims[0]
		return &pb.SparseTensorProto{
			Dims:   dims,
			Values: floats("w", []int64{nnz}, []float32{7, 8, 9}[:nnz]...),
			Indices: typed(pb.TensorProto_INT64, &pb.TensorProto{
				Dims: indexDims, Int64Data: indices,
			}),
		}
	}
	for _, tc := range []struct {
		name string
		p    *pb.SparseTensorProto
		want *tensor.Tensor
	}{
		{"linear", sparse([]int64{2, 3}, []int64{2}, 1, 5), tensor.Of([]float32{0, 7, 0, 0, 0, 8}, 2, 3)},
		{"coordinates", sparse([]int64{2, 3}, []int64{2, 2}, 0, 1, 1, 2), tensor.Of([]float32{0, 7, 0, 0, 0, 8}, 2, 3)},
		{"one axis", sparse([]int64{4}, []int64{1, 1}, 3), tensor.Of([]float32{0, 0, 0, 7}, 4)},
	} {
		got, err := onnx.ReadValue(bytesOf(t, tc.p), ir.SparseKind)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if !tensor.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got.F32(), tc.want.F32())
		}
	}
	for name, p := range map[string]*pb.SparseTensorProto{
		"lies outside":        sparse([]int64{2, 3}, []int64{1}, 6),
		"do not fit":          sparse([]int64{2, 3}, []int64{1, 3}, 0, 0, 0),
		"than the file":       sparse([]int64{1 << 32}, []int64{1}, 0),
		"more than":           sparse([]int64{1 << 60}, []int64{1}, 0),
		"index -1":            sparse([]int64{2}, []int64{1}, -1),
		"type 0":              {Dims: []int64{2}},
		"negative extent":     sparse([]int64{-2}, []int64{1}, 0),
		"not integers":        {Dims: []int64{2}, Values: floats("w", []int64{1}, 1), Indices: floats("", []int64{1}, 0)},
		"3 elements do not":   {Dims: []int64{2}, Values: floats("w", []int64{1}, 1, 2, 3)},
		"shape [1 1 1] do no": sparse([]int64{2}, []int64{1, 1, 1}, 0),
	} {
		if _, err := onnx.ReadValue(bytesOf(t, p), ir.SparseKind); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not say %q", err, name)
		}
	}
}

func TestReadValue(t *testing.T) {
	a, b := floats("a", []int64{1}, 1), floats("b", []int64{2}, 2, 3)
	x, y := tensor.Vector[float32](1), tensor.Vector[float32](2, 3)
	sequence := &pb.SequenceProto{TensorValues: []*pb.TensorProto{a, b}}
	for _, tc := range []struct {
		name string
		kind ir.ValueKind
		p    proto.Message
		want *tensor.Tensor
	}{
		{"tensor", ir.TensorKind, b, y},
		{"sequence", ir.SequenceKind, sequence, tensor.NewSequence(x, y)},
		{"empty sequence", ir.SequenceKind, &pb.SequenceProto{}, tensor.NewSequence()},
		{"no optional", ir.OptionalKind, &pb.OptionalProto{}, tensor.NewOptional(nil)},
		{"an optional tensor", ir.OptionalKind, &pb.OptionalProto{TensorValue: b}, tensor.NewOptional(y)},
		{"an optional sequence", ir.OptionalKind, &pb.OptionalProto{SequenceValue: sequence}, tensor.NewOptional(tensor.NewSequence(x, y))},
	} {
		got, err := onnx.ReadValue(bytesOf(t, tc.p), tc.kind)
		if err != nil || !tensor.Equal(got, tc.want) {
			t.Errorf("%s: got %v, %v", tc.name, got, err)
		}
	}
	nested := &pb.SequenceProto{SequenceValues: []*pb.SequenceProto{sequence}}
	if got, err := onnx.ReadValue(bytesOf(t, nested), ir.SequenceKind); err == nil {
		t.Errorf("a sequence of sequences: got %v", got)
	}
}
