package onnx

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// declareOutputs adds what the nodes make, and returns the nodes that stay:
// Constant nodes become the constants that they make.
func (s *scope) declareOutputs(nodes []*onnxpb.NodeProto) ([]*onnxpb.NodeProto, error) {
	stay := make([]*onnxpb.NodeProto, 0, len(nodes))
	for _, p := range nodes {
		folded, err := s.fold(p)
		if err != nil {
			return nil, err
		}
		if folded {
			continue
		}
		for _, name := range p.Output {
			if name == "" {
				continue
			}
			if _, err := s.add(ir.Value{Name: name}, "value"); err != nil {
				return nil, err
			}
		}
		stay = append(stay, p)
	}
	return stay, nil
}

// fold makes a constant of a Constant node. It leaves nodes alone whose value is
// the caller's attribute, and reports whether it did anything.
func (s *scope) fold(p *onnxpb.NodeProto) (bool, error) {
	if p.GetOpType() != "Constant" || domainOf(p.GetDomain()) != "" ||
		len(p.Output) != 1 || p.Output[0] == "" || len(p.Attribute) != 1 || p.Attribute[0].GetRefAttrName() != "" {
		return false, nil
	}
	name := p.Output[0]
	v, ok, err := s.constantOf(name, p.Attribute[0])
	if err != nil {
		return false, in(fmt.Sprintf("constant %q", name), err)
	}
	if !ok {
		return false, nil
	}
	v.Literal = true
	_, err = s.add(v, "value")
	return true, err
}

// constantOf reads one of the attributes in which a Constant may keep its value.
func (s *scope) constantOf(name string, a *onnxpb.AttributeProto) (v ir.Value, ok bool, err error) {
	var t *tensor.Tensor
	var missing string
	p := orEmpty(a.T)
	switch a.GetName() {
	case "value", "sparse_value":
		switch {
		case a.SparseTensor != nil:
			p = head(a.SparseTensor)
			t, missing, err = s.r.dense(a.SparseTensor)
		case a.T != nil:
			t, missing, err = s.r.tensor(a.T, nil)
		default:
			return v, false, nil
		}
	case "value_float":
		t = tensor.Scalar(a.GetF())
	case "value_floats":
		t = tensor.Vector(a.Floats...)
	case "value_int":
		t = tensor.Scalar(a.GetI())
	case "value_ints":
		t = tensor.Vector(a.Ints...)
	case "value_string":
		t = tensor.Scalar(string(a.S))
	case "value_strings":
		t = tensor.Vector(texts(a.Strings)...)
	default:
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	return constant(name, t, missing, p), true, nil
}

// node connects a node to the declared values and adds it to the graph.
func (s *scope) node(p *onnxpb.NodeProto) error {
	domain := domainOf(p.GetDomain())
	n := ir.Node{
		Name: s.namer.name(p), Op: p.GetOpType(), Domain: domain, Overload: p.GetOverload(),
		Version: s.g.Version(domain), Doc: p.GetDocString(), Module: moduleOf(p.MetadataProps),
	}
	where := fmt.Sprintf("node %q (%s)", n.Name, n.Op)
	if n.Op == "" {
		return bad(where, "it has no operator").fix(exportAgain)
	}
	for _, name := range p.Input {
		id, ok := s.resolve(name)
		if name == "" {
			id, ok = ir.None, true
		}
		if !ok {
			return bad(where, "its input %q is made by no node and is neither an input nor an initializer", name).fix(exportAgain)
		}
		n.Inputs = append(n.Inputs, id)
	}
	for _, name := range p.Output {
		id := ir.ValueID(ir.None)
		if name != "" {
			id = s.ids[name]
		}
		n.Outputs = append(n.Outputs, id)
	}
	var err error
	if n.Attrs, err = s.attrs(p.Attribute, where); err != nil {
		return err
	}
	if _, err := s.g.AddNode(n); err != nil {
		return in(where, err)
	}
	return nil
}
