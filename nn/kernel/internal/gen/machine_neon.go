package main

import (
	"fmt"
	"slices"
	"strconv"
)

// neonMachine does whole vectors only; Go code does the last numbers.
type neonMachine struct{}

func (neonMachine) suffix() string         { return "NEON" }
func (neonMachine) lanes() int             { return 4 }
func (neonMachine) scale(a, n *node) *node { return scaleByBits(a, n) }

// neonWriter writes one loop. R0 on hold where the slices begin, R8 the table of
// constants, R9 how many vectors are left.
type neonWriter struct {
	*file
	k       kernel
	p       *program
	free    []int
	scalars []int
	loaned  []int // registers that hold a constant for one instruction
	unroll  int
	// where sources and results lie, if not in slices
	from, to []string
}

func newNeonWriter(f *file, k kernel, p *program) *neonWriter {
	w := &neonWriter{file: f, k: k, p: p}
	for i := range 32 {
		w.free = append(w.free, 31-i)
	}
	return w
}

func (m neonMachine) loop(f *file, k kernel, p *program) {
	w := newNeonWriter(f, k, p)
	params, size := k.signature(len(p.sums) > 0)
	if len(p.sums) > 0 {
		f.beginResult(k.name+"NEON", params, "float32", size)
	} else {
		f.begin(k.name+"NEON", params, size)
	}
	w.enter()
	w.turns()
	w.reduce()
	f.line("RET")
	f.end()
}

func (w *neonWriter) take() int {
	if len(w.free) == 0 {
		panic("gen: " + w.k.name + " needs more registers")
	}
	r := w.free[len(w.free)-1]
	w.free = w.free[:len(w.free)-1]
	return r
}

func (w *neonWriter) enter() {
	for i, s := range w.k.slices() {
		w.line("MOVD %s_base+%d(FP), R%d", s, 24*i, i)
	}
	w.line("MOVD %s_len+8(FP), R9", w.k.slices()[0])
	w.line("LSR $2, R9")
	w.line("MOVD $constants<>(SB), R8")
	for i, s := range w.k.scalars {
		w.scalars = append(w.scalars, w.take())
		w.neonSpread(fmt.Sprintf("%s+%d(FP)", s, w.k.scalarOffset(i)), w.scalars[i])
	}
	for _, s := range w.p.sums {
		for range w.k.unroll {
			r := w.take()
			s.regs = append(s.regs, neonName(r))
			w.loadConstant(s.start, r)
		}
	}
}

// turns writes the loop over several vectors at a time, and that over one.
func (w *neonWriter) turns() {
	for _, turn := range []struct {
		name  string
		count int
	}{{"many", w.k.unroll}, {"one", 1}} {
		if turn.name == "many" && turn.count == 1 {
			continue
		}
		w.line("SUBS $%d, R9", turn.count)
		w.line("BLT after%s", turn.name)
		w.label(turn.name)
		for w.unroll = range turn.count {
			w.vector()
		}
		for i := range w.k.slices() {
			w.line("ADD $%d, R%d", 16*turn.count, i)
		}
		w.line("SUBS $%d, R9", turn.count)
		w.line("BGE %s", turn.name)
		w.label("after" + turn.name)
		w.line("ADD $%d, R9", turn.count)
	}
}

func (w *neonWriter) vector() {
	for i, n := range w.p.nodes {
		w.instruction(i, n)
		w.free, w.loaned = append(w.free, w.loaned...), nil
		for _, a := range n.args {
			if a.last == i && a.reg != "" && a.op != opPartial {
				w.free, a.reg = append(w.free, regNumber(a.reg)), ""
			}
		}
	}
}

// source and target return the places that are read and written.
func (w *neonWriter) source(i int) string {
	if w.from != nil {
		return w.from[i]
	}
	return fmt.Sprintf("%d(R%d)", 16*w.unroll, i)
}

func (w *neonWriter) target(i int) string {
	if w.to != nil {
		return w.to[i]
	}
	return fmt.Sprintf("%d(R0)", 16*w.unroll)
}

// register returns where a value is; a constant is loaded for the length of an
// instruction.
func (w *neonWriter) register(n *node) int {
	switch n.op {
	case opConst:
		r := w.take()
		w.loaned = append(w.loaned, r)
		w.loadConstant(n.bits, r)
		return r
	case opScalar:
		return w.scalars[n.imm]
	case opPartial:
		return regNumber(w.p.sums[n.imm].regs[w.unroll])
	}
	return regNumber(n.reg)
}

func (w *neonWriter) loadConstant(bits uint32, r int) {
	i := slices.Index(w.constants, bits)
	if i < 0 {
		i = len(w.constants)
		w.constants = append(w.constants, bits)
	}
	w.line("FMOVQ %d(R8), F%d", w.vectorBytes*i, r)
}

var neonNames = map[op]string{
	opAdd: "fadd", opSub: "fsub", opMul: "fmul", opDiv: "fdiv", opMax: "fmax", opMin: "fmin",
	opAnd: "and", opOr: "orr", opXor: "eor", opAddInt: "add", opSubInt: "sub",
	opSqrt: "fsqrt", opRound: "frintn", opToInt: "fcvtns", opFromInt: "scvtf",
}

// instruction writes node i.
func (w *neonWriter) instruction(i int, n *node) {
	var in []int
	for _, a := range n.args {
		if n.op != opMulAdd && n.op != opNegMulAdd {
			in = append(in, w.register(a))
		}
	}
	switch n.op {
	case opPartial:
		return
	case opStore:
		w.line("FMOVQ F%d, %s", in[0], w.target(n.imm))
		return
	case opRenew:
		w.neonMove(regNumber(w.p.sums[n.imm].regs[w.unroll]), in[0])
		return
	case opMulAdd, opNegMulAdd:
		w.multiplyAdd(i, n)
		return
	}
	d := w.take()
	n.reg = neonName(d)
	switch n.op {
	case opLoad:
		w.line("FMOVQ %s, F%d", w.source(n.imm), d)
	case opSqrt, opRound, opToInt, opFromInt:
		w.neon(neonNames[n.op], d, in[0], 0)
	case opShiftLeft:
		w.neonShift(d, in[0], n.imm)
	case opShiftRight:
		w.neonShift(d, in[0], -n.imm)
	case opAndNot:
		w.neon("bic", d, in[1], in[0])
	case opLess:
		w.neon("fcmgt", d, in[1], in[0])
	case opEqual:
		w.neon("fcmeq", d, in[0], in[1])
	case opUnordered:
		w.neon("fcmeq", d, in[0], in[1])
		w.neon("not", d, d, 0)
	case opSelect:
		w.neonMove(d, in[0])
		w.neon("bsl", d, in[1], in[2])
	default:
		w.neon(neonNames[n.op], d, in[0], in[1])
	}
}

// multiplyAdd writes a*b + c or c - a*b, over c or a copy of it.
func (w *neonWriter) multiplyAdd(i int, n *node) {
	a, b, c := n.args[0], n.args[1], n.args[2]
	x, y := w.register(a), w.register(b)
	var d int
	switch {
	case c.op == opConst:
		d = w.take()
		w.loadConstant(c.bits, d)
	case c.last == i && c.reg != "" && c.op != opPartial && c != a && c != b:
		d, c.reg = regNumber(c.reg), ""
	default:
		from := w.register(c)
		d = w.take()
		w.neonMove(d, from)
	}
	w.neon(map[op]string{opMulAdd: "fmla", opNegMulAdd: "fmls"}[n.op], d, x, y)
	n.reg = neonName(d)
}

// reduce combines the partial sums of all registers and lanes into the result.
func (w *neonWriter) reduce() {
	for _, s := range w.p.sums {
		for half := len(s.regs) / 2; half > 0; half /= 2 {
			for i := range half {
				a, b := regNumber(s.regs[i]), regNumber(s.regs[i+half])
				w.neon(neonNames[s.combine], a, a, b)
			}
		}
		a := regNumber(s.regs[0])
		for range 2 {
			w.neon(neonNames[s.combine]+"p", a, a, a)
		}
		w.line("FMOVS F%d, ret+%d(FP)", a, w.k.resultOffset())
	}
}

// regNumber returns the number of a register, as in F7.
func regNumber(reg string) int {
	n, err := strconv.Atoi(reg[1:])
	if err != nil {
		panic(err)
	}
	return n
}
