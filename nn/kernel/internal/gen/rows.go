package main

import "fmt"

// The functions here work on rows that lie a stride apart, for convolutions whose
// channels are separate: there a tile would have one row.

func rowsAMD64() (string, *file) {
	f := &file{}
	writeMaskTable(f)
	for _, m := range []x86{avx512, avx2} {
		weightRows(f, m)
		dotRows(f, m)
		fmt.Fprintf(&f.decls, "var rows%[1]s = rowKernels{weightRows%[1]s, dotRows%[1]s}\n\n", m.name)
	}
	return "rows_amd64", f
}

// rowVectors is how many vectors of a row are in registers at a time.
const rowVectors = 4

// weightRows writes, for r < count and j < cols,
//
//	dst[r*dstStride+j] = clip(bias [+ dst[...]] + sum over k of w[k]*src[off[k]+r*srcStride+j], lo, hi)
func weightRows(f *file, m x86) {
	f.begin("weightRows"+m.name, "dst, src []float32, dstStride, srcStride, count, cols int, w []float32, off []int, bias, lo, hi float32, add bool", 141)
	for _, arg := range []string{"dst_base+0(FP), DI", "src_base+24(FP), SI", "count+64(FP), R10", "w_base+80(FP), R11", "off_base+104(FP), R12", "off_len+112(FP), R13"} {
		f.line("MOVQ %s", arg)
	}
	bias, lo, hi := 5, 6, 7
	for i, name := range []string{"bias+128", "lo+132", "hi+136"} {
		f.line("VBROADCASTSS %s(FP), %s%d", name, m.reg, bias+i)
	}
	f.line("TESTQ R10, R10")
	f.line("JZ done")
	f.label("row")
	f.line("MOVQ cols+72(FP), CX")
	f.line("MOVQ DI, DX")
	f.line("MOVQ SI, BX")
	m.alongRow(f, func(vectors int, masked bool) {
		part := fmt.Sprintf("%d", vectors)
		m.startWeights(f, vectors, masked, bias, "start"+part)
		m.addWeights(f, vectors, masked, part)
		for v := range vectors {
			f.line("VMAXPS %[1]s%[2]d, %[1]s%[3]d, %[1]s%[2]d", m.reg, v, lo)
			f.line("VMINPS %[1]s%[2]d, %[1]s%[3]d, %[1]s%[2]d", m.reg, v, hi)
			m.moveLanes(f, m.vector(v), m.at("DX", v), masked)
		}
	}, "DX", "BX")
	f.line("MOVQ dstStride+48(FP), R8")
	f.line("LEAQ (DI)(R8*4), DI")
	f.line("MOVQ srcStride+56(FP), R8")
	f.line("LEAQ (SI)(R8*4), SI")
	f.line("DECQ R10")
	f.line("JNZ row")
	f.label("done")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// startWeights begins the sums with the bias, and what is there if that is added
// to.
func (m x86) startWeights(f *file, vectors int, masked bool, bias int, label string) {
	for v := range vectors {
		f.line("VMOVAPS %s%d, %s", m.reg, bias, m.vector(v))
	}
	f.line("CMPB add+140(FP), $0")
	f.line("JEQ %s", label)
	for v := range vectors {
		m.moveLanes(f, m.at("DX", v), m.vector(8), masked)
		f.line("VADDPS %s, %s, %s", m.vector(8), m.vector(v), m.vector(v))
	}
	f.label(label)
}

// addWeights adds the products with all weights.
func (m x86) addWeights(f *file, vectors int, masked bool, label string) {
	f.line("XORL AX, AX")
	f.line("TESTQ R13, R13")
	f.line("JZ weighted%s", label)
	f.label("weight" + label)
	f.line("MOVQ (R12)(AX*8), R8")
	f.line("VBROADCASTSS (R11)(AX*4), %s", m.vector(9))
	f.line("LEAQ (BX)(R8*4), R9")
	for v := range vectors {
		from := m.at("R9", v)
		if masked {
			m.moveLanes(f, from, m.vector(8), true)
			from = m.vector(8)
		}
		f.line("VFMADD231PS %s, %s, %s", from, m.vector(9), m.vector(v))
	}
	f.line("INCQ AX")
	f.line("CMPQ AX, R13")
	f.line("JLT weight%s", label)
	f.label("weighted" + label)
}

// dotRows writes the sum over r < count and j < cols of
// a[r*aStride+j]*b[r*bStride+j].
func dotRows(f *file, m x86) {
	f.beginResult("dotRows"+m.name, "a, b []float32, aStride, bStride, count, cols int", "float32", 84)
	for _, arg := range []string{"a_base+0(FP), DI", "b_base+24(FP), SI", "count+64(FP), R12"} {
		f.line("MOVQ %s", arg)
	}
	for v := range rowVectors {
		f.line("VXORPS X%d, X%d, X%d", v, v, v)
	}
	f.line("TESTQ R12, R12")
	f.line("JZ done")
	f.label("row")
	f.line("MOVQ cols+72(FP), CX")
	f.line("MOVQ DI, DX")
	f.line("MOVQ SI, BX")
	m.alongRow(f, func(vectors int, masked bool) {
		for v := range vectors {
			m.moveLanes(f, m.at("DX", v), m.vector(8), masked)
			from := m.at("BX", v)
			if masked {
				m.moveLanes(f, from, m.vector(9), true)
				from = m.vector(9)
			}
			f.line("VFMADD231PS %s, %s, %s", from, m.vector(8), m.vector(v))
		}
	}, "DX", "BX")
	f.line("MOVQ aStride+48(FP), R8")
	f.line("LEAQ (DI)(R8*4), DI")
	f.line("MOVQ bStride+56(FP), R8")
	f.line("LEAQ (SI)(R8*4), SI")
	f.line("DECQ R12")
	f.line("JNZ row")
	f.label("done")
	for _, pair := range [][2]int{{0, 2}, {1, 3}, {0, 1}} {
		f.line("VADDPS %s, %s, %s", m.vector(pair[1]), m.vector(pair[0]), m.vector(pair[0]))
	}
	w := &writer{file: f, m: m}
	w.lanesOf(opAdd, 0, 1)
	f.line("VMOVSS X0, ret+80(FP)")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// alongRow writes the body for several vectors at a time, and for one with a
// mask, until CX lanes are done, and moves the pointers on.
func (m x86) alongRow(f *file, body func(vectors int, masked bool), pointers ...string) {
	step := func(vectors int) {
		for _, p := range pointers {
			f.line("ADDQ $%d, %s", vectors*m.bytes, p)
		}
		f.line("SUBQ $%d, CX", vectors*m.lanes())
	}
	f.line("SUBQ $%d, CX", rowVectors*m.lanes())
	f.line("JLT narrow")
	f.label("wide")
	body(rowVectors, false)
	step(rowVectors)
	f.line("JGE wide")
	f.label("narrow")
	f.line("ADDQ $%d, CX", rowVectors*m.lanes())
	f.line("JLE rowdone")
	f.label("last")
	m.mask(f, "CX", 1)
	body(1, true)
	step(1)
	f.line("JGT last")
	f.label("rowdone")
}

func (m x86) vector(i int) string { return fmt.Sprint(m.reg, i) }

// at returns where vector v from a pointer on lies.
func (m x86) at(pointer string, v int) string { return fmt.Sprintf("%d(%s)", v*m.bytes, pointer) }

// moveLanes moves a vector, or the lanes of the mask of the last ones.
func (m x86) moveLanes(f *file, from, to string, masked bool) {
	if masked {
		m.moveMasked(f, from, to, 1)
		return
	}
	f.line("VMOVUPS %s, %s", from, to)
}
