package onnx_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
)

// The helpers below write models for the tests of this package.

func model(g *pb.GraphProto) *pb.ModelProto {
	return &pb.ModelProto{
		IrVersion:   proto.Int64(8),
		OpsetImport: []*pb.OperatorSetIdProto{{Version: proto.Int64(17)}},
		Graph:       g,
	}
}

func bytesOf(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t testing.TB, m *pb.ModelProto) (*ir.Graph, error) {
	t.Helper()
	return onnx.Decode(bytesOf(t, m), "")
}

func mustDecode(t testing.TB, m *pb.ModelProto) *ir.Graph {
	t.Helper()
	g, err := decode(t, m)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func node(op, name string, in, out []string, attrs ...*pb.AttributeProto) *pb.NodeProto {
	return &pb.NodeProto{OpType: &op, Name: &name, Input: in, Output: out, Attribute: attrs}
}

func names(s ...string) []string { return s }

func info(name string, dtype pb.TensorProto_DataType, dims ...int64) *pb.ValueInfoProto {
	shape := &pb.TensorShapeProto{}
	for _, d := range dims {
		shape.Dim = append(shape.Dim, &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: d}})
	}
	return &pb.ValueInfoProto{Name: &name, Type: tensorType(dtype, shape)}
}

func tensorType(dtype pb.TensorProto_DataType, shape *pb.TensorShapeProto) *pb.TypeProto {
	return &pb.TypeProto{Value: &pb.TypeProto_TensorType{TensorType: &pb.TypeProto_Tensor{
		ElemType: proto.Int32(int32(dtype)), Shape: shape,
	}}}
}

func floats(name string, dims []int64, v ...float32) *pb.TensorProto {
	return &pb.TensorProto{Name: &name, Dims: dims, DataType: proto.Int32(int32(pb.TensorProto_FLOAT)), FloatData: v}
}

func attr(name string, a *pb.AttributeProto) *pb.AttributeProto {
	a.Name = &name
	return a
}

func graphAttr(name string, g *pb.GraphProto) *pb.AttributeProto {
	return attr(name, &pb.AttributeProto{Type: pb.AttributeProto_GRAPH.Enum(), G: g})
}

// value finds a value that must be there.
func value(t testing.TB, g *ir.Graph, name string) *ir.Value {
	t.Helper()
	id := g.ValueByName(name)
	if id == ir.None {
		t.Fatalf("no value %q", name)
	}
	return &g.Values[id]
}

func valueNames(g *ir.Graph, ids []ir.ValueID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		if id != ir.None {
			out[i] = g.Values[id].Name
		}
	}
	return out
}

func nodeNames(g *ir.Graph) []string {
	out := make([]string, len(g.Nodes))
	for i := range g.Nodes {
		out[i] = g.Nodes[i].Name
	}
	return out
}
