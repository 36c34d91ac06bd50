package ort

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// layerGrads are the gradients of what belongs to one direction; dp and dc0 are
// None where there is none.
type layerGrads struct{ dx, dw, dr, db, dh0, dc0, dp ir.ValueID }

// gradients runs a direction and goes back.
func (p *direction) gradients() layerGrads {
	switch p.kind {
	case "RNN":
		return p.rnn()
	case "GRU":
		return p.gru()
	}
	return p.lstm()
}

// fromInput is what the inputs add to the arguments of the gates, with the
// biases: [steps,batch,G·H].
func (p *direction) fromInput(bias ir.ValueID) ir.ValueID {
	return p.add(p.Op("MatMul", nil, p.x, p.transpose(p.w, 1, 0)), bias)
}

// affine is h·wᵀ + b, in one operator.
func (b *body) affine(h, w, bias ir.ValueID) ir.ValueID {
	return b.Op("Gemm", ir.Pairs("transB", 1), h, w, bias)
}

// before shifts states of all steps by one: what each step began with.
func (p *direction) before(first, all ir.ValueID) ir.ValueID {
	first = p.reshape(first, 1, p.batch, p.hidden)
	if p.steps < 2 {
		return first
	}
	return p.concat(0, first, p.slice(all, 0, 0, p.steps-1))
}

// gatesAt splits the last axis of v into n gates.
func (l *lowering) gatesAt(v ir.ValueID, n int) []ir.ValueID {
	if n == 1 {
		return []ir.ValueID{v}
	}
	return slices.Clone(l.Node("", "Split", ir.Pairs("axis", -1, "num_outputs", n), n, v))
}

// outer sums aᵀ·b over all steps and sequences.
func (p *direction) outer(a ir.ValueID, rows int, b ir.ValueID, columns int) ir.ValueID {
	n := p.steps * p.batch
	return p.Op("Gemm", ir.Pairs("transA", 1), p.reshape(a, n, rows), p.reshape(b, n, columns))
}

// collect makes the gradients that do not go through time, from those of the
// gates' arguments, dpre, and of what the state adds to them, drec.
func (p *direction) collect(dpre, drec, dr, dh0 ir.ValueID) layerGrads {
	rows := p.gates * p.hidden
	return layerGrads{
		dx: p.turned(p.Op("MatMul", nil, dpre, p.w)),
		dw: p.outer(dpre, rows, p.x, p.inputs),
		dr: dr, dh0: dh0, dc0: ir.None, dp: ir.None,
		db: p.concat(0, p.sum(dpre, 0, 1), p.sum(drec, 0, 1)),
	}
}

// join puts the gradients of the directions together, in the order of the
// layer's inputs.
func (y *layer) join(parts []layerGrads) []ir.ValueID {
	stack := func(of func(layerGrads) ir.ValueID, shape ...int) ir.ValueID {
		var list []ir.ValueID
		for _, p := range parts {
			if of(p) == ir.None {
				return ir.None
			}
			list = append(list, y.reshape(of(p), append([]int{1}, shape...)...))
		}
		return y.concat(0, list...)
	}
	dx := parts[0].dx
	for _, p := range parts[1:] {
		dx = y.add(dx, p.dx)
	}
	rows := y.gates * y.hidden
	dh := stack(func(p layerGrads) ir.ValueID { return p.dh0 }, y.batch, y.hidden)
	dc := stack(func(p layerGrads) ir.ValueID { return p.dc0 }, y.batch, y.hidden)
	if y.batchFirst() {
		dx, dh = y.transpose(dx, 1, 0, 2), y.transpose(dh, 1, 0, 2)
		if dc != ir.None {
			dc = y.transpose(dc, 1, 0, 2)
		}
	}
	return []ir.ValueID{
		op.LayerX: dx, op.LayerLengths: ir.None, op.LayerH: dh, op.LayerC: dc,
		op.LayerW: stack(func(p layerGrads) ir.ValueID { return p.dw }, rows, y.inputs),
		op.LayerR: stack(func(p layerGrads) ir.ValueID { return p.dr }, rows, y.hidden),
		op.LayerB: stack(func(p layerGrads) ir.ValueID { return p.db }, 2*rows),
		op.LayerP: stack(func(p layerGrads) ir.ValueID { return p.dp }, 3*y.hidden),
	}
}

// rnn: h' = f(x·wᵀ + h·rᵀ + b).
func (p *direction) rnn() layerGrads {
	_, all := p.scan(false, []ir.ValueID{p.h}, []ir.ValueID{p.fromInput(p.add(p.b, p.rb))}, func(b *body, s, in []ir.ValueID) (next, out []ir.ValueID) {
		pre := p.clipped(b.lowering, b.affine(s[0], b.of(p.r), in[0]))
		h := b.keep(p.f[0].fire(b.lowering, pre), s[0])
		return []ir.ValueID{h}, []ir.ValueID{pre, h}
	})
	pre, h := all[0], all[1]
	slope := p.living(p.slope(p.f[0], pre, p.f[0].fire(p.lowering, pre)))
	first, back := p.scan(true, []ir.ValueID{p.dh}, []ir.ValueID{p.dy, slope}, func(b *body, s, in []ir.ValueID) (next, out []ir.ValueID) {
		dh := b.add(s[0], in[0])
		dz := b.mul(dh, in[1])
		return []ir.ValueID{b.keep(b.Op("MatMul", nil, dz, b.of(p.r)), dh)}, []ir.ValueID{dz}
	})
	dr := p.outer(back[0], p.hidden, p.before(p.h, h), p.hidden)
	return p.collect(back[0], back[0], dr, first[0])
}
