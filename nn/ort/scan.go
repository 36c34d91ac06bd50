package ort

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A step writes what a Scan does in one step: from the states and the step's
// parts of the inputs the next states, and what is to be collected.
type step func(b *body, states, parts []ir.ValueID) (next, collected []ir.ValueID)

// A body is the graph of a Scan while it is written.
type body struct {
	*lowering
	inner map[ir.ValueID]ir.ValueID // of the values outside
	alive ir.ValueID                // the step's part of direction.alive
}

// of is a value of the graph outside, which stays the same in all steps.
func (b *body) of(v ir.ValueID) ir.ValueID {
	inner, ok := b.inner[v]
	if !ok {
		inner = b.G.AddValue(ir.Value{Name: fmt.Sprint("outside", v), DType: b.dtype})
		b.inner[v], b.G.Captures[inner] = inner, v
	}
	return inner
}

// keep is a, and where a sequence is over what it was before.
func (b *body) keep(a, before ir.ValueID) ir.ValueID {
	if b.alive == ir.None {
		return a
	}
	return b.where(b.alive, a, before)
}

// scan appends a Scan over the first axis of the inputs, from its start or, if
// backwards, from its end. It returns the states after the last step and what
// was collected, stacked along a first axis in the order of the inputs.
func (p *direction) scan(backwards bool, states, inputs []ir.ValueID, f step) (last, stacked []ir.ValueID) {
	g := ir.New("step")
	g.Opsets, g.Captures = maps.Clone(p.G.Opsets), map[ir.ValueID]ir.ValueID{}
	b := &body{&lowering{Builder: ir.NewBuilder(g, ""), dtype: p.dtype}, map[ir.ValueID]ir.ValueID{}, ir.None}
	given := slices.Concat(states, inputs)
	inner := make([]ir.ValueID, len(given))
	for i := range given {
		inner[i] = g.AddInput(fmt.Sprint("input", i), p.dtype, nil)
	}
	if p.alive != ir.None {
		given = append(given, p.alive)
		b.alive = g.AddInput("alive", tensor.Bool, nil)
	}
	next, collected := f(b, inner[:len(states)], inner[len(states):])
	for _, v := range slices.Concat(next, collected) {
		out := b.Op("Identity", nil, v) // an output of its own, also where v is one already
		g.Values[out].DType = p.dtype
		g.Outputs = append(g.Outputs, out)
	}
	scanned := len(given) - len(states)
	attrs := ir.Pairs("num_scan_inputs", scanned)
	attrs["body"] = ir.Attr{Value: g}
	if backwards {
		attrs["scan_input_directions"] = ir.Attr{Value: slices.Repeat([]int64{1}, scanned)}
		attrs["scan_output_directions"] = ir.Attr{Value: slices.Repeat([]int64{1}, len(collected))}
	}
	made := p.Node("", "Scan", attrs, len(g.Outputs), given...)
	return made[:len(next)], made[len(next):]
}
