package ort

import "github.com/tomo-viz/tomo/nn/ir"

// The gates of an LSTM, in ONNX's order.
const (
	gateI = iota
	gateO
	gateF
	gateG
)

// lstm (ONNX, LSTM):
//
//	i, f = f(... + p·c)   g = g(...)   c' = f·c + i·g
//	o = f(... + p·c')     h' = o·h(c')
func (p *direction) lstm() layerGrads {
	_, all := p.scan(false, []ir.ValueID{p.h, p.c}, []ir.ValueID{p.fromInput(p.add(p.b, p.rb))}, p.lstmStep)
	pre, h, c := p.gatesAt(all[0], 4), all[1], all[2]
	act := make([]ir.ValueID, 4)
	slope := make([]ir.ValueID, 4)
	for k := range act {
		f := p.f[0]
		if k == gateG {
			f = p.f[1]
		}
		act[k] = f.fire(p.lowering, pre[k])
		slope[k] = p.slope(f, pre[k], act[k])
	}
	oldC, toI := p.before(p.c, c), act[gateG]
	if p.inputForget() {
		act[gateF], toI = p.minus(1, act[gateI]), p.sub(act[gateG], oldC)
	}
	out := p.f[2].fire(p.lowering, p.clipped(p.lowering, c))
	first, back := p.scan(true, []ir.ValueID{p.dh, p.dc}, []ir.ValueID{
		p.dy,
		p.living(p.mul(out, slope[gateO])), p.mul(act[gateO], p.slope(p.f[2], c, out)),
		p.living(p.mul(toI, slope[gateI])), p.living(p.mul(oldC, slope[gateF])), p.living(p.mul(act[gateI], slope[gateG])),
		act[gateF],
	}, p.lstmBack)
	dz := back[0]
	g := p.collect(dz, dz, p.outer(dz, 4*p.hidden, p.before(p.h, h), p.hidden), first[0])
	g.dc0 = first[1]
	if p.p != ir.None {
		d := p.gatesAt(dz, 4)
		g.dp = p.concat(0, p.sum(p.mul(d[gateI], oldC), 0, 1), p.sum(p.mul(d[gateO], c), 0, 1), p.sum(p.mul(d[gateF], oldC), 0, 1))
	}
	return g
}

func (p *direction) inputForget() bool { return p.n.Attrs.Bool("input_forget", false) }

// peep adds what the peephole of a gate sees, or what it sends back.
func (p *direction) peep(b *body, to, from ir.ValueID, gate int) ir.ValueID {
	if p.p == ir.None || gate == gateF && p.inputForget() {
		return to
	}
	return b.add(to, b.mul(from, b.slice(b.of(p.p), 0, gate, gate+1)))
}

// lstmStep goes from (h, c) to the next ones, and collects the arguments of the
// gates and both states.
func (p *direction) lstmStep(b *body, s, in []ir.ValueID) (next, out []ir.ValueID) {
	h, c := s[0], s[1]
	pre := b.gatesAt(b.affine(h, b.of(p.r), in[0]), 4)
	argument := func(gate int, c ir.ValueID) ir.ValueID {
		pre[gate] = p.clipped(b.lowering, p.peep(b, pre[gate], c, gate))
		return pre[gate]
	}
	i := p.f[0].fire(b.lowering, argument(gateI, c))
	forget := ir.ValueID(ir.None)
	if p.inputForget() {
		forget = b.minus(1, i)
	} else {
		forget = p.f[0].fire(b.lowering, argument(gateF, c))
	}
	pre[gateG] = p.clipped(b.lowering, pre[gateG])
	newC := b.add(b.mul(forget, c), b.mul(i, p.f[1].fire(b.lowering, pre[gateG])))
	o := p.f[0].fire(b.lowering, argument(gateO, newC))
	newH := b.keep(b.mul(o, p.f[2].fire(b.lowering, p.clipped(b.lowering, newC))), h)
	newC = b.keep(newC, c)
	return []ir.ValueID{newH, newC}, []ir.ValueID{b.concat(-1, pre...), newH, newC}
}

// lstmBack goes from the gradients of the states behind a step to those before
// it, and collects those of the gates' arguments. The parts are dy,
// what dh is multiplied with for o and for c, what dc is multiplied with for i,
// f and g, and f itself.
func (p *direction) lstmBack(b *body, s, in []ir.ValueID) (next, out []ir.ValueID) {
	dh := b.add(s[0], in[0])
	do := b.mul(dh, in[1])
	dc := p.peep(b, b.add(s[1], b.mul(dh, in[2])), do, gateO)
	di, df, dg := b.mul(dc, in[3]), b.mul(dc, in[4]), b.mul(dc, in[5])
	if p.inputForget() {
		df = b.mul(df, b.number(0))
	}
	dz := b.concat(-1, di, do, df, dg)
	oldC := p.peep(b, p.peep(b, b.mul(dc, in[6]), di, gateI), df, gateF)
	oldH := b.Op("MatMul", nil, dz, b.of(p.r))
	return []ir.ValueID{b.keep(oldH, dh), b.keep(oldC, s[1])}, []ir.ValueID{dz}
}
