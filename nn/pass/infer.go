package pass

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Infer returns what is known of every value of g, indexed by ValueID.
//
// Overrides give shapes that replace those the graph declares, usually of its
// inputs: a symbol that an override settles ("batch" is 3) is settled
// everywhere. A value with an override and no type of its own, such as an
// intermediate one, is inferred as usual for its element type.
//
// An operator that is not known leaves its outputs to what the file declares
// of them, which is often nothing, and is no error. A node that is surely
// wrong is an error that names it.
func Infer(g *ir.Graph, overrides map[ir.ValueID]ir.Shape) ([]op.Type, error) {
	return infer(g, givenTypes(g, overrides), 0)
}

// An inference is the state of Infer on one graph.
type inference struct {
	g     *ir.Graph
	types []op.Type
	given map[ir.ValueID]op.Type
	// trusted tells whether the shapes that the file declares of inner values
	// hold for the shapes asked about.
	trusted bool
	symbols map[string]int
	depth   int // of function calls around g
}

// givenTypes turns shapes into types: the element type is the declared one.
func givenTypes(g *ir.Graph, shapes map[ir.ValueID]ir.Shape) map[ir.ValueID]op.Type {
	given := make(map[ir.ValueID]op.Type, len(shapes))
	for v, s := range shapes {
		given[v] = op.Type{DType: g.Values[v].DType, Shape: s}
	}
	return given
}

func infer(g *ir.Graph, given map[ir.ValueID]op.Type, depth int) ([]op.Type, error) {
	in := &inference{g: g, types: make([]op.Type, len(g.Values)), given: given, depth: depth}
	in.bindSymbols()
	for v := range g.Values {
		if g.Values[v].Producer == ir.None {
			in.types[v] = in.source(ir.ValueID(v))
		}
	}
	for i := range g.Nodes {
		if err := in.node(&g.Nodes[i]); err != nil {
			return nil, err
		}
	}
	return in.types, nil
}

// bindSymbols matches the given shapes with the declared ones.
func (in *inference) bindSymbols() {
	in.trusted, in.symbols = true, map[string]int{}
	for v, t := range in.given {
		declared := in.g.Values[v].Shape
		if len(declared) != len(t.Shape) {
			in.trusted = in.trusted && declared == nil
			continue
		}
		for i, d := range declared {
			switch {
			case d.Sym != "" && t.Shape[i].IsKnown():
				in.symbols[d.Sym] = t.Shape[i].N
			case d.IsKnown() && d != t.Shape[i]:
				in.trusted = false
			}
		}
	}
}

// source is the type of an input or a constant.
func (in *inference) source(v ir.ValueID) op.Type {
	if t, ok := in.given[v]; ok {
		return t
	}
	value := &in.g.Values[v]
	if value.Const != nil {
		return op.TypeOf(value.Const)
	}
	return op.Type{DType: value.DType, Shape: value.Shape.Bind(in.symbols)}
}

// node infers the outputs of one node.
func (in *inference) node(n *ir.Node) error {
	inputs := make([]op.Type, len(n.Inputs))
	for i, v := range n.Inputs {
		if v != ir.None {
			inputs[i] = in.types[v]
		}
	}
	outputs, err := in.infer(n, inputs)
	if err != nil {
		return err
	}
	for i, v := range n.Outputs {
		if v == ir.None {
			continue
		}
		var t op.Type
		if i < len(outputs) {
			t = outputs[i]
		}
		in.types[v] = in.output(v, t)
	}
	return nil
}

// infer asks the operator, the subgraphs of control flow, or the body of the
// function that defines it.
func (in *inference) infer(n *ir.Node, inputs []op.Type) ([]op.Type, error) {
	if o := op.Lookup(n.Domain, n.Op); o != nil && o.Infer != nil {
		return op.Infer(n, inputs)
	}
	if f := in.g.Function(n); f != nil {
		return in.call(f, n, inputs)
	}
	return nil, nil
}

// call infers the outputs of a function from its body.
func (in *inference) call(f *ir.Function, n *ir.Node, inputs []op.Type) ([]op.Type, error) {
	if in.depth >= maxDepth {
		return nil, errDepth(n)
	}
	body, err := instantiate(f, n)
	if err != nil {
		return nil, err
	}
	body.Functions = in.g.Functions
	given := map[ir.ValueID]op.Type{}
	for i, v := range body.Inputs {
		given[v] = op.Type{}
		if i < len(inputs) {
			given[v] = inputs[i]
		}
	}
	types, err := infer(body, given, in.depth+1)
	if err != nil {
		return nil, fmt.Errorf("node %q (%s): in the body of its function: %w", n.Name, n.Op, err)
	}
	outputs := make([]op.Type, len(body.Outputs))
	for i, v := range body.Outputs {
		outputs[i] = types[v]
	}
	return outputs, nil
}

// output settles the type of a node's output: an override first, then what was
// inferred, then what the file declares.
func (in *inference) output(v ir.ValueID, t op.Type) op.Type {
	if given, ok := in.given[v]; ok {
		if given.DType == tensor.Invalid {
			given.DType = t.DType
		}
		return given
	}
	value := &in.g.Values[v]
	if t.DType == tensor.Invalid {
		t.DType = value.DType
	}
	if in.trusted {
		t.Shape = merge(t.Shape, value.Shape.Bind(in.symbols))
	}
	return t
}

// merge completes an inferred shape with the declared one where they do not
// disagree.
func merge(inferred, declared ir.Shape) ir.Shape {
	if inferred == nil {
		return declared
	}
	if len(inferred) != len(declared) {
		return inferred
	}
	out := make(ir.Shape, len(inferred))
	for i, d := range inferred {
		if d == ir.Symbol("") || !d.IsKnown() && declared[i].IsKnown() {
			d = declared[i]
		}
		out[i] = d
	}
	return out
}
