package ort

import "github.com/tomo-viz/tomo/nn/ir"

// gru (ONNX, GRU): the gates z and r, then the candidate n from r·h, or from r
// times what the state adds if linear_before_reset; h' = (1-z)·n + z·h.
func (p *direction) gru() layerGrads {
	H, linear := p.hidden, p.n.Attrs.Bool("linear_before_reset", false)
	rGates, rNew := p.slice(p.r, 0, 0, 2*H), p.slice(p.r, 0, 2*H, 3*H)
	bGates, bNew := p.slice(p.rb, 0, 0, 2*H), p.slice(p.rb, 0, 2*H, 3*H)
	input := p.fromInput(p.b)
	toGates, toNew := p.add(p.slice(input, 2, 0, 2*H), bGates), p.slice(input, 2, 2*H, 3*H)
	if !linear {
		toNew = p.add(toNew, bNew)
	}
	_, all := p.scan(false, []ir.ValueID{p.h}, []ir.ValueID{toGates, toNew}, func(b *body, s, in []ir.ValueID) (next, out []ir.ValueID) {
		h := s[0]
		pre := p.clipped(b.lowering, b.affine(h, b.of(rGates), in[0]))
		gates := b.gatesAt(p.f[0].fire(b.lowering, pre), 2)
		kept := b.mul(gates[1], h)
		arg := ir.ValueID(ir.None)
		if linear {
			kept = b.affine(h, b.of(rNew), b.of(bNew))
			arg = b.add(in[1], b.mul(gates[1], kept))
		} else {
			arg = b.affine(kept, b.of(rNew), in[1])
		}
		arg = p.clipped(b.lowering, arg)
		n := p.f[1].fire(b.lowering, arg)
		newH := b.keep(b.add(n, b.mul(gates[0], b.sub(h, n))), h)
		return []ir.ValueID{newH}, []ir.ValueID{pre, arg, kept, newH}
	})
	pre, arg, kept, oldH := all[0], all[1], all[2], p.before(p.h, all[3])
	gates, n := p.f[0].fire(p.lowering, pre), p.f[1].fire(p.lowering, arg)
	slope := p.gatesAt(p.slope(p.f[0], pre, gates), 2)
	split := p.gatesAt(gates, 2)
	z, r, resets := split[0], split[1], oldH
	if linear {
		resets = kept
	}
	first, back := p.scan(true, []ir.ValueID{p.dh}, []ir.ValueID{
		p.dy,
		p.living(p.mul(p.sub(oldH, n), slope[0])), p.living(p.mul(p.minus(1, z), p.slope(p.f[1], arg, n))),
		p.living(p.mul(resets, slope[1])), z, r,
	}, func(b *body, s, in []ir.ValueID) (next, out []ir.ValueID) {
		dh := b.add(s[0], in[0])
		dz, dn := b.mul(dh, in[1]), b.mul(dh, in[2])
		sent := b.mul(dh, in[4]) // to h
		dr := ir.ValueID(ir.None)
		if linear {
			sent = b.add(sent, b.Op("MatMul", nil, b.mul(dn, in[5]), b.of(rNew)))
			dr = b.mul(dn, in[3])
		} else {
			dkept := b.Op("MatMul", nil, dn, b.of(rNew))
			sent = b.add(sent, b.mul(dkept, in[5]))
			dr = b.mul(dkept, in[3])
		}
		dgates := b.concat(-1, dz, dr)
		sent = b.add(sent, b.Op("MatMul", nil, dgates, b.of(rGates)))
		return []ir.ValueID{b.keep(sent, dh)}, []ir.ValueID{dgates, dn}
	})
	dgates, dn := back[0], back[1]
	added, from := dn, kept
	if linear {
		added, from = p.mul(dn, r), oldH
	}
	dr := p.concat(0, p.outer(dgates, 2*H, oldH, H), p.outer(added, H, from, H))
	return p.collect(p.concat(-1, dgates, dn), p.concat(-1, dgates, added), dr, first[0])
}
