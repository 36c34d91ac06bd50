package onnx_test

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Before IR 4 every weight is listed as an input.
func TestOldInputs(t *testing.T) {
	m := model(&pb.GraphProto{
		Input:       []*pb.ValueInfoProto{info("x", pb.TensorProto_FLOAT, 0, 2), info("w", pb.TensorProto_FLOAT, 2)},
		Output:      []*pb.ValueInfoProto{info("y", pb.TensorProto_FLOAT, 1, 2)},
		Initializer: []*pb.TensorProto{floats("w", []int64{2}, 1, 2)},
		Node:        []*pb.NodeProto{node("Add", "", names("x", "w"), names("y"))},
	})
	m.IrVersion = proto.Int64(3)
	g := mustDecode(t, m)
	if got := valueNames(g, g.Inputs); !slices.Equal(got, names("x")) {
		t.Errorf("inputs %v, want only x", got)
	}
	if x := value(t, g, "x"); x.Shape.String() != "?×2" || x.DType != tensor.Float32 {
		t.Errorf("x is %v %v; an extent of 0 meant unknown then", x.DType, x.Shape)
	}
	if w := value(t, g, "w"); w.Const == nil || w.Producer != ir.None || w.Literal {
		t.Errorf("w is %+v", w)
	}
	if y := value(t, g, "y"); y.Shape.String() != "1×2" || y.Producer != 0 {
		t.Errorf("y is %+v", y)
	}
}

func TestDims(t *testing.T) {
	sym := func(s string) *pb.TensorShapeProto_Dimension {
		return &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimParam{DimParam: s}}
	}
	num := func(n int64) *pb.TensorShapeProto_Dimension {
		return &pb.TensorShapeProto_Dimension{Value: &pb.TensorShapeProto_Dimension_DimValue{DimValue: n}}
	}
	g := mustDecode(t, model(&pb.GraphProto{Input: []*pb.ValueInfoProto{
		{Name: proto.String("x"), Type: tensorType(pb.TensorProto_FLOAT, &pb.TensorShapeProto{
			Dim: []*pb.TensorShapeProto_Dimension{sym("batch"), num(3), num(-1), sym("?"), {}, num(0)},
		})},
		{Name: proto.String("any"), Type: tensorType(pb.TensorProto_INT64, nil)},
		{Name: proto.String("scalar"), Type: tensorType(pb.TensorProto_BOOL, &pb.TensorShapeProto{})},
		{Name: proto.String("list"), Type: &pb.TypeProto{Value: &pb.TypeProto_SequenceType{
			SequenceType: &pb.TypeProto_Sequence{ElemType: tensorType(pb.TensorProto_FLOAT16, nil)},
		}}},
		{Name: proto.String("untyped")},
	}}))
	for name, want := range map[string]string{"x": "batch×3×?×?×?×0", "any": "?", "scalar": "scalar", "untyped": "?"} {
		if got := value(t, g, name).Shape.String(); got != want {
			t.Errorf("%s has shape %s, want %s", name, got, want)
		}
	}
	if list := value(t, g, "list"); list.Kind != ir.SequenceKind || list.DType != tensor.Float16 {
		t.Errorf("list is %+v", list)
	}
}

func TestConstantNodes(t *testing.T) {
	c := func(out, name string, a *pb.AttributeProto) *pb.NodeProto {
		return node("Constant", "", nil, names(out), attr(name, a))
	}
	sparse := &pb.SparseTensorProto{Dims: []int64{2}, Values: floats("", []int64{1}, 5),
		Indices: typed(pb.TensorProto_INT64, &pb.TensorProto{Dims: []int64{1}, Int64Data: []int64{1}})}
	g := mustDecode(t, model(&pb.GraphProto{
		Node: []*pb.NodeProto{
			c("tensor", "value", &pb.AttributeProto{T: floats("", []int64{1}, 1)}),
			c("sparse", "sparse_value", &pb.AttributeProto{SparseTensor: sparse}),
			c("float", "value_float", &pb.AttributeProto{F: proto.Float32(2)}),
			c("floats", "value_floats", &pb.AttributeProto{Floats: []float32{3, 4}}),
			c("int", "value_int", &pb.AttributeProto{I: proto.Int64(5)}),
			c("ints", "value_ints", &pb.AttributeProto{Ints: []int64{6}}),
			c("string", "value_string", &pb.AttributeProto{S: []byte("s")}),
			c("strings", "value_strings", &pb.AttributeProto{Strings: [][]byte{[]byte("t")}}),
		},
		Output: []*pb.ValueInfoProto{{Name: proto.String("tensor")}},
	}))
	if len(g.Nodes) != 0 {
		t.Errorf("nodes %v remain", nodeNames(g))
	}
	for name, want := range map[string]*tensor.Tensor{
		"tensor": tensor.Vector[float32](1), "sparse": tensor.Vector[float32](0, 5), "float": tensor.Scalar[float32](2),
		"floats": tensor.Vector[float32](3, 4), "int": tensor.Scalar[int64](5), "ints": tensor.Vector[int64](6),
		"string": tensor.Scalar("s"), "strings": tensor.Vector("t"),
	} {
		if v := value(t, g, name); v.Const == nil || !tensor.Equal(v.Const, want) || !v.Literal {
			t.Errorf("%s is %+v, want %v", name, v, want)
		}
	}
}

// Attributes as files of IR 1 have them, without a type, and as later ones do.
func TestAttributes(t *testing.T) {
	untyped := []*pb.AttributeProto{
		attr("f", &pb.AttributeProto{F: proto.Float32(0)}), attr("i", &pb.AttributeProto{I: proto.Int64(-3)}),
		attr("s", &pb.AttributeProto{S: []byte("SAME")}), attr("floats", &pb.AttributeProto{Floats: []float32{1}}),
		attr("ints", &pb.AttributeProto{Ints: []int64{2, 3}}), attr("strings", &pb.AttributeProto{Strings: [][]byte{[]byte("a")}}),
		attr("t", &pb.AttributeProto{T: floats("", []int64{1}, 9)}),
	}
	types := []pb.AttributeProto_AttributeType{pb.AttributeProto_FLOAT, pb.AttributeProto_INT, pb.AttributeProto_STRING,
		pb.AttributeProto_FLOATS, pb.AttributeProto_INTS, pb.AttributeProto_STRINGS, pb.AttributeProto_TENSOR}
	var typed []*pb.AttributeProto
	for i, a := range untyped {
		a = proto.Clone(a).(*pb.AttributeProto)
		a.Type = &types[i]
		typed = append(typed, a)
	}
	typed = append(typed,
		attr("none", &pb.AttributeProto{Type: pb.AttributeProto_INTS.Enum()}),
		attr("type", &pb.AttributeProto{Type: pb.AttributeProto_TYPE_PROTO.Enum(), Tp: &pb.TypeProto{Value: &pb.TypeProto_SequenceType{
			SequenceType: &pb.TypeProto_Sequence{ElemType: tensorType(pb.TensorProto_FLOAT, nil)}}}}))
	for name, list := range map[string][]*pb.AttributeProto{"IR 1": untyped, "later": typed} {
		g := mustDecode(t, model(&pb.GraphProto{Node: []*pb.NodeProto{node("Op", "n", nil, names("y"), list...)}}))
		a := g.Nodes[0].Attrs
		if !a.Has("f") || a.Float("f", 5) != 0 || a.Int("i", 0) != -3 || a.Str("s", "") != "SAME" ||
			!slices.Equal(a.Floats("floats"), []float32{1}) || !slices.Equal(a.Ints("ints"), []int{2, 3}) ||
			!slices.Equal(a.Strs("strings"), names("a")) || a.Tensor("t").F32()[0] != 9 {
			t.Errorf("%s: attributes %v", name, a)
		}
		if name == "later" && (a.Str("type", "") != "seq(float32)" || !a.Has("none") || len(a.Ints("none")) != 0) {
			t.Errorf("%s: attributes %v", name, a)
		}
	}
}

func TestNodeNames(t *testing.T) {
	out := func(i int) []string { return names(string(rune('a' + i))) }
	var nodes []*pb.NodeProto
	for i, n := range []struct{ op, name string }{
		{"Conv", ""}, {"Relu", ""}, {"Conv", "stem"}, {"Conv", ""}, {"Conv", "stem"}, {"Conv", "stem_1"}, {"Relu", "Relu_1"}, {"Relu", ""}, {"Relu", ""},
	} {
		nodes = append(nodes, node(n.op, n.name, nil, out(i)))
	}
	g := mustDecode(t, model(&pb.GraphProto{Node: nodes}))
	want := names("Conv_0", "Relu_0", "stem", "Conv_2", "stem_2", "stem_1", "Relu_1", "Relu_2", "Relu_3")
	if got := nodeNames(g); !slices.Equal(got, want) {
		t.Errorf("names %v\nwant  %v", got, want)
	}
}

// Nodes may stand in any order, and inputs and outputs may be left out.
func TestConnections(t *testing.T) {
	g := mustDecode(t, model(&pb.GraphProto{
		Input: []*pb.ValueInfoProto{info("x", pb.TensorProto_FLOAT, 1)},
		Node: []*pb.NodeProto{
			node("Relu", "second", names("m"), names("y")),
			node("Clip", "first", names("x", "", "x"), names("m", "")),
		},
		Output:    []*pb.ValueInfoProto{info("y", pb.TensorProto_FLOAT, 1)},
		ValueInfo: []*pb.ValueInfoProto{info("m", pb.TensorProto_FLOAT, 1), info("nothing", pb.TensorProto_FLOAT, 1)},
	}))
	if got := nodeNames(g); !slices.Equal(got, names("first", "second")) {
		t.Errorf("order %v", got)
	}
	if got := valueNames(g, g.Nodes[0].Inputs); !slices.Equal(got, names("x", "", "x")) {
		t.Errorf("inputs %v", got)
	}
	if m := value(t, g, "m"); m.DType != tensor.Float32 || m.Producer != 0 {
		t.Errorf("m is %+v", m)
	}
}

func TestSubgraphs(t *testing.T) {
	inner := &pb.GraphProto{
		Node:   []*pb.NodeProto{node("Add", "deep", names("x", "late"), names("d"))},
		Output: []*pb.ValueInfoProto{{Name: proto.String("d")}},
	}
	then := &pb.GraphProto{
		Node:   []*pb.NodeProto{node("If", "inner_if", names("c"), names("r"), graphAttr("then_branch", inner))},
		Output: []*pb.ValueInfoProto{{Name: proto.String("r")}},
	}
	other := &pb.GraphProto{Output: []*pb.ValueInfoProto{{Name: proto.String("x")}}}
	g := mustDecode(t, model(&pb.GraphProto{
		Input: []*pb.ValueInfoProto{info("x", pb.TensorProto_FLOAT, 4), info("c", pb.TensorProto_BOOL)},
		Node: []*pb.NodeProto{
			node("If", "if", names("c"), names("y"), graphAttr("then_branch", then), graphAttr("else_branch", other)),
			node("Relu", "relu", names("x"), names("late")),
		},
		Output: []*pb.ValueInfoProto{info("y", pb.TensorProto_FLOAT, 4)},
	}))
	if got := nodeNames(g); !slices.Equal(got, names("relu", "if")) {
		t.Fatalf("order %v: what a subgraph captures comes first", got)
	}
	n := &g.Nodes[1]
	if got := valueNames(g, n.Reads()); !slices.Equal(got, names("c", "x", "x", "c", "late")) {
		t.Errorf("the node reads %v", got)
	}
	sub := n.Attrs.Graph("then_branch")
	deep := sub.Nodes[0].Attrs.Graph("then_branch")
	for _, in := range []*ir.Graph{sub, deep} {
		x := in.ValueByName("x")
		if x == ir.None || in.Values[x].Shape.String() != "4" || in.Captures[x] == x && in == deep {
			t.Errorf("x in the subgraph is %v, captured as %v", x, in.Captures)
		}
	}
	if out := n.Attrs.Graph("else_branch"); !slices.Equal(valueNames(out, out.Outputs), names("x")) || len(out.Captures) != 1 {
		t.Errorf("an output that is a captured value: %+v", out)
	}
	if sub.Version("") != 17 {
		t.Errorf("the subgraph has opset %d", sub.Version(""))
	}
}

func TestFunctions(t *testing.T) {
	m := model(&pb.GraphProto{
		Input:  []*pb.ValueInfoProto{info("x", pb.TensorProto_FLOAT, 1)},
		Output: []*pb.ValueInfoProto{info("y", pb.TensorProto_FLOAT, 1)},
		Node:   []*pb.NodeProto{node("Leaky", "n", names("x"), names("y")), node("Relu", "r", names("x"), names("z"))},
	})
	m.Graph.Node[0].Domain, m.Graph.Node[0].Overload = proto.String("mine"), proto.String("v2")
	function := func(overload string) *pb.FunctionProto {
		return &pb.FunctionProto{
			Domain: proto.String("mine"), Name: proto.String("Leaky"), Overload: &overload,
			Input: names("a"), Output: names("b"), Attribute: names("slope"),
			AttributeProto: []*pb.AttributeProto{attr("alpha", &pb.AttributeProto{F: proto.Float32(0.5)})},
			Node: []*pb.NodeProto{
				node("Constant", "", nil, names("s"), attr("value_float", &pb.AttributeProto{RefAttrName: proto.String("slope")})),
				node("Mul", "", names("a", "s"), names("b")),
			},
			OpsetImport: []*pb.OperatorSetIdProto{{Domain: proto.String("ai.onnx"), Version: proto.Int64(14)}},
		}
	}
	m.Functions = []*pb.FunctionProto{function(""), function("v2")}
	g := mustDecode(t, m)
	f := g.Function(&g.Nodes[0])
	if f == nil || f.Overload != "v2" || g.Function(&g.Nodes[1]) != nil {
		t.Fatalf("functions %v", slices.Collect(maps.Keys(g.Functions)))
	}
	if !slices.Equal(f.Attrs, names("slope", "alpha")) || f.Defaults.Float("alpha", 0) != 0.5 {
		t.Errorf("attributes %v, defaults %v", f.Attrs, f.Defaults)
	}
	body := f.Body
	if len(body.Nodes) != 2 || body.Nodes[0].Attrs["value_float"].Value != (ir.Ref{Name: "slope"}) || body.Nodes[1].Version != 14 {
		t.Errorf("body %+v", body.Nodes)
	}
	if !slices.Equal(valueNames(body, body.Inputs), names("a")) || !slices.Equal(valueNames(body, body.Outputs), names("b")) {
		t.Errorf("body from %v to %v", valueNames(body, body.Inputs), valueNames(body, body.Outputs))
	}
}

func TestModuleFromMetadata(t *testing.T) {
	for _, tc := range []struct{ key, value, want string }{
		{"pkg.torch.onnx.name_scopes", `['', 'layer1', "layer1.0", 'layer1.0.conv1', 'conv2d_1']`, "layer1.0.conv1"},
		{"pkg.torch.onnx.name_scopes", "['', 'add']", ""},
		{"pkg.torch.onnx.name_scopes", "nonsense", ""},
		{"pkg.torch.onnx.name_scopes", "['unfinished, 'x", ""},
		{"namespace", ": __main__.Net/network: torch.nn.modules.container.Sequential/network.0: torch.nn.modules.linear.Linear/linear: aten.linear.default", "network.0"},
		{"namespace", "", ""},
		{"pkg.torch.onnx.stack_trace", "a/b/c", ""},
	} {
		n := node("Conv", "conv", nil, names("y"))
		n.MetadataProps = []*pb.StringStringEntryProto{{Key: &tc.key, Value: &tc.value}}
		g := mustDecode(t, model(&pb.GraphProto{Node: []*pb.NodeProto{n}}))
		if got := g.Nodes[0].Module; got != tc.want {
			t.Errorf("%s %s: module %q, want %q", tc.key, tc.value, got, tc.want)
		}
	}
}

func TestMetaAndModule(t *testing.T) {
	prop := func(k, v string) *pb.StringStringEntryProto { return &pb.StringStringEntryProto{Key: &k, Value: &v} }
	in := info("x", pb.TensorProto_FLOAT, 1)
	in.Type.Denotation = proto.String("IMAGE")
	in.Type.GetTensorType().Shape.Dim[0].Denotation = proto.String("DATA_BATCH")
	n := node("Conv", "conv", names("x"), names("y"))
	n.MetadataProps = []*pb.StringStringEntryProto{prop("namespace", ": R/layer1: S"),
		prop("pkg.torch.onnx.name_scopes", `['', 'layer1', "layer1.0", 'layer1.0.conv1', 'conv2d_1']`)}
	m := model(&pb.GraphProto{Name: proto.String("net"), DocString: proto.String("a graph"), Input: []*pb.ValueInfoProto{in}, Node: []*pb.NodeProto{n}})
	m.ProducerName, m.ProducerVersion, m.Domain, m.ModelVersion = proto.String("pytorch"), proto.String("2.9"), proto.String("org.x"), proto.Int64(3)
	m.MetadataProps = []*pb.StringStringEntryProto{prop("author", "me")}
	m.OpsetImport = append(m.OpsetImport, &pb.OperatorSetIdProto{Domain: proto.String("ai.onnx"), Version: proto.Int64(13)}, &pb.OperatorSetIdProto{Domain: proto.String("com.microsoft"), Version: proto.Int64(1)})
	g := mustDecode(t, m)
	want := map[string]string{"format": "onnx", "ir_version": "8", "producer_name": "pytorch", "producer_version": "2.9", "domain": "org.x",
		"model_version": "3", "metadata.author": "me", "denotation.x": "IMAGE", "denotation.x.0": "DATA_BATCH"}
	if !maps.Equal(g.Meta, want) {
		t.Errorf("meta %v\nwant %v", g.Meta, want)
	}
	if g.Name != "net" || g.Doc != "a graph" {
		t.Errorf("name %q, doc %q", g.Name, g.Doc)
	}
	if !maps.Equal(g.Opsets, map[string]int{"": 17, "com.microsoft": 1}) {
		t.Errorf("opsets %v: the highest of a domain counts", g.Opsets)
	}
	if g.Nodes[0].Module != "layer1.0.conv1" {
		t.Errorf("module %q", g.Nodes[0].Module)
	}
}
