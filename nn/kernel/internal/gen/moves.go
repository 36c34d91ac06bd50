package main

import (
	"fmt"
	"strings"
)

// The functions here move numbers about, or convert them. All but the transposes
// do whole vectors only and leave the rest to Go.

func movesAMD64() (string, *file) {
	f := &file{}
	writeMaskTable(f)
	for _, m := range []x86{avx512, avx2} {
		transpose(f, m)
		shortRows(f, m)
		evens(f, m)
		spread(f, m)
		halves(f, m)
		bfloats(f, m)
		fmt.Fprintf(&f.decls, "var moves%[1]s = moveKernels{transpose%[1]s, shortRows%[1]s, %[2]d, evens%[1]s, spread%[1]s, "+
			"halfToFloat%[1]s, floatToHalf%[1]s, bfloatToFloat%[1]s, floatToBFloat%[1]s, %[2]d}\n\n", m.name, m.lanes())
	}
	return "moves_amd64", f
}

// transpose writes
//
//	dst[j*stride+i] = src[off[i]+j] for i < rows, j < n
//
// of as many rows as a vector has lanes; off always has that many offsets. n is
// not 0.
func transpose(f *file, m x86) {
	f.begin("transpose"+m.name, "dst []float32, stride int, src []float32, off []int, rows, n int", 96)
	f.line("MOVQ dst_base+0(FP), DI")
	f.line("MOVQ stride+24(FP), DX")
	f.line("MOVQ src_base+32(FP), SI")
	f.line("MOVQ off_base+56(FP), R9")
	f.line("MOVQ rows+80(FP), BX")
	f.line("MOVQ n+88(FP), CX")
	f.line("SHLQ $2, DX")
	m.mask(f, "BX", 1)
	f.label("square")
	m.mask(f, "CX", 0)
	for i := range m.lanes() {
		f.line("MOVQ %d(R9), R10", 8*i)
		m.moveMasked(f, "(SI)(R10*4)", m.reg+fmt.Sprint(i), 0)
	}
	for i, r := range m.transposed(f) {
		if i > 0 {
			f.line("ADDQ DX, DI")
		}
		m.moveMasked(f, fmt.Sprint(m.reg, r), "(DI)", 1)
		f.line("DECQ CX")
		f.line("JZ done")
	}
	f.line("ADDQ DX, DI")
	f.line("ADDQ $%d, SI", m.bytes)
	f.line("JMP square")
	f.label("done")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// shortRows writes
//
//	dst[i*dstStride+j] = src[i*srcStride+j] for i < n, j < cols
//
// where a row is at most a vector; n is not 0.
func shortRows(f *file, m x86) {
	f.begin("shortRows"+m.name, "dst []float32, dstStride int, src []float32, srcStride, cols, n int", 80)
	for _, arg := range []string{"dst_base+0(FP), DI", "dstStride+24(FP), DX", "src_base+32(FP), SI", "srcStride+56(FP), R9", "cols+64(FP), BX", "n+72(FP), CX"} {
		f.line("MOVQ %s", arg)
	}
	f.line("SHLQ $2, DX")
	f.line("SHLQ $2, R9")
	m.mask(f, "BX", 0)
	f.label("row")
	m.moveMasked(f, "(SI)", m.reg+"0", 0)
	m.moveMasked(f, m.reg+"0", "(DI)", 0)
	f.line("ADDQ R9, SI")
	f.line("ADDQ DX, DI")
	f.line("DECQ CX")
	f.line("JNZ row")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// mask makes mask i of as many lanes as the register says, over AX and R8.
func (m x86) mask(f *file, count string, i int) {
	f.line("MOVL $%d, AX", m.lanes())
	f.line("CMPQ %s, AX", count)
	f.line("CMOVQLT %s, AX", count)
	if m.wide {
		f.line("MOVL $-1, R8")
		f.line("BZHIL AX, R8, R8")
		f.line("KMOVW R8, K%d", i+1)
		return
	}
	f.line("LEAQ onesThenZeros<>+32(SB), R8")
	f.line("SHLQ $2, AX")
	f.line("SUBQ AX, R8")
	f.line("VMOVUPS (R8), Y%d", 14+i)
}

// moveMasked loads or stores the lanes of mask i.
func (m x86) moveMasked(f *file, from, to string, i int) {
	switch {
	case !m.wide:
		f.line("VMASKMOVPS %s, Y%d, %s", from, 14+i, to)
	case strings.Contains(to, "("):
		f.line("VMOVUPS %s, K%d, %s", from, i+1, to)
	default:
		f.line("VMOVUPS.Z %s, K%d, %s", from, i+1, to)
	}
}

// transposed transposes the square of numbers in the first registers and returns
// the registers that then hold its columns.
func (m x86) transposed(f *file) []int {
	if m.wide {
		return transposed16(f)
	}
	return transposed8(f)
}

// quads transposes the 4x4 blocks that lie in four registers beginning with a,
// over t, two free registers. Register a+k then holds, in each 128 bits, column k
// of a block.
func quads(f *file, reg string, a, t int) {
	r := func(i int) string { return fmt.Sprint(reg, i) }
	f.line("VUNPCKLPS %s, %s, %s", r(a+1), r(a), r(t))
	f.line("VUNPCKHPS %s, %s, %s", r(a+1), r(a), r(a+1))
	f.line("VUNPCKLPS %s, %s, %s", r(a+3), r(a+2), r(t+1))
	f.line("VUNPCKHPS %s, %s, %s", r(a+3), r(a+2), r(a+3))
	f.line("VUNPCKLPD %s, %s, %s", r(t+1), r(t), r(a))
	f.line("VUNPCKHPD %s, %s, %s", r(t+1), r(t), r(t))
	f.line("VUNPCKLPD %s, %s, %s", r(a+3), r(a+1), r(a+2))
	f.line("VUNPCKHPD %s, %s, %s", r(a+3), r(a+1), r(a+3))
	f.line("VMOVAPS %s, %s", r(t), r(a+1))
}

func transposed16(f *file) []int {
	for a := 0; a < 16; a += 4 {
		quads(f, "Z", a, 16)
	}
	columns := make([]int, 16)
	for k := range 4 {
		// The 128-bit parts of four registers, 4x4, transposed likewise.
		a, b, c, d := k, 4+k, 8+k, 12+k
		f.line("VSHUFF32X4 $0x88, Z%d, Z%d, Z16", b, a)
		f.line("VSHUFF32X4 $0xdd, Z%d, Z%d, Z17", b, a)
		f.line("VSHUFF32X4 $0x88, Z%d, Z%d, Z18", d, c)
		f.line("VSHUFF32X4 $0xdd, Z%d, Z%d, Z19", d, c)
		f.line("VSHUFF32X4 $0x88, Z18, Z16, Z%d", a)
		f.line("VSHUFF32X4 $0x88, Z19, Z17, Z%d", b)
		f.line("VSHUFF32X4 $0xdd, Z18, Z16, Z%d", c)
		f.line("VSHUFF32X4 $0xdd, Z19, Z17, Z%d", d)
		columns[k], columns[4+k], columns[8+k], columns[12+k] = a, b, c, d
	}
	return columns
}

func transposed8(f *file) []int {
	quads(f, "Y", 0, 8)
	quads(f, "Y", 4, 8)
	columns := make([]int, 8)
	for k := range 4 {
		f.line("VPERM2F128 $0x20, Y%d, Y%d, Y8", 4+k, k)
		f.line("VPERM2F128 $0x31, Y%d, Y%d, Y%d", 4+k, k, 4+k)
		f.line("VMOVAPS Y8, Y%d", k)
		columns[k], columns[4+k] = k, 4+k
	}
	return columns
}

// vectors writes a loop over whole vectors: SI has the source and moves by from
// bytes, DI the destination and moves by to bytes.
func (m x86) vectors(f *file, name, params string, from, to int, prepare, body func()) {
	f.begin(name+m.name, params, 56)
	f.line("MOVQ dst_base+0(FP), DI")
	f.line("MOVQ src_base+24(FP), SI")
	f.line("MOVQ n+48(FP), CX")
	prepare()
	f.line("SHRQ $%d, CX", map[int]int{16: 4, 8: 3}[m.lanes()])
	f.line("JZ done")
	f.label("next")
	body()
	f.line("ADDQ $%d, SI", from)
	f.line("ADDQ $%d, DI", to)
	f.line("DECQ CX")
	f.line("JNZ next")
	f.label("done")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// evens writes dst[i] = src[2*i].
func evens(f *file, m x86) {
	prepare := func() {}
	if m.wide {
		for i := range 16 {
			f.datum("evenLanes", 4*i, 4, uint64(2*i))
		}
		f.table("evenLanes", 64)
		prepare = func() { f.line("VMOVUPS evenLanes<>+0(SB), Z1") }
	}
	m.vectors(f, "evens", "dst, src []float32, n int", 2*m.bytes, m.bytes, prepare, func() {
		f.line("VMOVUPS (SI), %s0", m.reg)
		if m.wide {
			f.line("VPERMT2PS 64(SI), Z1, Z0")
		} else {
			f.line("VSHUFPS $0x88, 32(SI), Y0, Y0")
			f.line("VPERMPD $0xd8, Y0, Y0")
		}
		f.line("VMOVUPS %s0, (DI)", m.reg)
	})
}

// spread writes dst[2*i] = src[i] and leaves the others alone.
func spread(f *file, m x86) {
	m.vectors(f, "spread", "dst, src []float32, n int", m.bytes, 2*m.bytes, func() {
		f.line("MOVL $0x5555, R10")
		if m.wide {
			f.line("KMOVW R10, K1")
		} else {
			// Ones in the even lanes.
			f.line("VPCMPEQD Y1, Y1, Y1")
			f.line("VPSRLQ $32, Y1, Y1")
		}
	}, func() {
		for i := range 2 {
			f.line("VPMOVZXDQ %d(SI), %s0", i*m.bytes/2, m.reg)
			to := fmt.Sprintf("%d(DI)", i*m.bytes)
			if m.wide {
				f.line("VMOVUPS Z0, K1, %s", to)
			} else {
				f.line("VMASKMOVPS Y0, Y1, %s", to)
			}
		}
	})
}

// halves writes the conversions from and to binary16.
func halves(f *file, m x86) {
	m.vectors(f, "halfToFloat", "dst []float32, src []uint16, n int", m.bytes/2, m.bytes, func() {}, func() {
		f.line("VCVTPH2PS (SI), %s0", m.reg)
		f.line("VMOVUPS %s0, (DI)", m.reg)
	})
	m.vectors(f, "floatToHalf", "dst []uint16, src []float32, n int", m.bytes, m.bytes/2, func() {}, func() {
		f.line("VMOVUPS (SI), %s0", m.reg)
		f.line("VCVTPS2PH $0, %s0, (DI)", m.reg)
	})
}

// bfloats writes the conversions from and to bfloat16: the upper half of the
// bits, to which nearly half a unit is added first, and the NaNs made quiet.
func bfloats(f *file, m x86) {
	r := m.reg
	m.vectors(f, "bfloatToFloat", "dst []float32, src []uint16, n int", m.bytes/2, m.bytes, func() {}, func() {
		f.line("VPMOVZXWD (SI), %s0", r)
		f.line("VPSLLD $16, %s0, %s0", r, r)
		f.line("VMOVUPS %s0, (DI)", r)
	})
	constants := map[int]uint64{4: 1, 5: 0x7fff, 6: 0x40}
	m.vectors(f, "floatToBFloat", "dst []uint16, src []float32, n int", m.bytes, m.bytes/2, func() {
		for _, i := range []int{4, 5, 6} {
			f.line("MOVL $%d, R10", constants[i])
			f.line("VMOVD R10, X%d", i)
			f.line("VPBROADCASTD X%d, %s%d", i, r, i)
		}
	}, func() {
		f.line("VMOVUPS (SI), %s0", r)
		f.line("VPSRLD $16, %s0, %s1", r, r)
		m.bitwise(f, "VPAND", 4, 1, 2)
		f.line("VPADDD %s5, %s2, %s2", r, r, r)
		f.line("VPADDD %s0, %s2, %s2", r, r, r)
		f.line("VPSRLD $16, %s2, %s2", r, r)
		m.bitwise(f, "VPOR", 6, 1, 1)
		if m.wide {
			f.line("VCMPPS $3, Z0, Z0, K1")
			f.line("VBLENDMPS Z1, Z2, K1, Z2")
			f.line("VPMOVDW Z2, (DI)")
		} else {
			f.line("VCMPPS $3, Y0, Y0, Y3")
			f.line("VBLENDVPS Y3, Y1, Y2, Y2")
			f.line("VPACKUSDW Y2, Y2, Y2")
			f.line("VPERMQ $0x08, Y2, Y2")
			f.line("VMOVUPS X2, (DI)")
		}
	})
}

// bitwise writes a bit operation, which has another name for wide vectors.
func (m x86) bitwise(f *file, name string, a, b, to int) {
	if m.wide {
		name += "D"
	}
	f.line("%[1]s %[2]s%[3]d, %[2]s%[4]d, %[2]s%[5]d", name, m.reg, a, b, to)
}
