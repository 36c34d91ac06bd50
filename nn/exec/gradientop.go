package exec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The operator Gradient (ONNX Operators, ai.onnx.preview.training) names a part
// of the graph that it stands in: the tensors xs and zs, which that part starts
// from, and y, which it ends in. Its outputs are the gradients of y with respect
// to the xs where they and the zs have the values of its inputs.

func isGradient(n *ir.Node) bool { return n.Domain == "ai.onnx.preview.training" && n.Op == "Gradient" }

// defineGradients returns g with every Gradient as the call of a function that
// computes it, and g itself if there is none. One that differentiates another
// comes after it.
func defineGradients(g *ir.Graph, feeds []Feed) (*ir.Graph, error) {
	undefined := func(n ir.Node) bool { return isGradient(&n) && g.Function(&n) == nil }
	for slices.ContainsFunc(g.Nodes, undefined) {
		id := slices.IndexFunc(g.Nodes, func(n ir.Node) bool { return undefined(n) && !reachesGradient(g, &n) })
		if id < 0 {
			return nil, fmt.Errorf("the Gradient nodes differentiate each other in a circle")
		}
		n := &g.Nodes[id]
		body, err := gradientBody(g, n, feeds)
		if err != nil {
			return nil, fmt.Errorf("node %q (Gradient): %w", n.Name, err)
		}
		g = g.Clone()
		g.Nodes[id].Overload = n.Name
		f := &ir.Function{Name: n.Op, Domain: n.Domain, Overload: n.Name, Body: body}
		if g.Functions = maps.Clone(g.Functions); g.Functions == nil {
			g.Functions = map[string]*ir.Function{}
		}
		g.Functions[f.Key()] = f
	}
	return g, nil
}

// reachesGradient reports whether what a Gradient differentiates holds one that
// is not defined yet.
func reachesGradient(g *ir.Graph, n *ir.Node) bool {
	from, y, err := gradientNames(g, n)
	if err != nil {
		return false // gradientBody says why
	}
	for i, needed := range g.Needed([]ir.ValueID{y}, from) {
		if m := &g.Nodes[i]; needed && isGradient(m) && g.Function(m) == nil {
			return true
		}
	}
	return false
}

// gradientNames finds the values that the attributes name: the xs and zs, and y.
func gradientNames(g *ir.Graph, n *ir.Node) (from []ir.ValueID, y ir.ValueID, err error) {
	names := append(slices.Clone(n.Attrs.Strs("xs")), n.Attrs.Strs("zs")...)
	if len(names) != len(n.Inputs) {
		return nil, ir.None, fmt.Errorf("%d inputs for the %d values that xs and zs name", len(n.Inputs), len(names))
	}
	for _, name := range append(names, n.Attrs.Str("y", "")) {
		v := g.ValueByName(name)
		if v == ir.None || slices.Contains(from, v) && len(from) < len(names) {
			return nil, ir.None, fmt.Errorf("there is no value %q, or it is named twice", name)
		}
		from = append(from, v)
	}
	return from[:len(names)], from[len(names)], nil
}

// gradientBody returns the graph that maps the xs and zs to the gradients.
func gradientBody(g *ir.Graph, n *ir.Node, feeds []Feed) (*ir.Graph, error) {
	from, y, err := gradientNames(g, n)
	if err != nil {
		return nil, err
	}
	types, err := pass.Infer(withFeeds(g, feeds), nil)
	if err != nil {
		return nil, err
	}
	part := pass.Extract(g, from, []ir.ValueID{y})
	for _, v := range from {
		part.Values[v].DType, part.Values[v].Shape = types[v].DType, types[v].Shape
	}
	if part, err = pass.Inline(part); err != nil {
		return nil, err
	}
	if types, err = pass.Infer(part, nil); err != nil {
		return nil, err
	}
	d, err := autodiff.Extend(part, types, y, from[:len(n.Attrs.Strs("xs"))], nil)
	if err != nil {
		return nil, err
	}
	body := d.Graph
	body.Inputs, body.Outputs = from, d.Of
	return body, addOnes(body, d.Seed, y, types[y])
}

// addOnes makes the seed of a gradient: ones of the shape of y.
func addOnes(g *ir.Graph, seed, y ir.ValueID, t op.Type) error {
	if t.DType == tensor.Invalid {
		t.DType = tensor.Float32
	}
	b := ir.NewBuilder(g, "seed/")
	one, shape := b.Float(1, t.DType), b.Op("Shape", nil, y)
	_, err := g.AddNode(ir.Node{Name: "seed", Op: "Expand", Version: ir.LatestOpset, Inputs: []ir.ValueID{one, shape}, Outputs: []ir.ValueID{seed}})
	return err
}
