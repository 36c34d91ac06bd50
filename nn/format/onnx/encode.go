package onnx

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// irVersion is that of the files written here: 8 came with opset 15 to 18.
const irVersion = 8

// Write encodes g into a file, which is whole or absent at any time.
func Write(path string, g *ir.Graph) error {
	raw, err := Encode(g)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".onnx-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(raw)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

// Encode writes g as an ONNX model with its weights inside. Operators of other
// domains than ONNX's are written as they are. It errs on what the format
// cannot hold: weights that are missing, functions, and element types of its
// future.
func Encode(g *ir.Graph) ([]byte, error) {
	m, err := encodeModel(g)
	if err != nil {
		return nil, err
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// EncodeApart is Encode with the elements of large constants left out, those of
// at least so many bytes. They are written as external data of a file that
// there is none of, and returned by their IDs: who reads the model is to be
// handed them by their names.
func EncodeApart(g *ir.Graph, least int) (model []byte, apart []ir.ValueID, err error) {
	rest := *g
	rest.Values = slices.Clone(g.Values)
	for i := range rest.Values {
		if c := rest.Values[i].Const; c != nil && c.Bytes() >= least && c.DType() != tensor.String {
			apart = append(apart, ir.ValueID(i))
			rest.Values[i].Const = nil
		}
	}
	m, err := encodeModel(&rest)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range apart {
		t, err := describeTensor(g.Values[v].Name, g.Values[v].Const)
		if err != nil {
			return nil, nil, err
		}
		t.DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
		t.ExternalData = []*onnxpb.StringStringEntryProto{{Key: proto.String("location"), Value: proto.String("apart")}}
		m.Graph.Initializer = append(m.Graph.Initializer, t)
	}
	model, err = proto.MarshalOptions{Deterministic: true}.Marshal(m)
	return model, apart, err
}

func encodeModel(g *ir.Graph) (*onnxpb.ModelProto, error) {
	if len(g.Functions) > 0 {
		return nil, fmt.Errorf("a graph with functions cannot be written yet")
	}
	body, err := encodeGraph(g)
	if err != nil {
		return nil, err
	}
	m := &onnxpb.ModelProto{
		IrVersion:       proto.Int64(irVersion),
		ProducerName:    proto.String("tomo"),
		ProducerVersion: proto.String(g.Meta["producer_version"]),
		Graph:           body,
	}
	for _, domain := range slices.Sorted(maps.Keys(g.Opsets)) {
		m.OpsetImport = append(m.OpsetImport, &onnxpb.OperatorSetIdProto{Domain: proto.String(domain), Version: proto.Int64(int64(g.Opsets[domain]))})
	}
	return m, nil
}

func encodeGraph(g *ir.Graph) (*onnxpb.GraphProto, error) {
	p := &onnxpb.GraphProto{Name: proto.String(g.Name), DocString: proto.String(g.Doc)}
	for _, v := range g.Inputs {
		p.Input = append(p.Input, encodeValue(&g.Values[v]))
	}
	for _, v := range g.Outputs {
		p.Output = append(p.Output, encodeValue(&g.Values[v]))
	}
	for i := range g.Values {
		v := &g.Values[i]
		if v.Missing != "" {
			return nil, fmt.Errorf("the elements of %q are missing: %s", v.Name, v.Missing)
		}
		if v.Const != nil {
			t, err := encodeTensor(v.Name, v.Const)
			if err != nil {
				return nil, err
			}
			p.Initializer = append(p.Initializer, t)
		}
	}
	for i := range g.Nodes {
		n, err := encodeNode(g, &g.Nodes[i])
		if err != nil {
			return nil, err
		}
		p.Node = append(p.Node, n)
	}
	return p, nil
}

func encodeNode(g *ir.Graph, n *ir.Node) (*onnxpb.NodeProto, error) {
	p := &onnxpb.NodeProto{
		Name: proto.String(n.Name), OpType: proto.String(n.Op), Domain: proto.String(n.Domain), DocString: proto.String(n.Doc),
		Input: names(g, n.Inputs), Output: names(g, n.Outputs),
	}
	for _, name := range slices.Sorted(maps.Keys(n.Attrs)) {
		a, err := encodeAttr(name, n.Attrs[name].Value)
		if err != nil {
			return nil, fmt.Errorf("node %q: %w", n.Name, err)
		}
		p.Attribute = append(p.Attribute, a)
	}
	return p, nil
}

// names lists values by name; one that is left out has the empty name.
func names(g *ir.Graph, ids []ir.ValueID) []string {
	out := make([]string, len(ids))
	for i, v := range ids {
		if v != ir.None {
			out[i] = g.Values[v].Name
		}
	}
	return out
}

func encodeAttr(name string, value any) (*onnxpb.AttributeProto, error) {
	a := &onnxpb.AttributeProto{Name: proto.String(name)}
	var err error
	switch v := value.(type) {
	case int64:
		a.Type, a.I = onnxpb.AttributeProto_INT.Enum(), &v
	case float32:
		a.Type, a.F = onnxpb.AttributeProto_FLOAT.Enum(), &v
	case string:
		a.Type, a.S = onnxpb.AttributeProto_STRING.Enum(), []byte(v)
	case []int64:
		a.Type, a.Ints = onnxpb.AttributeProto_INTS.Enum(), v
	case []float32:
		a.Type, a.Floats = onnxpb.AttributeProto_FLOATS.Enum(), v
	case []string:
		a.Type = onnxpb.AttributeProto_STRINGS.Enum()
		for _, s := range v {
			a.Strings = append(a.Strings, []byte(s))
		}
	case *tensor.Tensor:
		a.Type = onnxpb.AttributeProto_TENSOR.Enum()
		a.T, err = encodeTensor("", v)
	case *ir.Graph:
		a.Type = onnxpb.AttributeProto_GRAPH.Enum()
		a.G, err = encodeGraph(v)
	default:
		return nil, fmt.Errorf("attribute %q is a %T, which cannot be written", name, value)
	}
	return a, err
}

func encodeTensor(name string, t *tensor.Tensor) (*onnxpb.TensorProto, error) {
	p, err := describeTensor(name, t)
	if err != nil {
		return nil, err
	}
	if t.DType() == tensor.String {
		for _, s := range tensor.Data[string](t) {
			p.StringData = append(p.StringData, []byte(s))
		}
		return p, nil
	}
	p.RawData = t.LittleEndian()
	return p, nil
}

// describeTensor leaves out the elements.
func describeTensor(name string, t *tensor.Tensor) (*onnxpb.TensorProto, error) {
	p := &onnxpb.TensorProto{Name: proto.String(name), DataType: proto.Int32(int32(DataType(t.DType())))}
	if p.GetDataType() == 0 {
		return nil, fmt.Errorf("constant %q is %s, which ONNX has no number for", name, t.DType())
	}
	for _, d := range t.Shape() {
		p.Dims = append(p.Dims, int64(d))
	}
	return p, nil
}

func encodeValue(v *ir.Value) *onnxpb.ValueInfoProto {
	if v.DType == tensor.Invalid { // no type is written, not one that is not known
		return &onnxpb.ValueInfoProto{Name: proto.String(v.Name), DocString: proto.String(v.Doc)}
	}
	t := &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(DataType(v.DType)))}
	if v.Shape != nil {
		t.Shape = &onnxpb.TensorShapeProto{}
		for _, d := range v.Shape {
			t.Shape.Dim = append(t.Shape.Dim, encodeDim(d))
		}
	}
	return &onnxpb.ValueInfoProto{
		Name: proto.String(v.Name), DocString: proto.String(v.Doc),
		Type: &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: t}},
	}
}

func encodeDim(d ir.Dim) *onnxpb.TensorShapeProto_Dimension {
	switch {
	case d.IsKnown():
		return &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: int64(d.N)}}
	case d.Sym != "":
		return &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: d.Sym}}
	}
	return &onnxpb.TensorShapeProto_Dimension{}
}
