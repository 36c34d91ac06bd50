package autodiff

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// branchGrad writes the gradient of an If: one that chooses between the
// gradients of its branches. A branch that does not read a value gives zeros
// for it.
func (e *extension) branchGrad(n *ir.Node, dy []ir.ValueID) error {
	var wrt []ir.ValueID
	for _, sub := range n.Subgraphs() {
		for _, v := range e.captured(sub) {
			wrt = appendNew(wrt, v)
		}
	}
	attrs := ir.Attrs{}
	for _, name := range []string{"then_branch", "else_branch"} {
		r, err := e.enter(n.Attrs.Graph(name), nil, nil)
		if err != nil {
			return err
		}
		seeds := make([]ir.ValueID, len(dy))
		for i, v := range dy {
			if seeds[i] = ir.None; v != ir.None {
				seeds[i] = r.capture(v)
			}
		}
		inner := make([]ir.ValueID, len(wrt))
		for i, v := range wrt {
			inner[i] = r.capture(v)
		}
		r.markFrom(inner)
		if err := r.differentiate(r.graph.Outputs, seeds); err != nil {
			return err
		}
		grads := make([]ir.ValueID, len(wrt))
		for i, v := range inner {
			grads[i] = r.of(v)
		}
		attrs[name] = ir.Attr{Value: r.finish(nil, grads)}
	}
	e.build.Prefix, e.build.Module = "grad/"+n.Name+"/", n.Module
	for i, grad := range e.build.Node("", "If", attrs, len(wrt), n.Inputs[0]) {
		e.add(wrt[i], grad)
	}
	return nil
}

func appendNew(list []ir.ValueID, v ir.ValueID) []ir.ValueID {
	for _, have := range list {
		if have == v {
			return list
		}
	}
	return append(list, v)
}
