package autodiff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A recurrence is the body of a Loop or Scan on its way back. The forward node
// is made to stack what its carried values were before each iteration, and the
// backward node goes through these stacks from the last one to the first. It
// carries the gradients of the carried values, and sums of the gradients of
// what the body captures.
type recurrence struct {
	*region
	node *ir.Node
	// states are the carried values as the body reads them, next as it makes
	// them, initial as they come into the node; last are the node's outputs.
	states, next, initial, last []ir.ValueID
	carried                     []int        // the states that carry gradients
	captured                    []ir.ValueID // of the enclosing graph
}

// addStacks makes values of the enclosing graph for the stacks, which nothing
// computes until they are known to be needed.
func (e *extension) addStacks(n *ir.Node, types []op.Type) []ir.ValueID {
	stacks := make([]ir.ValueID, len(types))
	for i, t := range types {
		stacks[i] = e.graph.AddValue(ir.Value{Name: fmt.Sprintf("grad/%s/stack%d", n.Name, i), DType: t.DType})
	}
	return stacks
}

// activate finds which states carry gradients: those that begin with an active
// value, or that the body makes from one.
func (c *recurrence) activate(others ...ir.ValueID) {
	wrt := slices.Clone(others)
	for _, v := range c.captured {
		wrt = append(wrt, c.capture(v))
	}
	for i, v := range c.initial {
		if c.isReal(i) && v != ir.None && c.outer.active[v] {
			wrt = append(wrt, c.states[i])
		}
	}
	for changed := true; changed; {
		c.markFrom(wrt)
		changed = false
		for i, v := range c.states {
			if c.isReal(i) && c.active[c.next[i]] && !c.active[v] {
				wrt, changed = append(wrt, v), true
			}
		}
	}
	for i, v := range c.states {
		if c.active[v] {
			c.carried = append(c.carried, i)
		}
	}
}

// isReal reports whether a state may carry a gradient.
func (c *recurrence) isReal(i int) bool {
	d := c.types[c.states[i]].DType
	return d == tensor.Invalid || d.IsFloat()
}

// accumulators adds the inputs of the backward body: the gradients of the
// carried states and the sums for what is captured.
func (c *recurrence) accumulators() []ir.ValueID {
	var list []ir.ValueID
	for _, i := range c.carried {
		list = append(list, c.input("state", i, c.types[c.states[i]].DType))
	}
	for i, v := range c.captured {
		list = append(list, c.input("sum", i, c.outer.typeOf(v).DType))
	}
	return list
}

// input adds an input of the backward body.
func (c *recurrence) input(what string, i int, dtype tensor.DType) ir.ValueID {
	return c.value(fmt.Sprintf("grad/%s/%s%d", c.node.Name, what, i), dtype)
}

// seeds are the gradients that come into the body's outputs: for its states the
// accumulators, for what it scans out the given ones.
func (c *recurrence) seeds(accumulators, scanned []ir.ValueID) (outputs, seeds []ir.ValueID) {
	for k, i := range c.carried {
		outputs, seeds = append(outputs, c.next[i]), append(seeds, accumulators[k])
	}
	for k, seed := range scanned {
		outputs, seeds = append(outputs, c.graph.Outputs[len(c.graph.Outputs)-len(scanned)+k]), append(seeds, seed)
	}
	return outputs, seeds
}

// advance writes the accumulators after an iteration.
func (c *recurrence) advance(accumulators []ir.ValueID) []ir.ValueID {
	next := make([]ir.ValueID, len(accumulators))
	for k, i := range c.carried {
		if next[k] = c.total(c.states[i]); next[k] == ir.None {
			next[k] = c.zerosLike(accumulators[k])
		}
	}
	for k, v := range c.captured {
		at := len(c.carried) + k
		next[at] = accumulators[at]
		if grad := c.total(c.capture(v)); grad != ir.None {
			next[at] = c.build.Op("Add", nil, next[at], grad)
		}
	}
	for k, v := range next {
		if slices.Contains(accumulators, v) { // an output is no input
			next[k] = c.build.Op("Identity", nil, v)
		}
	}
	return next
}

// start lists what the accumulators begin with, as values of the enclosing
// graph: the gradients of the node's results, and zeros.
func (c *recurrence) start(dy []ir.ValueID) []ir.ValueID {
	var list []ir.ValueID
	for _, i := range c.carried {
		switch last := c.last[i]; {
		case last != ir.None && dy[i] != ir.None:
			list = append(list, dy[i])
		case last != ir.None:
			list = append(list, c.outer.zerosLike(last))
		default:
			list = append(list, c.outer.zerosLike(c.initial[i]))
		}
	}
	for _, v := range c.captured {
		list = append(list, c.outer.zerosLike(v))
	}
	return list
}

// deliver adds the gradients that the backward node makes.
func (c *recurrence) deliver(grads []ir.ValueID) {
	for k, i := range c.carried {
		if v := c.initial[i]; v != ir.None && c.outer.active[v] {
			c.outer.add(v, grads[k])
		}
	}
	for k, v := range c.captured {
		c.outer.add(v, grads[len(c.carried)+k])
	}
}

// stack makes the forward node scan out values of its body. The node is changed
// in place; what it makes besides stays as it is.
func (e *extension) stack(n *ir.Node, values, stacks []ir.ValueID) {
	id := e.graph.Values[n.Outputs[slices.IndexFunc(n.Outputs, func(v ir.ValueID) bool { return v != ir.None })]].Producer
	node := &e.graph.Nodes[id]
	body := node.Attrs.Graph("body").Clone()
	results := len(body.Outputs)
	if n.Op == "Loop" {
		results-- // the condition
	}
	node.Outputs = slices.Clone(node.Outputs)
	for len(node.Outputs) < results {
		node.Outputs = append(node.Outputs, ir.None)
	}
	b := ir.NewBuilder(body, "grad/")
	for i, v := range values {
		body.Outputs = append(body.Outputs, b.Op("Identity", nil, v))
		node.Outputs = append(node.Outputs, stacks[i])
		e.graph.Values[stacks[i]].Producer = id
	}
	node.Attrs = maps.Clone(node.Attrs)
	node.Attrs["body"] = ir.Attr{Value: body}
	for _, name := range []string{"scan_output_axes", "scan_output_directions"} {
		if list := node.Attrs.Ints(name); list != nil {
			node.Attrs[name] = ir.Pairs(name, append(list, make([]int, len(stacks))...))[name]
		}
	}
}
