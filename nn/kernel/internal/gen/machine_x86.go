package main

import (
	"fmt"
	"slices"
)

// x86 is AVX2 with FMA, or AVX-512.
type x86 struct {
	name  string
	reg   string // of a vector register's name
	count int    // of them
	bytes int    // of a vector
	wide  bool   // AVX-512: masks have registers of their own
}

var (
	avx512 = x86{name: "AVX512", reg: "Z", count: 32, bytes: 64, wide: true}
	avx2   = x86{name: "AVX2", reg: "Y", count: 16, bytes: 32}
)

func (m x86) suffix() string { return m.name }
func (m x86) lanes() int     { return m.bytes / 4 }

func (m x86) scale(a, n *node) *node {
	if m.wide {
		return a.p.add(opScale, 0, a, n)
	}
	return scaleByBits(a, n)
}

// pointers are the registers that hold where the slices begin.
var pointers = []string{"DI", "SI", "DX", "R8", "R9"}

// writer writes one loop.
type writer struct {
	*file
	m           x86
	k           kernel
	p           *program
	free, masks []string // registers
	loaned      []string // registers that hold a constant for one instruction
	scalars     []string
	tail        string            // register of the mask of the last lanes
	masked      bool              // now at the last lanes
	unroll      int               // which vector of the turn
	from, to    []string          // where sources and results lie, if not in slices
	held        map[uint32]string // registers of constants
}

func (m x86) loop(f *file, k kernel, p *program) {
	w := &writer{file: f, m: m, k: k, p: p}
	w.assign()
	params, size := k.signature(len(p.sums) > 0)
	if len(p.sums) > 0 {
		f.beginResult(k.name+m.name, params, "float32", size)
	} else {
		f.begin(k.name+m.name, params, size)
	}
	w.enter()
	w.turns()
	w.rest()
	w.reduce()
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// assign gives registers to what lives through the loop.
func (w *writer) assign() {
	for i := range w.m.count {
		w.free = append(w.free, fmt.Sprintf("%s%d", w.m.reg, i))
	}
	w.masks = []string{"K2", "K3", "K4", "K5", "K6", "K7"}
	w.tail = "K1"
	if !w.m.wide {
		w.tail = w.take()
	}
	for range w.k.scalars {
		w.scalars = append(w.scalars, w.take())
	}
	for _, s := range w.p.sums {
		for range w.k.unroll {
			s.regs = append(s.regs, w.take())
		}
	}
}

// take takes a free vector register.
func (w *writer) take() string {
	if len(w.free) == 0 {
		panic("gen: " + w.k.name + w.m.name + " needs more registers")
	}
	r := w.free[len(w.free)-1]
	w.free = w.free[:len(w.free)-1]
	return r
}

// enter loads the parameters. AX will count the bytes done, CX the lanes left.
func (w *writer) enter() {
	for i, s := range w.k.slices() {
		w.line("MOVQ %s_base+%d(FP), %s", s, 24*i, pointers[i])
	}
	w.line("MOVQ %s_len+8(FP), CX", w.k.slices()[0])
	w.line("XORL AX, AX")
	for i, s := range w.k.scalars {
		w.line("VBROADCASTSS %s+%d(FP), %s", s, w.k.scalarOffset(i), w.scalars[i])
	}
	for _, s := range w.p.sums {
		for _, r := range s.regs {
			w.line("VMOVUPS %s, %s", w.constant(s.start), r)
		}
	}
}

// turns writes the loop over several vectors at a time, and that over one.
func (w *writer) turns() {
	for _, turn := range []struct {
		name  string
		count int
	}{{"many", w.k.unroll}, {"one", 1}} {
		if turn.name == "many" && turn.count == 1 {
			continue
		}
		lanes := turn.count * w.m.lanes()
		w.line("SUBQ $%d, CX", lanes)
		w.line("JLT after%s", turn.name)
		w.label(turn.name)
		for w.unroll = range turn.count {
			w.vector()
		}
		w.line("ADDQ $%d, AX", 4*lanes)
		w.line("SUBQ $%d, CX", lanes)
		w.line("JGE %s", turn.name)
		w.label("after" + turn.name)
		w.line("ADDQ $%d, CX", lanes)
	}
	w.unroll = 0
}

// rest writes what is done for the last lanes, fewer than a vector.
func (w *writer) rest() {
	w.line("JZ done")
	if w.m.wide {
		w.line("MOVL $-1, R10")
		w.line("BZHIL CX, R10, R10")
		w.line("KMOVW R10, %s", w.tail)
	} else {
		w.line("SHLQ $2, CX")
		w.line("LEAQ onesThenZeros<>+32(SB), R10")
		w.line("SUBQ CX, R10")
		w.line("VMOVUPS (R10), %s", w.tail)
	}
	w.masked = true
	w.vector()
	w.label("done")
}

// vector writes the body for one vector.
func (w *writer) vector() {
	for i, n := range w.p.nodes {
		w.instruction(i, n)
		for _, a := range n.args {
			if a.last == i {
				w.release(a)
			}
		}
	}
}

// release frees a value's register, if it has one of its own.
func (w *writer) release(n *node) {
	switch {
	case n.reg == "" || n.op == opPartial:
	case n.reg[0] == 'K':
		w.masks = append(w.masks, n.reg)
	default:
		w.free = append(w.free, n.reg)
	}
	n.reg = ""
}

// steal takes over the register of a value that is not used after node i and is
// none of the others.
func (w *writer) steal(n *node, i int, others ...*node) (string, bool) {
	if n.last != i || n.reg == "" || n.op == opPartial || n.reg[0] == 'K' || slices.Contains(others, n) {
		return "", false
	}
	r := n.reg
	n.reg = ""
	return r, true
}

// operand returns how a value is written: a register, or memory for a constant.
func (w *writer) operand(n *node) string {
	switch n.op {
	case opConst:
		if r, ok := w.held[n.bits]; ok {
			return r
		}
		return w.constant(n.bits)
	case opScalar:
		return w.scalars[n.imm]
	case opPartial:
		return w.p.sums[n.imm].regs[w.unroll]
	}
	return n.reg
}

// constant returns the place of a vector of the given bits.
func (w *writer) constant(bits uint32) string {
	i := slices.Index(w.constants, bits)
	if i < 0 {
		i = len(w.constants)
		w.constants = append(w.constants, bits)
	}
	return fmt.Sprintf("constants<>+%d(SB)", w.vectorBytes*i)
}

// holdConstants loads the constants into registers if there are many.
func (w *writer) holdConstants() {
	if !w.m.wide {
		return
	}
	w.held = map[uint32]string{}
	for _, n := range w.p.nodes {
		for _, a := range n.args {
			if a.op == opConst && w.held[a.bits] == "" {
				r := w.take()
				w.line("VMOVUPS %s, %s", w.constant(a.bits), r)
				w.held[a.bits] = r
			}
		}
	}
}

// memory returns the place of the current vector of a slice.
func (w *writer) memory(slice int) string {
	return fmt.Sprintf("%d(%s)(AX*1)", w.unroll*w.m.bytes, pointers[slice])
}

// reduce combines the partial sums of all registers and lanes into the result.
func (w *writer) reduce() {
	for _, s := range w.p.sums {
		r := s.regs
		for half := len(r) / 2; half > 0; half /= 2 {
			for i := range half {
				w.combine(s.combine, w.m.reg, regNumber(r[i]), regNumber(r[i+half]))
			}
		}
		spare := w.take()
		w.lanesOf(s.combine, regNumber(r[0]), regNumber(spare))
		w.free = append(w.free, spare)
		w.line("VMOVSS X%d, ret+%d(FP)", regNumber(r[0]), w.k.resultOffset())
	}
}

// lanesOf combines the lanes of register a into its first one.
func (w *writer) lanesOf(o op, a, b int) {
	if w.m.wide {
		w.line("VEXTRACTF64X4 $1, Z%d, Y%d", a, b)
		w.combine(o, "Y", a, b)
	}
	w.line("%s $1, Y%d, X%d", w.pick("VEXTRACTF32X4", "VEXTRACTF128"), a, b)
	w.combine(o, "X", a, b)
	for _, order := range []int{0x4e, 0xb1} {
		w.line("VPERMILPS $%d, X%d, X%d", order, a, b)
		w.combine(o, "X", a, b)
	}
}

// combine puts register b's numbers to those of a.
func (w *writer) combine(o op, reg string, a, b int) {
	switch o {
	case opAdd:
		w.line("VADDPS %[1]s%[2]d, %[1]s%[3]d, %[1]s%[3]d", reg, b, a)
	case opMax, opMin:
		w.combineNaN(map[op]string{opMax: "VMAXPS", opMin: "VMINPS"}[o], reg, a, b)
	}
}
