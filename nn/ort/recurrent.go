package ort

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// The gradient of a recurrent layer runs the layer again and goes back through
// time, each way with a Scan. Only what truly needs the step before is in the
// bodies; the products with inputs and weights, and the slopes of the gates, are
// taken of all steps at once.

// A layer is a recurrent layer whose gradient is written. Values have the steps
// before the batch.
type layer struct {
	*lowering
	n                            *ir.Node
	kind                         string
	gates                        int
	steps, batch, inputs, hidden int
	clip                         float64
	x, lengths                   ir.ValueID
	// alive tells for each step which sequences are not over,
	// [steps,batch,1]; None if none ends before.
	alive ir.ValueID
}

// A direction is one pass of a layer over its sequences.
type direction struct {
	*layer
	reverse bool
	f       []gate
	// Weights w [G·H,I], r [G·H,H], b [G·H] of the inputs and rb of the state,
	// p [3,H] or None; states before the first step [batch,H].
	w, r, b, rb, p ir.ValueID
	h, c           ir.ValueID
	// Gradients of what the layer gives: dy [steps,batch,H], dh and dc [batch,H].
	dy, dh, dc ir.ValueID
	x          ir.ValueID // [steps,batch,I] in the order of the pass
}

func lowerRecurrentGrad(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
	y := &layer{lowering: l, n: n, kind: strings.TrimSuffix(n.Op, "Grad"), clip: n.Attrs.Float("clip", 0), lengths: ir.ValueID(n.Input(op.LayerLengths))}
	switch y.kind {
	case "RNN":
		y.gates = 1
	case "GRU":
		y.gates = 3
	case "LSTM":
		y.gates = 4
	}
	x := l.shape(n.Inputs[op.LayerX])
	y.steps, y.batch, y.inputs, y.hidden = x[0], x[1], x[2], l.shape(n.Inputs[op.LayerR])[2]
	if y.batchFirst() {
		y.steps, y.batch = y.batch, y.steps
	}
	y.x, y.alive = y.stepsFirst(n.Inputs[op.LayerX], 0, 1), y.aliveSteps()
	reversed, err := op.Directions(n)
	if err != nil {
		return nil, err
	}
	gates, err := gatesOf(n, y.kind, len(reversed))
	if err != nil {
		return nil, err
	}
	count := op.LayerInputs(y.kind)
	var parts []layerGrads
	for i, reverse := range reversed {
		p := y.direction(i, count)
		p.reverse, p.f = reverse, gates[i]
		p.x, p.dy = p.turned(p.x), p.living(p.turned(p.dy))
		parts = append(parts, p.gradients())
	}
	return y.join(parts)[:count], nil
}

func (y *layer) batchFirst() bool { return y.n.Attrs.Bool("layout", false) }

// stepsFirst exchanges two axes if the layer has the batch first.
func (y *layer) stepsFirst(v ir.ValueID, a, b int) ir.ValueID {
	if v == ir.None || !y.batchFirst() {
		return v
	}
	perm := until(len(y.shape(v)))
	perm[a], perm[b] = b, a
	return y.transpose(v, perm...)
}

func (y *layer) aliveSteps() ir.ValueID {
	if y.lengths == ir.None {
		return ir.None
	}
	step := y.reshape(y.Ints(until(y.steps)...), y.steps, 1, 1)
	return y.Op("Less", nil, step, y.reshape(y.long(y.lengths), 1, y.batch, 1))
}

// direction takes what belongs to direction i. count is how many inputs the layer
// has.
func (y *layer) direction(i, count int) *direction {
	n, rows := y.n, y.gates*y.hidden
	states := []int{y.batch, y.hidden}
	p := &direction{
		layer: y, x: y.x, p: ir.None, c: ir.None, dc: ir.None,
		w: y.part(n.Inputs[op.LayerW], i, rows, y.inputs), r: y.part(n.Inputs[op.LayerR], i, rows, y.hidden),
		b: y.zeros(rows), rb: y.zeros(rows),
		h: y.part(y.stepsFirst(n.Input(op.LayerH), 0, 1), i, states...),
	}
	if b := n.Input(op.LayerB); b != ir.None {
		both := y.part(b, i, 2*rows)
		p.b, p.rb = y.slice(both, 0, 0, rows), y.slice(both, 0, rows, 2*rows)
	}
	if y.kind == "LSTM" {
		p.c = y.part(y.stepsFirst(n.Input(op.LayerC), 0, 1), i, states...)
		if v := n.Input(op.LayerP); v != ir.None {
			p.p = y.part(v, i, 3, y.hidden)
		}
		p.dc = y.part(y.stepsFirst(n.Input(count+2), 0, 1), i, states...)
	}
	p.dh = y.part(y.stepsFirst(n.Input(count+1), 0, 1), i, states...)
	p.dy = y.zeros(y.steps, y.batch, y.hidden)
	if dy := n.Input(count); dy != ir.None {
		if y.batchFirst() { // [batch,steps,D,H]
			dy = y.transpose(dy, 1, 2, 0, 3)
		}
		p.dy = y.reshape(y.slice(dy, 1, i, i+1), y.steps, y.batch, y.hidden)
	}
	return p
}

// part takes what belongs to direction i of v, and zeros if v is left out.
func (y *layer) part(v ir.ValueID, i int, shape ...int) ir.ValueID {
	if v == ir.None {
		return y.zeros(shape...)
	}
	return y.reshape(y.slice(v, 0, i, i+1), shape...)
}

// living is v [steps,batch,...], with zeros where a sequence is over.
func (p *direction) living(v ir.ValueID) ir.ValueID {
	if p.alive == ir.None {
		return v
	}
	return p.where(p.alive, v, p.number(0))
}

// turned reverses the steps of each sequence if the pass begins at its end.
func (p *direction) turned(v ir.ValueID) ir.ValueID {
	switch {
	case !p.reverse:
		return v
	case p.lengths == ir.None:
		return p.layer.reverse(v, 0)
	}
	return p.Op("ReverseSequence", ir.Pairs("time_axis", 0, "batch_axis", 1), v, p.long(p.lengths))
}
