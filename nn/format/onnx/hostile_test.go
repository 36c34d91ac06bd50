package onnx_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
)

// small is a model with a bit of everything.
func small() *pb.ModelProto {
	branch := &pb.GraphProto{
		Node:   []*pb.NodeProto{node("Relu", "", names("x"), names("r"))},
		Output: []*pb.ValueInfoProto{{Name: proto.String("r")}},
	}
	return model(&pb.GraphProto{
		Input:       []*pb.ValueInfoProto{info("x", pb.TensorProto_FLOAT, 1, 2), info("c", pb.TensorProto_BOOL)},
		Initializer: []*pb.TensorProto{floats("w", []int64{2}, 1, 2)},
		Node: []*pb.NodeProto{
			node("Add", "add", names("x", "w"), names("a")),
			node("If", "if", names("c"), names("y"), graphAttr("then_branch", branch), graphAttr("else_branch", branch)),
		},
		Output: []*pb.ValueInfoProto{info("y", pb.TensorProto_FLOAT, 1, 2), info("a", pb.TensorProto_FLOAT, 1, 2)},
	})
}

// change returns the small model with one thing changed.
func change(t *testing.T, f func(m *pb.ModelProto, g *pb.GraphProto)) []byte {
	m := small()
	f(m, m.Graph)
	return bytesOf(t, m)
}

func TestHostileGraphs(t *testing.T) {
	const f32 = pb.TensorProto_FLOAT
	for _, tc := range []struct {
		want   string
		change func(m *pb.ModelProto, g *pb.GraphProto)
	}{
		{"", func(m *pb.ModelProto, g *pb.GraphProto) {}},
		{`node "add" (Add): its input "w" is made by no node`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Initializer = nil }},
		{`output "a" is made by no node`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Node = g.Node[1:] }},
		{`initializer "w": 2 elements do not fill shape [3]`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Initializer[0].Dims[0] = 3 }},
		{`initializer "w": shape [1152921504606846976] has more`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Initializer[0].Dims[0] = 1 << 60 }},
		{`second initializer "w"`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Initializer = append(g.Initializer, g.Initializer[0]) }},
		{`second input "x"`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Input = append(g.Input, g.Input[0]) }},
		{`second value "a"`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Node[1].Output = names("y", "a") }},
		{`second value "x"`, func(m *pb.ModelProto, g *pb.GraphProto) { g.Node[0].Output = names("x") }},
		{"has a cycle", func(m *pb.ModelProto, g *pb.GraphProto) { g.Node[0].Input[0] = "a" }},
		{"has a cycle", func(m *pb.ModelProto, g *pb.GraphProto) {
			g.Node[1].Attribute[0].G.Node[0].Input[0] = "y" // a branch that reads what its If makes
		}},
		{`then_branch of node "if" (If): its output "q"`, func(m *pb.ModelProto, g *pb.GraphProto) {
			g.Node[1].Attribute[0].G.Output[0].Name = proto.String("q")
		}},
		{"has no operator", func(m *pb.ModelProto, g *pb.GraphProto) { g.Node[0].OpType = nil }},
		{"should hold a graph", func(m *pb.ModelProto, g *pb.GraphProto) { g.Node[1].Attribute[0].G = nil }},
		{"stands outside one", func(m *pb.ModelProto, g *pb.GraphProto) { g.Node[1].Attribute[0].RefAttrName = proto.String("q") }},
		{`attribute "t": shape`, func(m *pb.ModelProto, g *pb.GraphProto) {
			g.Node[0].Attribute = []*pb.AttributeProto{attr("t", &pb.AttributeProto{T: floats("", []int64{-1}, 1)})}
		}},
		{`constant "k": shape`, func(m *pb.ModelProto, g *pb.GraphProto) {
			g.Node = append(g.Node, node("Constant", "", nil, names("k"), attr("value", &pb.AttributeProto{T: floats("", []int64{-1}, 1)})))
		}},
		{"calls itself", func(m *pb.ModelProto, g *pb.GraphProto) {
			g.Node[0].OpType = proto.String("f")
			m.Functions = []*pb.FunctionProto{{Name: proto.String("f"), Output: names("o"), Node: []*pb.NodeProto{node("f", "", nil, names("o"))}}}
		}},
		{"over 4194304 nodes", func(m *pb.ModelProto, g *pb.GraphProto) {
			g.Node[0].OpType = proto.String("f0")
			for i := range 40 {
				next := fmt.Sprintf("f%d", i+1)
				m.Functions = append(m.Functions, &pb.FunctionProto{Name: proto.String(fmt.Sprintf("f%d", i)), Node: []*pb.NodeProto{node(next, "", nil, nil), node(next, "", nil, nil)}})
			}
		}},
		{"is defined twice", func(m *pb.ModelProto, g *pb.GraphProto) {
			f := &pb.FunctionProto{Name: proto.String("f")}
			m.Functions = []*pb.FunctionProto{f, f}
		}},
		{"holds no graph", func(m *pb.ModelProto, g *pb.GraphProto) { m.Graph = nil }},
		{"nested more than", func(m *pb.ModelProto, g *pb.GraphProto) {
			for range 50 {
				g.Node = []*pb.NodeProto{node("If", "", nil, nil, graphAttr("then_branch", proto.Clone(g).(*pb.GraphProto)))}
				g.Input, g.Output, g.Initializer = nil, nil, nil
			}
		}},
		{"", func(m *pb.ModelProto, g *pb.GraphProto) { // parts that are not there
			g.SparseInitializer = []*pb.SparseTensorProto{{Dims: []int64{2}}}
			g.Initializer = append(g.Initializer, &pb.TensorProto{}, &pb.TensorProto{})
			g.ValueInfo = []*pb.ValueInfoProto{{}}
			g.Node = append(g.Node, node("Constant", "", nil, names("k"), attr("sparse_value", &pb.AttributeProto{SparseTensor: &pb.SparseTensorProto{}})),
				node("Constant", "", nil, names("l"), attr("value", &pb.AttributeProto{T: &pb.TensorProto{}})),
				node("Constant", "", nil, nil))
		}},
		{"sparse initializer", func(m *pb.ModelProto, g *pb.GraphProto) {
			g.SparseInitializer = []*pb.SparseTensorProto{{Dims: []int64{1 << 33}, Values: floats("s", []int64{0}),
				Indices: &pb.TensorProto{Dims: []int64{0}, DataType: proto.Int32(int32(pb.TensorProto_INT64))}}}
		}},
		{"nested more than", func(m *pb.ModelProto, g *pb.GraphProto) {
			deep := tensorType(f32, nil)
			for range 200 {
				deep = &pb.TypeProto{Value: &pb.TypeProto_SequenceType{SequenceType: &pb.TypeProto_Sequence{ElemType: deep}}}
			}
			g.Input[0].Type = deep
		}},
	} {
		_, err := onnx.Decode(change(t, tc.change), "")
		if tc.want == "" {
			if err != nil {
				t.Errorf("a model that is right: %v", err)
			}
			continue
		}
		var format *onnx.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("error %v is no format error that says %q", err, tc.want)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	whole := bytesOf(t, small())
	bomb := protowire.AppendTag(nil, 7, protowire.BytesType)
	bomb = protowire.AppendBytes(bomb, []byte(strings.Repeat("\x0a\x00", 20<<20))) // 20 million empty nodes
	for name, tc := range map[string]struct {
		data []byte
		want string
	}{
		"empty":        {nil, "empty"},
		"text":         {[]byte("hello, this is no model at all"), "not an ONNX model"},
		"zeros":        {make([]byte, 100), "not an ONNX model"},
		"pointer":      {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:1"), "git lfs pull"},
		"ORT format":   {[]byte("\x10\x00\x00\x00ORTM\x00\x00\x00\x00"), "ONNX Runtime's own format"},
		"cut":          {whole[:len(whole)-5], "cut off"},
		"2^63 bytes":   {protowire.AppendVarint([]byte{7<<3 | 2}, 1<<63), "cut off"},
		"a group":      {[]byte{1<<3 | 3, 1<<3 | 4}, "not an ONNX model"},
		"empty nodes":  {bomb, "far more memory"},
		"no end":       {[]byte(strings.Repeat("\xff", 20)), "not an ONNX model"},
		"wrong number": {[]byte{0x00, 0x01}, "not an ONNX model"},
	} {
		_, err := onnx.Decode(tc.data, "")
		var format *onnx.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v is no format error that says %q", name, err, tc.want)
		}
	}
}

// Every beginning of a model is refused or read, and takes no time.
func TestEveryTruncation(t *testing.T) {
	whole := bytesOf(t, small())
	for n := range whole {
		if g, err := onnx.Decode(whole[:n], ""); err == nil && g == nil {
			t.Fatalf("%d bytes gave neither a graph nor an error", n)
		}
	}
}

func FuzzDecode(f *testing.F) {
	whole := bytesOf(f, small())
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte{})
	m := small()
	m.Functions = []*pb.FunctionProto{{Name: proto.String("f"), Input: names("a"), Output: names("a"), Node: []*pb.NodeProto{node("f", "", nil, nil)}}}
	m.Graph.SparseInitializer = []*pb.SparseTensorProto{{Dims: []int64{2}, Values: floats("s", []int64{1}, 5),
		Indices: &pb.TensorProto{Dims: []int64{1}, DataType: proto.Int32(7), Int64Data: []int64{1}}}}
	m.Graph.Node = append(m.Graph.Node, node("Constant", "", nil, names("k"), attr("value_floats", &pb.AttributeProto{Floats: []float32{1}})))
	m.Graph.Initializer = append(m.Graph.Initializer,
		&pb.TensorProto{Name: proto.String("big"), Dims: []int64{5000}, DataType: proto.Int32(3), RawData: make([]byte, 5000)},
		&pb.TensorProto{Name: proto.String("ext"), Dims: []int64{2}, DataType: proto.Int32(1), DataLocation: pb.TensorProto_EXTERNAL.Enum(),
			ExternalData: []*pb.StringStringEntryProto{{Key: proto.String("location"), Value: proto.String("w.bin")}}})
	f.Add(bytesOf(f, m))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		onnx.Sniff(data)
		onnx.ReadTensor(data)
		onnx.ReadValue(data, ir.SequenceKind)
		onnx.ReadValue(data, ir.OptionalKind)
		g, err := onnx.Decode(data, dir)
		var format *onnx.FormatError
		if err != nil && !errors.As(err, &format) {
			t.Errorf("error %T: %v", err, err)
		}
		if err == nil {
			checkGraph(t, g)
		}
	})
}

// checkGraph looks whether a graph keeps the promises of package ir.
func checkGraph(t *testing.T, g *ir.Graph) {
	seen := map[string]bool{}
	made := make([]bool, len(g.Values))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Name == "" || seen[n.Name] {
			t.Errorf("node %d is called %q", i, n.Name)
		}
		seen[n.Name] = true
		for _, v := range n.Reads() {
			if g.Values[v].Producer != ir.None && !made[v] {
				t.Errorf("node %q reads %q before it is made", n.Name, g.Values[v].Name)
			}
		}
		for _, v := range n.Outputs {
			if v != ir.None {
				made[v] = true
			}
		}
		for _, sub := range n.Subgraphs() {
			checkGraph(t, sub)
		}
	}
	for i := range g.Values {
		if v := &g.Values[i]; (v.Producer != ir.None) != made[i] || v.Const != nil && v.Missing != "" {
			t.Errorf("value %+v", v)
		}
	}
}
