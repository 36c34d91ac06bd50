package onnx

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A scope builds one graph: the main one, a subgraph or a function's body. It
// first declares every value and then connects the nodes, so that nodes may
// stand in any order and subgraphs may name values of the graphs around them.
type scope struct {
	r          *reader
	g          *ir.Graph
	where      string // for errors
	parent     *scope // nil for the main graph and for functions
	ids        map[string]ir.ValueID
	namer      namer
	payloads   [][]byte
	zeroIsFree bool // before IR 4: an extent of 0 is an unknown one
	inBody     bool // of a function: attributes may refer to the caller's
}

func (r *reader) newScope(where string, parent *scope, opsets map[string]int) *scope {
	g := ir.New("")
	g.Opsets, g.Functions = opsets, r.functions
	s := &scope{r: r, g: g, where: where, parent: parent, ids: map[string]ir.ValueID{}}
	if parent != nil {
		g.Captures = map[ir.ValueID]ir.ValueID{}
		s.zeroIsFree, s.inBody = parent.zeroIsFree, parent.inBody
	}
	return s
}

func (s *scope) read(p *onnxpb.GraphProto) error {
	s.g.Name, s.g.Doc = p.GetName(), p.GetDocString()
	if err := s.declare(p); err != nil {
		return err
	}
	nodes, err := s.declareOutputs(p.Node)
	if err != nil {
		return err
	}
	s.describe(p.ValueInfo)
	s.describe(p.Output)
	return s.finish(nodes, namesOf(p.Output))
}

// finish connects the nodes once all values are declared.
func (s *scope) finish(nodes []*onnxpb.NodeProto, outputs []string) error {
	s.namer.reserve(nodes)
	for _, p := range nodes {
		if err := s.node(p); err != nil {
			return err
		}
	}
	for _, name := range outputs {
		id, ok := s.resolve(name)
		if !ok {
			return bad(s.where, "its output %q is made by no node", name).fix(exportAgain)
		}
		s.g.Outputs = append(s.g.Outputs, id)
	}
	if err := s.g.Sort(); err != nil {
		return in(s.where, err)
	}
	return nil
}

func namesOf(values []*onnxpb.ValueInfoProto) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = v.GetName()
	}
	return names
}

// add declares a value; what says what it is for the error if it is there
// already.
func (s *scope) add(v ir.Value, what string) (ir.ValueID, error) {
	if _, taken := s.ids[v.Name]; taken {
		return ir.None, bad(s.where, "there is a second %s %q; every value has one origin", what, v.Name).fix(exportAgain)
	}
	id := s.g.AddValue(v)
	s.ids[v.Name] = id
	return id, nil
}

// declare adds the inputs and initializers. An input with an initializer is
// none: before IR 4 every weight had to be listed as one.
func (s *scope) declare(p *onnxpb.GraphProto) error {
	for i, t := range p.Initializer {
		if t.GetName() == "" { // nothing can use it
			continue
		}
		if err := s.initializer(t, i); err != nil {
			return err
		}
	}
	for _, t := range p.SparseInitializer {
		if t.GetValues().GetName() == "" {
			continue
		}
		if err := s.sparseInitializer(t); err != nil {
			return err
		}
	}
	for _, v := range p.Input {
		if id, ok := s.ids[v.GetName()]; ok && s.isConstant(id) {
			continue
		}
		if err := s.input(v); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) isConstant(id ir.ValueID) bool {
	v := &s.g.Values[id]
	return v.Const != nil || v.Missing != ""
}

func (s *scope) input(p *onnxpb.ValueInfoProto) error {
	id, err := s.add(s.value(p), "input")
	s.g.Inputs = append(s.g.Inputs, id)
	return err
}

// value is what the file says of a value.
func (s *scope) value(p *onnxpb.ValueInfoProto) ir.Value {
	v := ir.Value{Name: p.GetName(), Doc: p.GetDocString()}
	v.Kind, v.DType, v.Shape = valueType(p.Type)
	for i, d := range v.Shape {
		if s.zeroIsFree && d == ir.Known(0) {
			v.Shape[i] = ir.Symbol("")
		}
	}
	return v
}

// describe adds what the file says of values to those that nodes make.
func (s *scope) describe(infos []*onnxpb.ValueInfoProto) {
	for _, p := range infos {
		id, ok := s.ids[p.GetName()]
		if !ok || s.isConstant(id) || p.Type == nil {
			continue
		}
		v, said := &s.g.Values[id], s.value(p)
		v.Kind, v.DType, v.Doc = said.Kind, said.DType, said.Doc
		if said.Shape != nil {
			v.Shape = said.Shape
		}
	}
}

func (s *scope) initializer(p *onnxpb.TensorProto, i int) error {
	var raw []byte
	if i < len(s.payloads) {
		raw = s.payloads[i]
	}
	where := fmt.Sprintf("initializer %q", p.GetName())
	t, missing, err := s.r.tensor(p, raw)
	if err != nil {
		return in(where, err)
	}
	_, err = s.add(constant(p.GetName(), t, missing, p), "initializer")
	return err
}

func (s *scope) sparseInitializer(p *onnxpb.SparseTensorProto) error {
	name := p.GetValues().GetName()
	t, missing, err := s.r.dense(p)
	if err != nil {
		return in(fmt.Sprintf("sparse initializer %q", name), err)
	}
	_, err = s.add(constant(name, t, missing, head(p)), "initializer")
	return err
}

// constant is the value of a tensor, whose elements may be missing.
func constant(name string, t *tensor.Tensor, missing string, p *onnxpb.TensorProto) ir.Value {
	if t != nil {
		return ir.Value{Name: name, DType: t.DType(), Shape: ir.ShapeOf(t), Const: t}
	}
	dims, _, _ := dimsOf(p.Dims) // checked where missing was found
	return ir.Value{Name: name, DType: DType(int(p.GetDataType())), Shape: ir.Dims(dims...), Missing: missing}
}

// resolve finds a value by name, in this graph or in those around it.
func (s *scope) resolve(name string) (ir.ValueID, bool) {
	if id, ok := s.ids[name]; ok {
		return id, true
	}
	if s.parent == nil {
		return ir.None, false
	}
	outer, ok := s.parent.resolve(name)
	if !ok {
		return ir.None, false
	}
	v := s.parent.g.Values[outer]
	id := s.g.AddValue(ir.Value{Name: name, DType: v.DType, Shape: v.Shape, Kind: v.Kind})
	s.ids[name] = id
	s.g.Captures[id] = outer
	return id, true
}
