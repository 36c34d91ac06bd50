package pass

import (
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// Branch returns g with every If whose condition is known replaced by the
// branch that it takes, as exporters leave them for shapes that a model might
// have had. It returns g itself if there is none. The types are those that Infer
// found for g.
func Branch(g *ir.Graph, types []op.Type) (*ir.Graph, error) {
	if !slices.ContainsFunc(g.Nodes, func(n ir.Node) bool { return takenBranch(&n, types) != nil }) {
		return g, nil
	}
	in := &inlining{g: g.Clone(), left: maxInlined}
	in.g.Nodes = make([]ir.Node, 0, len(g.Nodes))
	for _, n := range g.Nodes {
		branch := takenBranch(&n, types)
		if branch == nil {
			in.g.Nodes = append(in.g.Nodes, n)
			continue
		}
		body, n := asFunction(branch, n)
		if err := in.paste(body, n, 0); err != nil {
			return nil, err
		}
	}
	renumber(in.g)
	return in.g, nil
}

// takenBranch returns the branch that a node surely takes, or nil if it is no If
// or its condition is not known.
func takenBranch(n *ir.Node, types []op.Type) *ir.Graph {
	if n.Domain != "" || n.Op != "If" || len(n.Inputs) != 1 || n.Inputs[0] == ir.None || int(n.Inputs[0]) >= len(types) {
		return nil
	}
	names := takenBranches(types[n.Inputs[0] : n.Inputs[0]+1])
	if len(names) != 1 {
		return nil
	}
	return n.Attrs.Graph(names[0])
}

// asFunction turns a subgraph into a body whose inputs are what it captures, and
// the node into a call of it.
func asFunction(sub *ir.Graph, n ir.Node) (*ir.Graph, ir.Node) {
	body := sub.Clone()
	body.Inputs, n.Inputs = nil, nil
	for _, inner := range slices.Sorted(maps.Keys(sub.Captures)) {
		body.Inputs, n.Inputs = append(body.Inputs, inner), append(n.Inputs, sub.Captures[inner])
	}
	return body, n
}
