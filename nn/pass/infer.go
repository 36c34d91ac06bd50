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
	in := newInference(g, overrides)
	return in.types, in.run()
}

// InferStrict is Infer for those who lay out memory: it believes nothing that
// the file declares of values that nodes compute.
func InferStrict(g *ir.Graph) ([]op.Type, error) {
	in := newInference(g, nil)
	in.strict = true
	return in.types, in.run()
}

// An inference is the state of Infer on one graph.
type inference struct {
	g     *ir.Graph
	types []op.Type
	given map[ir.ValueID]op.Type
	// strict says that what the file declares of computed values is not used,
	// and trusted whether it holds for the shapes asked about.
	strict, trusted bool
	symbols         map[string]int
	depth           int  // of functions and subgraphs around g
	left            *int // nodes that may still be inferred, bodies counted every time
}

func newInference(g *ir.Graph, overrides map[ir.ValueID]ir.Shape) *inference {
	given := make(map[ir.ValueID]op.Type, len(overrides))
	for v, s := range overrides {
		given[v] = op.Type{DType: g.Values[v].DType, Shape: s}
	}
	left := len(g.Nodes) + maxInlined
	return &inference{g: g, types: make([]op.Type, len(g.Values)), given: given, left: &left}
}

func (in *inference) run() error {
	in.bindSymbols()
	for v := range in.g.Values {
		if in.g.Values[v].Producer == ir.None {
			in.types[v] = in.source(ir.ValueID(v))
		}
	}
	for i := range in.g.Nodes {
		if err := in.node(&in.g.Nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

// inside infers a graph within this one: a function's body or a subgraph.
func (in *inference) inside(g *ir.Graph, given map[ir.ValueID]op.Type) ([]op.Type, error) {
	sub := newInference(g, nil)
	sub.given, sub.strict, sub.depth, sub.left = given, in.strict, in.depth+1, in.left
	return sub.types, sub.run()
}

// bindSymbols matches the given shapes with the declared ones.
func (in *inference) bindSymbols() {
	in.trusted, in.symbols = !in.strict, map[string]int{}
	for v, t := range in.given {
		declared := in.declared(&in.g.Values[v]).Shape
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
	value := &in.g.Values[v]
	t, given := in.given[v]
	switch {
	case !given && value.Const != nil:
		return op.TypeOf(value.Const)
	case given && in.strict:
		return t
	}
	declared := in.declared(value)
	if t.DType == tensor.Invalid {
		t.DType, t.Elem = declared.DType, declared.Elem
	}
	if t.Shape == nil {
		t.Shape = declared.Shape
	}
	return t
}

// declared is what the file says of a value. The shapes that files give for
// elements of containers are often those of the first one, and are not used.
func (in *inference) declared(v *ir.Value) op.Type {
	elem := &op.Type{DType: v.DType}
	switch {
	case v.Kind == ir.SequenceKind && !v.DType.IsContainer():
		return op.Type{DType: tensor.Sequence, Shape: ir.Shape{ir.Symbol("")}, Elem: elem}
	case v.Kind == ir.OptionalKind && !v.DType.IsContainer():
		return op.Type{DType: tensor.Optional, Shape: ir.Shape{}}
	}
	return op.Type{DType: v.DType, Shape: v.Shape.Bind(in.symbols)}
}

// node infers the outputs of one node.
func (in *inference) node(n *ir.Node) error {
	if *in.left--; *in.left < 0 {
		return errSize(n)
	}
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
func (in *inference) infer(n *ir.Node, inputs []op.Type) (outputs []op.Type, err error) {
	defer func() {
		if r := recover(); r != nil { // no file may end the program
			err = fmt.Errorf("node %q (%s): its types cannot be inferred, which is a bug: %v", n.Name, n.Op, r)
		}
	}()
	if o := op.Lookup(n.Domain, n.Op); o != nil && o.Infer != nil {
		return op.Infer(n, inputs)
	}
	if in.depth >= maxDepth {
		return nil, errDepth(n)
	}
	if f := in.g.Function(n); f != nil {
		return in.call(f, n, inputs)
	}
	if n.Domain == "" {
		return in.control(n, inputs)
	}
	return nil, nil
}

// call infers the outputs of a function from its body.
func (in *inference) call(f *ir.Function, n *ir.Node, inputs []op.Type) ([]op.Type, error) {
	body, err := instantiate(f, n)
	if err != nil {
		return nil, err
	}
	body.Functions = in.g.Functions
	types, err := in.inside(body, paired(body.Inputs, inputs))
	if err != nil {
		return nil, fmt.Errorf("node %q (%s): in the body of its function: %w", n.Name, n.Op, err)
	}
	return typesOf(body.Outputs, types), nil
}

// paired gives each value its type, the zero Type where there are too few.
func paired(values []ir.ValueID, types []op.Type) map[ir.ValueID]op.Type {
	given := make(map[ir.ValueID]op.Type, len(values))
	for i, v := range values {
		given[v] = op.Type{}
		if i < len(types) {
			given[v] = types[i]
		}
	}
	return given
}

func typesOf(values []ir.ValueID, types []op.Type) []op.Type {
	out := make([]op.Type, len(values))
	for i, v := range values {
		out[i] = types[v]
	}
	return out
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
	declared := in.declared(&in.g.Values[v])
	if t.DType == tensor.Invalid && !in.strict {
		t.DType, t.Elem = declared.DType, declared.Elem
	}
	if in.trusted {
		t.Shape = merge(t.Shape, declared.Shape)
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
