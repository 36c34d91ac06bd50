package cli_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// A hostile is a model file that is wrong in one way, the verb that meets it,
// and words of the sentence that says so.
type hostile struct {
	verb string
	data []byte
	want []string
}

// hostileModels are models that were damaged, or made to do damage.
func hostileModels(t *testing.T) map[string]hostile {
	conv := func(dims ...int64) *pb.TensorProto {
		return &pb.TensorProto{Name: proto.String("w"), DataType: proto.Int32(1), Dims: dims, RawData: make([]byte, 4*4*3*3*3)}
	}
	outside := conv(4, 3, 3, 3)
	outside.RawData = nil
	outside.DataLocation = pb.TensorProto_EXTERNAL.Enum()
	outside.ExternalData = []*pb.StringStringEntryProto{{Key: proto.String("location"), Value: proto.String("../../../etc/passwd")}}
	return map[string]hostile{
		"wrong-dims":     {"arch", modelOf(t, conv(4, 3, 3, 4), convNode("x", "w", "y")), []string{`"w"`}},
		"negative-dims":  {"arch", modelOf(t, conv(-4, 3, 3, 3), convNode("x", "w", "y")), []string{`"w"`}},
		"huge-tensor":    {"arch", modelOf(t, conv(1<<20, 1<<20, 1<<20), convNode("x", "w", "y")), []string{`"w"`}},
		"wrong-channels": {"arch", modelOf(t, conv(4, 3, 3, 3), convNode("x", "w", "a"), convNode("a", "w", "y")), []string{"node"}},
		"cycle": {"arch", modelOf(t, conv(4, 3, 3, 3),
			op("Add", "first", []string{"x", "b"}, "a"), op("Relu", "second", []string{"a"}, "b"), op("Relu", "third", []string{"b"}, "y")), []string{"cycle", "first"}},
		"missing-weight": {"arch", modelOf(t, conv(4, 3, 3, 3), convNode("x", "v", "y")), []string{`"v"`}},
		"climbing-path":  {"arch", modelOf(t, outside, convNode("x", "w", "y")), []string{"passwd"}},
		"unknown-operator": {"cam", modelOf(t, conv(4, 3, 3, 3), convNode("x", "w", "a"), op("Frobnicate", "frob", []string{"a"}, "b"),
			op("GlobalAveragePool", "pool", []string{"b"}, "y")), []string{"Frobnicate", "frob"}},
	}
}

// modelOf is a model of one picture input x, one weight and output y.
func modelOf(t *testing.T, weight *pb.TensorProto, nodes ...*pb.NodeProto) []byte {
	t.Helper()
	raw, err := proto.Marshal(&pb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*pb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		Graph: &pb.GraphProto{
			Name: proto.String("net"), Node: nodes, Initializer: []*pb.TensorProto{weight},
			Input:  []*pb.ValueInfoProto{value("x", 1, 3, 64, 64)},
			Output: []*pb.ValueInfoProto{value("y", 1, 4, 1, 1)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func value(name string, dims ...int64) *pb.ValueInfoProto {
	shape := &pb.TensorShapeProto{}
	for _, d := range dims {
		shape.Dim = append(shape.Dim, &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: d}})
	}
	return &pb.ValueInfoProto{Name: proto.String(name), Type: &pb.TypeProto{Value: &pb.TypeProto_TensorType{
		TensorType: &pb.TypeProto_Tensor{ElemType: proto.Int32(1), Shape: shape},
	}}}
}

func convNode(x, w, y string) *pb.NodeProto { return op("Conv", "conv-"+y, []string{x, w}, y) }

func op(kind, name string, inputs []string, output string) *pb.NodeProto {
	return &pb.NodeProto{OpType: proto.String(kind), Name: proto.String(name), Input: inputs, Output: []string{output}}
}

// TestUnknownOperatorDraws asserts that what cannot run can still be seen.
func TestUnknownOperatorDraws(t *testing.T) {
	b := newBench(t)
	path := b.write(t, "odd.onnx", hostileModels(t)["unknown-operator"].data)
	r := tomo("arch", path, "-o", b.path("odd.svg"))
	if r.code != 0 || len(r.stderr) == 0 {
		t.Fatalf("exit %d: %s", r.code, r.stderr)
	}
	refused(t, []string{"cam", path, b.image, "-o", b.path("odd.png")}, []string{"Frobnicate"})
}
