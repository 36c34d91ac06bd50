package pass

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

const (
	// maxDepth bounds functions that call functions; ONNX forbids recursion.
	maxDepth = 32
	// maxInlined bounds the nodes of all bodies together, calls among them: a
	// chain of functions that each call the next one twice doubles at every
	// link.
	maxInlined = 1 << 18
)

func errDepth(n *ir.Node) error {
	return fmt.Errorf("node %q (%s): functions or subgraphs lie more than %d deep, or a function calls itself, which no model may do", n.Name, n.Op, maxDepth)
}

func errSize(n *ir.Node) error {
	return fmt.Errorf("node %q (%s): functions and subgraphs add up to more than %d nodes", n.Name, n.Op, maxInlined)
}

// Inline returns g with the calls of functions replaced by the functions'
// bodies, save for operators that Tomo has a kernel for, and with composite
// operators of other domains than Tomo's replaced by theirs. It returns g itself if there is nothing to do.
// It errs on recursion and on bodies that add up to more than 250,000 nodes.
func Inline(g *ir.Graph) (*ir.Graph, error) { return inline(g, false) }

// InlineFunctions is Inline for those who have kernels for other composite
// operators, but none for Tomo's: it leaves the former as they are and replaces
// the latter.
func InlineFunctions(g *ir.Graph) (*ir.Graph, error) { return inline(g, true) }

func inline(g *ir.Graph, whole bool) (*ir.Graph, error) {
	in := &inlining{g: g, whole: whole, left: maxInlined}
	if !slices.ContainsFunc(g.Nodes, func(n ir.Node) bool { return in.calls(&n) != nil }) {
		return g, nil
	}
	in.g = g.Clone()
	in.g.Nodes = make([]ir.Node, 0, len(g.Nodes))
	for i := range g.Nodes {
		if err := in.add(g.Nodes[i], 0); err != nil {
			return nil, err
		}
	}
	renumber(in.g)
	return in.g, nil
}

// calls returns the function that a node calls, or nil if it is an operator.
func (in *inlining) calls(n *ir.Node) *ir.Function {
	o := op.Lookup(n.Domain, n.Op)
	if o != nil && o.Body != nil && in.whole == (o.Domain == op.Domain) {
		if body, err := o.Graph(n); err == nil {
			return &ir.Function{Name: n.Op, Domain: n.Domain, Body: body}
		}
		return nil // it says why when it is run
	}
	if len(in.g.Functions) == 0 || o != nil && o.Eval != nil {
		return nil
	}
	return in.g.Function(n)
}

type inlining struct {
	g     *ir.Graph
	whole bool // composite operators stay, save for Tomo's
	left  int  // nodes that bodies may still add
}

// add appends n, or what its function's body makes of it.
func (in *inlining) add(n ir.Node, depth int) error {
	f := in.calls(&n)
	if f == nil {
		in.g.Nodes = append(in.g.Nodes, n)
		return nil
	}
	if depth >= maxDepth {
		return errDepth(&n)
	}
	if in.left -= len(f.Body.Nodes); in.left < 0 {
		return errSize(&n)
	}
	body, err := instantiate(f, &n)
	if err != nil {
		return err
	}
	return in.paste(body, n, depth)
}

// paste appends the nodes of a body with its values renamed to the caller's.
func (in *inlining) paste(body *ir.Graph, n ir.Node, depth int) error {
	ids, copies := in.link(body, n)
	for _, inner := range body.Nodes {
		inner.Name = n.Name + "/" + inner.Name
		inner.Module = n.Module
		inner.Inputs, inner.Outputs = renamed(inner.Inputs, ids), renamed(inner.Outputs, ids)
		inner.Attrs = mapGraphs(inner.Attrs, func(sub *ir.Graph) *ir.Graph {
			c := *sub
			c.Captures = map[ir.ValueID]ir.ValueID{}
			for inside, outside := range sub.Captures {
				c.Captures[inside] = ids[outside]
			}
			return &c
		})
		if err := in.add(inner, depth+1); err != nil {
			return err
		}
	}
	in.g.Nodes = append(in.g.Nodes, copies...)
	return nil
}

// link finds for each value of a body the value of the graph that it is: the
// caller's input or output, or a new one. An output that the body does not
// compute, such as an input handed through, is copied by an Identity.
func (in *inlining) link(body *ir.Graph, n ir.Node) (ids []ir.ValueID, copies []ir.Node) {
	ids = make([]ir.ValueID, len(body.Values))
	linked := make([]bool, len(body.Values))
	for i, v := range body.Inputs {
		ids[v], linked[v] = n.Input(i), true
	}
	again := map[ir.ValueID]ir.ValueID{} // from the caller's value to the body's
	for i, v := range body.Outputs {
		to := n.Output(i)
		switch {
		case to == ir.None:
		case linked[v] || body.Values[v].Producer == ir.None:
			again[to] = v
		default:
			ids[v], linked[v] = to, true
		}
	}
	for v := range body.Values {
		if !linked[v] {
			value := body.Values[v]
			value.Name = n.Name + "/" + value.Name
			ids[v] = in.g.AddValue(value)
		}
	}
	for i, to := range n.Outputs {
		if from, ok := again[to]; ok {
			copies = append(copies, ir.Node{
				Name: fmt.Sprintf("%s/output%d", n.Name, i), Op: "Identity", Version: 1, Module: n.Module,
				Inputs: []ir.ValueID{ids[from]}, Outputs: []ir.ValueID{to},
			})
		}
	}
	return ids, copies
}

func renamed(list, ids []ir.ValueID) []ir.ValueID {
	out := make([]ir.ValueID, len(list))
	for i, v := range list {
		out[i] = ir.None
		if v != ir.None {
			out[i] = ids[v]
		}
	}
	return out
}

// instantiate returns the body of a function for one call: attributes that
// refer to the caller's are filled in, or left out where neither the call nor
// a default gives them. The nodes are sorted.
func instantiate(f *ir.Function, n *ir.Node) (*ir.Graph, error) {
	given := maps.Clone(f.Defaults)
	if given == nil {
		given = ir.Attrs{}
	}
	maps.Copy(given, n.Attrs)
	body := bindRefs(f.Body, given)
	if isSorted(body) {
		return body, nil
	}
	if err := body.Sort(); err != nil {
		return nil, fmt.Errorf("node %q (%s): in the body of its function: %w", n.Name, n.Op, err)
	}
	return body, nil
}

// isSorted reports whether every node stands behind those it reads from.
func isSorted(g *ir.Graph) bool {
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			if int(g.Values[v].Producer) >= i {
				return false
			}
		}
	}
	return true
}

// bindRefs copies a graph with every Ref replaced by the attribute it names.
func bindRefs(g *ir.Graph, given ir.Attrs) *ir.Graph {
	c := g.Clone()
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.Outputs = slices.Clone(n.Outputs)
		attrs := make(ir.Attrs, len(n.Attrs))
		for name, a := range n.Attrs {
			if ref, ok := a.Value.(ir.Ref); ok {
				var found bool
				if a, found = given[ref.Name]; !found {
					continue
				}
			}
			attrs[name] = a
		}
		n.Attrs = mapGraphs(attrs, func(sub *ir.Graph) *ir.Graph { return bindRefs(sub, given) })
	}
	return c
}

// mapGraphs copies attributes with f applied to the graphs among them.
func mapGraphs(attrs ir.Attrs, f func(*ir.Graph) *ir.Graph) ir.Attrs {
	var out ir.Attrs
	for name, a := range attrs {
		switch v := a.Value.(type) {
		case *ir.Graph:
			a = ir.Attr{Value: f(v)}
		case []*ir.Graph:
			list := make([]*ir.Graph, len(v))
			for i, g := range v {
				list[i] = f(g)
			}
			a = ir.Attr{Value: list}
		default:
			continue
		}
		if out == nil {
			out = maps.Clone(attrs)
		}
		out[name] = a
	}
	if out == nil {
		return attrs
	}
	return out
}
