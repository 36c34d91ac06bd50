package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
)

// gradBody computes the body again beside the node, and walks back through it.
func (o *Op) gradBody(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	first := len(g.G.Nodes)
	outputs, err := o.Body(g.Builder, n, n.Inputs)
	if err != nil {
		return nil, err
	}
	w := &walk{g: g, types: g.Types, flowing: map[ir.ValueID]bool{}, grads: map[ir.ValueID]ir.ValueID{}}
	for i, v := range n.Inputs {
		if v != ir.None && g.Needs(i) {
			w.flowing[v] = true
		}
	}
	end := len(g.G.Nodes)
	for i := first; i < end; i++ {
		if err := w.forward(&g.G.Nodes[i]); err != nil {
			return nil, err
		}
	}
	for i, v := range outputs {
		if i < len(dy) && dy[i] != ir.None && v != ir.None {
			w.add(v, dy[i])
		}
	}
	for i := end - 1; i >= first; i-- {
		n := g.G.Nodes[i] // a copy: rules append nodes
		if err := w.back(&n); err != nil {
			return nil, err
		}
	}
	out := noGrads(n)
	for i, v := range n.Inputs {
		if dx, ok := w.grads[v]; ok && g.Needs(i) {
			out[i] = dx
			delete(w.grads, v) // an input given twice has one gradient
		}
	}
	return out, nil
}

// A walk goes forward through the nodes of a body to learn the types and what
// depends on the inputs asked about, and back to collect gradients.
type walk struct {
	g       *Grad
	types   []Type
	flowing map[ir.ValueID]bool
	grads   map[ir.ValueID]ir.ValueID
}

func (w *walk) forward(n *ir.Node) error {
	w.types = append(w.types[:len(w.types):len(w.types)], make([]Type, len(w.g.G.Values)-len(w.types))...)
	for _, v := range n.Inputs {
		if v != ir.None && w.g.G.Values[v].Const != nil {
			w.types[v] = TypeOf(w.g.G.Values[v].Const)
		}
	}
	types, err := Infer(n, pick(w.types, n.Inputs))
	if err != nil {
		return err
	}
	flows := false
	for _, v := range n.Inputs {
		flows = flows || w.flowing[v]
	}
	for k, v := range n.Outputs {
		if v != ir.None && k < len(types) {
			w.types[v] = types[k]
			w.flowing[v] = flows && (types[k].DType.IsFloat() || types[k].DType == 0)
		}
	}
	return nil
}

// back applies the rule of one node if a gradient flows through it.
func (w *walk) back(n *ir.Node) error {
	dy := make([]ir.ValueID, len(n.Outputs))
	arrives := false
	for k, v := range n.Outputs {
		dy[k] = ir.None
		if d, ok := w.grads[v]; ok && w.flowing[v] {
			dy[k], arrives = d, true
		}
	}
	if !arrives {
		return nil
	}
	o := Lookup(n.Domain, n.Op)
	if o.Grad == nil {
		return fmt.Errorf("node %q (%s) has no gradient", n.Name, n.Op)
	}
	rule := &Grad{Builder: w.g.Builder, Types: w.types, Wanted: mapTo(n.Inputs, func(v ir.ValueID) bool { return w.flowing[v] })}
	dx, err := o.Grad(rule, n, dy)
	if err != nil {
		return err
	}
	for i, v := range n.Inputs {
		if dx[i] != ir.None && w.flowing[v] {
			w.add(v, dx[i])
		}
	}
	return nil
}

// add adds to the gradient of a value.
func (w *walk) add(v, d ir.ValueID) {
	if old, ok := w.grads[v]; ok {
		d = w.g.Op("Add", nil, old, d)
	}
	w.grads[v] = d
}
