package autodiff

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// loopGrad writes the gradient of a Loop. The body maps (iteration, condition,
// carried...) to (condition, carried..., scanned...). On the way back iteration
// t reads what the carried values were from stacks that the Loop makes, and the
// gradients of what it scanned out.
func (e *extension) loopGrad(n *ir.Node, dy []ir.ValueID) error {
	body, carried := n.Attrs.Graph("body"), len(n.Inputs)-2
	if body == nil || carried < 0 || len(body.Inputs) != len(n.Inputs) || len(body.Outputs) < 1+carried {
		return &NoRuleError{Node: n.Name, Op: n.Op}
	}
	types := e.loopTypes(n)
	stacks := e.addStacks(n, types)
	e.build.Prefix, e.build.Module = "grad/"+n.Name+"/", n.Module
	trips := e.build.Op("Size", nil, stacks[0])
	final := e.build.Op("Sub", nil, trips, e.build.Const(tensor.Scalar[int64](1)))
	var step ir.ValueID
	r, err := e.enter(body, types, func(r *region) {
		step = r.value("grad/"+n.Name+"/step", tensor.Int64)
		r.bind(body.Inputs[0], r.build.Op("Sub", nil, r.capture(final), step))
		r.graph.Values[body.Inputs[1]].Const = tensor.Scalar(true) // or this would not have run
		for i, v := range body.Inputs[2:] {
			if !types[2+i].DType.IsContainer() {
				r.bind(v, r.build.Op("Gather", nil, r.capture(stacks[2+i]), body.Inputs[0]))
			}
		}
	})
	if err != nil {
		return err
	}
	c := &recurrence{
		region: r, node: n, states: body.Inputs[2:], next: body.Outputs[1 : 1+carried],
		initial: n.Inputs[2:], last: outputs(n, carried), captured: e.captured(body),
	}
	c.activate()
	sums := c.accumulators()
	var scanned []ir.ValueID
	for k := range body.Outputs[1+carried:] {
		seed := ir.ValueID(ir.None)
		if carried+k < len(dy) && dy[carried+k] != ir.None {
			seed = r.build.Op("Gather", nil, r.capture(dy[carried+k]), body.Inputs[0])
		}
		scanned = append(scanned, seed)
	}
	if err := c.differentiate(c.seeds(sums, scanned)); err != nil {
		return err
	}
	going := c.input("going", 0, tensor.Bool)
	results := append([]ir.ValueID{r.build.Op("Identity", nil, going)}, c.advance(sums)...)
	back := r.finish(append([]ir.ValueID{step, going}, sums...), results)
	if slices.ContainsFunc(c.states, func(v ir.ValueID) bool { return r.types[v].DType.IsContainer() && reads(back, v) }) {
		return &NoRuleError{Node: n.Name, Op: n.Op}
	}
	kept := []int{0}
	for i, v := range stacks[2:] {
		if inner, ok := r.inner[v]; ok && reads(back, inner) {
			kept = append(kept, 2+i)
		}
	}
	e.stack(n, pick(body.Inputs, kept), pick(stacks, kept))
	given := append([]ir.ValueID{trips, ir.None}, c.start(dy)...)
	e.build.Prefix, e.build.Module = "grad/"+n.Name+"/", n.Module
	c.deliver(e.build.Node("", "Loop", ir.Attrs{"body": {Value: back}}, len(sums), given...))
	return nil
}

// loopTypes are the types of the inputs of a Loop's body: those of the carried
// values are what the node makes of them, which holds for every iteration.
func (e *extension) loopTypes(n *ir.Node) []op.Type {
	types := []op.Type{{DType: tensor.Int64, Shape: ir.Shape{}}, {DType: tensor.Bool, Shape: ir.Shape{}}}
	for i, v := range n.Inputs[2:] {
		types = append(types, e.stateType(n, i, v))
	}
	return types
}

// stateType is the type of a carried value.
func (e *extension) stateType(n *ir.Node, i int, initial ir.ValueID) op.Type {
	t := e.typeOf(n.Output(i))
	if t.DType == tensor.Invalid {
		t = op.Type{DType: e.typeOf(initial).DType}
	}
	t.Value, t.Extents = nil, nil
	return t
}

// outputs lists the first count outputs of a node.
func outputs(n *ir.Node, count int) []ir.ValueID {
	list := make([]ir.ValueID, count)
	for i := range list {
		list[i] = n.Output(i)
	}
	return list
}

// pick lists elements by their places.
func pick(list []ir.ValueID, places []int) []ir.ValueID {
	picked := make([]ir.ValueID, len(places))
	for i, at := range places {
		picked[i] = list[at]
	}
	return picked
}
