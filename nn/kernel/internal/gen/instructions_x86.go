package main

import (
	"fmt"
	"strings"
)

// simple names the instructions of two operands whose result goes to a third
// register, or of one.
var simple = map[op]string{
	opAdd: "VADDPS", opSub: "VSUBPS", opMul: "VMULPS", opDiv: "VDIVPS", opMax: "VMAXPS", opMin: "VMINPS",
	opAnd: "VANDPS", opAndNot: "VANDNPS", opOr: "VORPS", opXor: "VXORPS",
	opAddInt: "VPADDD", opSubInt: "VPSUBD", opScale: "VSCALEFPS",
	opSqrt: "VSQRTPS", opToInt: "VCVTPS2DQ", opFromInt: "VCVTDQ2PS",
}

// instruction writes node i.
func (w *writer) instruction(i int, n *node) {
	switch n.op {
	case opLoad:
		n.reg = w.take()
		w.loadVector(w.source(n.imm), n.reg)
	case opStore:
		w.storeVector(w.register(n.args[0]), w.target(n.imm))
	case opPartial:
	case opRenew:
		w.renew(n)
	case opMulAdd, opNegMulAdd:
		w.multiplyAdd(i, n)
	case opSqrt, opToInt, opFromInt:
		n.reg = w.take()
		w.line("%s %s, %s", simple[n.op], w.operand(n.args[0]), n.reg)
	case opRound:
		n.reg = w.take()
		w.line("%s $8, %s, %s", w.pick("VRNDSCALEPS", "VROUNDPS"), w.operand(n.args[0]), n.reg)
	case opShiftLeft, opShiftRight:
		n.reg = w.take()
		w.line("%s $%d, %s, %s", map[op]string{opShiftLeft: "VPSLLD", opShiftRight: "VPSRAD"}[n.op], n.imm, w.operand(n.args[0]), n.reg)
	case opLess:
		w.compare(n, 1)
	case opEqual:
		w.compare(n, 0)
	case opUnordered:
		w.compare(n, 3)
	case opSelect:
		w.choose(n)
	default:
		// The last operand comes first, and only it may be memory.
		a := w.register(n.args[0])
		n.reg = w.take()
		w.line("%s %s, %s, %s", simple[n.op], w.operand(n.args[1]), a, n.reg)
	}
	w.dropLoaned()
}

func (w *writer) pick(wide, narrow string) string {
	if w.m.wide {
		return wide
	}
	return narrow
}

// source and target return the places that are read and written.
func (w *writer) source(i int) string {
	if w.from != nil {
		return w.from[i]
	}
	return w.memory(i)
}

func (w *writer) target(i int) string {
	if w.to != nil {
		return w.to[i]
	}
	return w.memory(0)
}

func (w *writer) loadVector(from, reg string) {
	switch {
	case !w.masked:
		w.line("VMOVUPS %s, %s", from, reg)
	case w.m.wide:
		w.line("VMOVUPS.Z %s, %s, %s", from, w.tail, reg)
	default:
		w.line("VMASKMOVPS %s, %s, %s", from, w.tail, reg)
	}
}

func (w *writer) storeVector(reg, to string) {
	switch {
	case !w.masked:
		w.line("VMOVUPS %s, %s", reg, to)
	case w.m.wide:
		w.line("VMOVUPS %s, %s, %s", reg, w.tail, to)
	default:
		w.line("VMASKMOVPS %s, %s, %s", reg, w.tail, to)
	}
}

// register returns the register of a value; a constant is lent one for the length
// of an instruction.
func (w *writer) register(n *node) string {
	r := w.operand(n)
	if !strings.Contains(r, "(") {
		return r
	}
	loan := w.take()
	w.loaned = append(w.loaned, loan)
	w.line("VMOVUPS %s, %s", r, loan)
	return loan
}

func (w *writer) dropLoaned() {
	w.free, w.loaned = append(w.free, w.loaned...), nil
}

// multiplyAdd writes a*b + c or c - a*b, over an operand that is not needed any
// more, or over a copy of a.
func (w *writer) multiplyAdd(i int, n *node) {
	name := map[op]string{opMulAdd: "VFMADD", opNegMulAdd: "VFNMADD"}[n.op]
	a, b, c := n.args[0], n.args[1], n.args[2]
	if w.isMemory(b) {
		a, b = b, a
	}
	if r, ok := w.steal(c, i, a, b); ok {
		w.line("%s231PS %s, %s, %s", name, w.operand(a), w.register(b), r)
		n.reg = r
		return
	}
	over, times := a, b
	r, ok := w.steal(a, i, b, c)
	if !ok {
		if r, ok = w.steal(b, i, a, c); ok {
			over, times = b, a
		}
	}
	if !ok {
		r = w.take()
		w.line("VMOVUPS %s, %s", w.operand(over), r)
	}
	w.line("%s213PS %s, %s, %s", name, w.operand(c), w.register(times), r)
	n.reg = r
}

func (w *writer) isMemory(n *node) bool { return n.op == opConst }

func (w *writer) compare(n *node, predicate int) {
	a := w.register(n.args[0])
	if w.m.wide {
		n.reg = w.masks[len(w.masks)-1]
		w.masks = w.masks[:len(w.masks)-1]
	} else {
		n.reg = w.take()
	}
	w.line("VCMPPS $%d, %s, %s, %s", predicate, w.operand(n.args[1]), a, n.reg)
}

// choose takes args[1] where the mask args[0] is set, else args[2].
func (w *writer) choose(n *node) {
	mask, yes, no := n.args[0].reg, w.operand(n.args[1]), w.register(n.args[2])
	n.reg = w.take()
	w.blend(mask, yes, no, n.reg)
}

func (w *writer) blend(mask, yes, no, to string) {
	if w.m.wide {
		w.line("VBLENDMPS %s, %s, %s, %s", yes, no, mask, to)
	} else {
		w.line("VBLENDVPS %s, %s, %s, %s", mask, yes, no, to)
	}
}

// renew gives a sum its next value, at the last lanes only where there are any.
func (w *writer) renew(n *node) {
	to, from := w.p.sums[n.imm].regs[w.unroll], w.register(n.args[0])
	if w.masked {
		w.blend(w.tail, from, to, to)
	} else {
		w.line("VMOVAPS %s, %s", from, to)
	}
}

// combineNaN puts the larger or smaller of registers a and b into a, or the NaN
// of either. The instruction keeps that of b.
func (w *writer) combineNaN(name, reg string, a, b int) {
	if w.m.wide {
		w.line("VCMPPS $7, %[1]s%[2]d, %[1]s%[2]d, K2", reg, a)
		w.line("%[1]s %[2]s%[3]d, %[2]s%[4]d, K2, %[2]s%[4]d", name, reg, b, a)
		return
	}
	t := regNumber(w.take())
	w.line("VCMPPS $3, %[1]s%[2]d, %[1]s%[2]d, %[1]s%[3]d", reg, a, t)
	w.line("%[1]s %[2]s%[3]d, %[2]s%[4]d, %[2]s%[4]d", name, reg, b, a)
	w.line("VORPS %[1]s%[2]d, %[1]s%[3]d, %[1]s%[3]d", reg, t, a)
	w.free = append(w.free, fmt.Sprint(w.m.reg, t))
}
