package pass

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// control infers the outputs of ONNX's control flow from its subgraphs, and
// nothing for other operators. A body that is wrong for the types at hand may
// never run, so it is no error; nothing is known then.
func (in *inference) control(n *ir.Node, inputs []op.Type) ([]op.Type, error) {
	var out []op.Type
	var err error
	switch n.Op {
	case "If":
		out, err = in.branches(n, inputs)
	case "Loop":
		out = in.loop(n, inputs)
	case "Scan":
		out = in.scan(n, inputs)
	case "SequenceMap":
		out = in.sequenceMap(n, inputs)
	}
	if err != nil {
		return nil, fmt.Errorf("node %q (%s): %w", n.Name, n.Op, err)
	}
	return out, nil
}

// subgraph infers the outputs of a subgraph whose inputs have the given types.
func (in *inference) subgraph(g *ir.Graph, inputs []op.Type) ([]op.Type, error) {
	given := paired(g.Inputs, inputs)
	for inner, outer := range g.Captures {
		given[inner] = in.types[outer]
	}
	types, err := in.inside(g, given)
	if err != nil {
		return nil, err
	}
	return typesOf(g.Outputs, types), nil
}

// branches joins what both branches of an If make, or takes what the one makes
// that is chosen. A branch that is wrong for the types at hand is one that is
// never taken: exporters leave such behind.
func (in *inference) branches(n *ir.Node, inputs []op.Type) ([]op.Type, error) {
	var known [][]op.Type
	var failed error
	for _, name := range takenBranches(inputs) {
		g := n.Attrs.Graph(name)
		if g == nil {
			return nil, fmt.Errorf("the graph %s is missing", name)
		}
		types, err := in.subgraph(g, nil)
		if err != nil {
			failed = fmt.Errorf("%s: %w", name, err)
			continue
		}
		known = append(known, types)
	}
	switch len(known) {
	case 0:
		return nil, failed
	case 1:
		return known[0], nil
	}
	out := known[0]
	for k := range out {
		if k < len(known[1]) {
			out[k] = op.Join(out[k], known[1][k])
		}
	}
	return out, nil
}

// takenBranches names the branches that a condition may choose.
func takenBranches(inputs []op.Type) []string {
	if len(inputs) == 1 && inputs[0].Value != nil {
		if v, err := inputs[0].Value.Ints(); err == nil && len(v) == 1 {
			return []string{"else_branch", "then_branch"}[v[0] : v[0]+1]
		}
	}
	return []string{"then_branch", "else_branch"}
}

// loop infers a Loop: the body maps (iteration, condition, carried...) to
// (condition, carried..., scanned...).
func (in *inference) loop(n *ir.Node, inputs []op.Type) []op.Type {
	g := n.Attrs.Graph("body")
	if g == nil || len(inputs) < 2 || len(g.Outputs) < len(inputs)-1 {
		return nil
	}
	counters := []op.Type{{DType: tensor.Int64, Shape: counterShape(g, 0)}, {DType: tensor.Bool, Shape: counterShape(g, 1)}}
	carried, rest, err := in.settle(inputs[2:], func(carried []op.Type) ([]op.Type, []op.Type, error) {
		out, err := in.subgraph(g, append(slices.Clip(counters), carried...))
		if err != nil {
			return nil, nil, err
		}
		return out[1 : 1+len(carried)], out[1+len(carried):], nil
	})
	if err != nil {
		return nil
	}
	for _, t := range rest {
		carried = append(carried, stacked(t, 0, ir.Symbol("")))
	}
	return carried
}

// counterShape is that of the iteration number or the condition that a body is
// given: a scalar, unless it declares a vector.
func counterShape(g *ir.Graph, input int) ir.Shape {
	if input < len(g.Inputs) && len(g.Values[g.Inputs[input]].Shape) == 1 {
		return ir.Dims(1)
	}
	return ir.Shape{}
}

// settle finds types of carried values that a body maps to themselves, by
// forgetting what an iteration changes.
func (in *inference) settle(carried []op.Type, body func([]op.Type) (next, rest []op.Type, err error)) (settled, rest []op.Type, err error) {
	carried = slices.Clone(carried)
	for i := range carried {
		carried[i].Value, carried[i].Extents = nil, nil
	}
	for changed := true; changed; {
		var next []op.Type
		if next, rest, err = body(carried); err != nil {
			return nil, nil, err
		}
		changed = false
		for i, t := range next {
			common := op.Join(carried[i], t)
			if !sameType(common, carried[i]) {
				carried[i], changed = common, true
			}
		}
	}
	return carried, rest, nil
}

func sameType(a, b op.Type) bool {
	if (a.Elem == nil) != (b.Elem == nil) || a.Elem != nil && !sameType(*a.Elem, *b.Elem) {
		return false
	}
	return a.DType == b.DType && (a.Shape == nil) == (b.Shape == nil) && slices.Equal(a.Shape, b.Shape)
}

// stacked puts an axis of extent d into a type.
func stacked(t op.Type, axis int, d ir.Dim) op.Type {
	out := op.Type{DType: t.DType}
	if t.Shape == nil {
		return out
	}
	if axis < 0 {
		axis += len(t.Shape) + 1
	}
	if axis >= 0 && axis <= len(t.Shape) {
		out.Shape = slices.Insert(slices.Clone(t.Shape), axis, d)
	}
	return out
}

// scan infers a Scan: the body maps (states..., slices...) to (states...,
// slices...).
func (in *inference) scan(n *ir.Node, inputs []op.Type) []op.Type {
	g, sequences := n.Attrs.Graph("body"), n.Attrs.Int("num_scan_inputs", 0)
	states := len(inputs) - sequences
	if g == nil || sequences < 1 || states < 0 || len(g.Outputs) < states || n.Version < 9 {
		return nil // the first version, with a batch axis, is used by nothing any more
	}
	length := ir.Symbol("")
	var pieces []op.Type
	for i, t := range inputs[states:] {
		t, d := sliced(t, at(n.Attrs.Ints("scan_input_axes"), i))
		pieces = append(pieces, t)
		if d != ir.Symbol("") {
			length = d
		}
	}
	carried, rest, err := in.settle(inputs[:states], func(carried []op.Type) ([]op.Type, []op.Type, error) {
		out, err := in.subgraph(g, append(append([]op.Type{}, carried...), pieces...))
		if err != nil {
			return nil, nil, err
		}
		return out[:states], out[states:], nil
	})
	if err != nil {
		return nil
	}
	for i, t := range rest {
		carried = append(carried, stacked(t, at(n.Attrs.Ints("scan_output_axes"), i), length))
	}
	return carried
}

// sequenceMap infers a SequenceMap: the body maps an element of each sequence,
// and tensors, to an element of each result.
func (in *inference) sequenceMap(n *ir.Node, inputs []op.Type) []op.Type {
	g := n.Attrs.Graph("body")
	if g == nil || len(inputs) == 0 || len(inputs[0].Shape) != 1 {
		return nil
	}
	elems := slices.Clone(inputs)
	for i, t := range inputs {
		if t.DType != tensor.Sequence {
			continue
		}
		if elems[i] = (op.Type{}); t.Elem != nil {
			elems[i] = *t.Elem
		}
	}
	out, err := in.subgraph(g, elems)
	if err != nil {
		return nil
	}
	for i, t := range out {
		t.Value, t.Extents = nil, nil
		out[i] = op.Type{DType: tensor.Sequence, Shape: inputs[0].Shape, Elem: &t}
	}
	return out
}

// sliced takes an axis out of a type and returns its extent.
func sliced(t op.Type, axis int) (op.Type, ir.Dim) {
	out := op.Type{DType: t.DType}
	if axis < 0 {
		axis += len(t.Shape)
	}
	if axis < 0 || axis >= len(t.Shape) {
		return out, ir.Symbol("")
	}
	out.Shape = slices.Delete(slices.Clone(t.Shape), axis, axis+1)
	return out, t.Shape[axis]
}

// at returns element i of a list, 0 beyond its end.
func at(list []int, i int) int {
	if i < len(list) {
		return list[i]
	}
	return 0
}
