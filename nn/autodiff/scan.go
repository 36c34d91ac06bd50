package autodiff

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// scanGrad writes the gradient of a Scan: another one that goes through the
// same sequences in the other direction, and through stacks of what the states
// were and the gradients of what was scanned out.
func (e *extension) scanGrad(n *ir.Node, dy []ir.ValueID) error {
	body, sequences := n.Attrs.Graph("body"), n.Attrs.Int("num_scan_inputs", 0)
	states := len(n.Inputs) - sequences
	if body == nil || n.Version < 9 || sequences < 1 || states < 0 || len(body.Inputs) != len(n.Inputs) || len(body.Outputs) < states {
		return &NoRuleError{Node: n.Name, Op: n.Op}
	}
	types := e.scanTypes(n, states)
	r, err := e.enter(body, types, nil)
	if err != nil {
		return err
	}
	c := &recurrence{
		region: r, node: n, states: body.Inputs[:states], next: body.Outputs[:states],
		initial: n.Inputs[:states], last: outputs(n, states), captured: e.captured(body),
	}
	var moving []int // the sequences that gradients are wanted of, by input
	for i := states; i < len(n.Inputs); i++ {
		if e.active[n.Inputs[i]] {
			moving = append(moving, i)
		}
	}
	c.activate(pick(body.Inputs, moving)...)
	sums := c.accumulators()
	back := &backwardScan{inputs: slices.Clone(sums), given: c.start(dy)}
	scanned := make([]ir.ValueID, len(body.Outputs)-states)
	for k := range scanned {
		if scanned[k] = ir.None; states+k < len(dy) && dy[states+k] != ir.None {
			scanned[k] = c.input("scanned", k, r.types[body.Outputs[states+k]].DType)
			back.sequence(scanned[k], dy[states+k], scannedOut(n, k))
		}
	}
	if err := c.differentiate(c.seeds(sums, scanned)); err != nil {
		return err
	}
	results := c.advance(sums)
	for _, i := range moving {
		results = append(results, r.of(body.Inputs[i]))
		back.outputs = append(back.outputs, scannedIn(n, i-states).reversed())
	}
	for i := states; i < len(n.Inputs); i++ {
		back.sequence(body.Inputs[i], n.Inputs[i], scannedIn(n, i-states))
	}
	var kept []int
	trial := r.finish(nil, results)
	for i, v := range c.states {
		if reads(trial, v) {
			kept = append(kept, i)
		}
	}
	stacks := e.addStacks(n, types[:states])
	e.stack(n, pick(c.states, kept), pick(stacks, kept))
	for _, i := range kept {
		back.sequence(c.states[i], stacks[i], way{})
	}
	attrs := back.attrs(len(sums))
	attrs["body"] = ir.Attr{Value: r.finish(back.inputs, results)}
	e.build.Prefix, e.build.Module = "grad/"+n.Name+"/", n.Module
	grads := e.build.Node("", "Scan", attrs, len(results), back.given...)
	c.deliver(grads)
	for k, i := range moving {
		e.add(n.Inputs[i], grads[len(sums)+k])
	}
	return nil
}

// scanTypes are the types of the inputs of a Scan's body.
func (e *extension) scanTypes(n *ir.Node, states int) []op.Type {
	var types []op.Type
	for i, v := range n.Inputs {
		if i < states {
			types = append(types, e.stateType(n, i, v))
			continue
		}
		whole, axis := e.typeOf(v), scannedIn(n, i-states).axis
		if axis < 0 {
			axis += len(whole.Shape)
		}
		t := op.Type{DType: whole.DType}
		if axis >= 0 && axis < len(whole.Shape) {
			t.Shape = slices.Delete(slices.Clone(whole.Shape), axis, axis+1)
		}
		types = append(types, t)
	}
	return types
}

// A way is the axis that a sequence is scanned along, and the direction: 0 from
// the first element on, 1 from the last one.
type way struct{ axis, direction int }

func (w way) reversed() way { return way{w.axis, 1 - w.direction} }

func scannedIn(n *ir.Node, i int) way { return wayOf(n, "scan_input", i) }

func scannedOut(n *ir.Node, i int) way { return wayOf(n, "scan_output", i) }

func wayOf(n *ir.Node, what string, i int) (w way) {
	if axes := n.Attrs.Ints(what + "_axes"); i < len(axes) {
		w.axis = axes[i]
	}
	if directions := n.Attrs.Ints(what + "_directions"); i < len(directions) {
		w.direction = directions[i]
	}
	return w
}

// A backwardScan collects what the backward node takes and makes.
type backwardScan struct {
	inputs    []ir.ValueID // of its body
	given     []ir.ValueID // of the node
	sequences []way
	outputs   []way
}

// sequence adds one that the forward node goes through the given way.
func (b *backwardScan) sequence(inner, given ir.ValueID, w way) {
	b.inputs, b.given = append(b.inputs, inner), append(b.given, given)
	b.sequences = append(b.sequences, w.reversed())
}

func (b *backwardScan) attrs(states int) ir.Attrs {
	return ir.Pairs(
		"num_scan_inputs", len(b.given)-states,
		"scan_input_axes", axesOf(b.sequences), "scan_input_directions", directionsOf(b.sequences),
		"scan_output_axes", axesOf(b.outputs), "scan_output_directions", directionsOf(b.outputs),
	)
}

func axesOf(ways []way) []int {
	list := make([]int, len(ways))
	for i, w := range ways {
		list[i] = w.axis
	}
	return list
}

func directionsOf(ways []way) []int {
	list := make([]int, len(ways))
	for i, w := range ways {
		list[i] = w.direction
	}
	return list
}
