package onnx

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
)

// function reads an operator that the model defines. A body without opsets of
// its own has those of the model.
func (r *reader) function(p *onnxpb.FunctionProto, opsets map[string]int) error {
	f := &ir.Function{Name: p.GetName(), Domain: domainOf(p.GetDomain()), Overload: p.GetOverload(), Attrs: p.Attribute}
	where := fmt.Sprintf("function %q", f.Name)
	if len(p.OpsetImport) > 0 {
		opsets = opsetsOf(p.OpsetImport)
	}
	s := r.newScope(where, nil, opsets)
	s.inBody = true
	s.g.Name, s.g.Doc = p.GetName(), p.GetDocString()
	var err error
	if f.Defaults, err = s.attrs(p.AttributeProto, where); err != nil {
		return err
	}
	for _, a := range p.AttributeProto {
		f.Attrs = append(f.Attrs, a.GetName())
	}
	if err := s.readBody(p); err != nil {
		return err
	}
	f.Body = s.g
	if r.functions[f.Key()] != nil {
		return bad(where, "it is defined twice").fix(exportAgain)
	}
	r.functions[f.Key()] = f
	return nil
}

func (s *scope) readBody(p *onnxpb.FunctionProto) error {
	for _, name := range p.Input {
		if err := s.input(&onnxpb.ValueInfoProto{Name: &name}); err != nil {
			return err
		}
	}
	nodes, err := s.declareOutputs(p.Node)
	if err != nil {
		return err
	}
	s.describe(p.ValueInfo)
	return s.finish(nodes, p.Output)
}

// maxCalled bounds the nodes of a graph whose functions are all put in place.
// Functions that call each other twice at every step double that number with
// every few bytes.
const maxCalled = 1 << 22

// checkCalls refuses functions that call themselves and graphs that grow too
// large when functions are put in place.
func checkCalls(g *ir.Graph) error {
	if len(g.Functions) == 0 {
		return nil
	}
	c := calls{g.Functions, map[string]int{}}
	n, err := c.count(g)
	if err == nil && n > maxCalled {
		err = bad("", "its functions call each other so often that the graph has over %d nodes", maxCalled).fix(exportAgain)
	}
	return err
}

type calls struct {
	functions map[string]*ir.Function
	nodes     map[string]int // of each function, all calls put in place; -1 while it is counted
}

func (c *calls) count(g *ir.Graph) (int, error) {
	total := 0
	for i := range g.Nodes {
		n, err := c.node(&g.Nodes[i])
		if err != nil {
			return 0, err
		}
		total = min(total+n, maxCalled+1)
	}
	return total, nil
}

func (c *calls) node(n *ir.Node) (int, error) {
	total := 1
	for _, sub := range n.Subgraphs() {
		k, err := c.count(sub)
		if err != nil {
			return 0, err
		}
		total += k
	}
	key := n.FuncKey()
	f := c.functions[key]
	if f == nil {
		return total, nil
	}
	k, known := c.nodes[key]
	if k < 0 {
		return 0, bad(fmt.Sprintf("function %q", f.Name), "it calls itself, which no function may do").fix(exportAgain)
	}
	if !known {
		c.nodes[key] = -1
		var err error
		if k, err = c.count(f.Body); err != nil {
			return 0, err
		}
		c.nodes[key] = k
	}
	return total + k, nil
}
