package main

import "fmt"

func rowsARM64() (string, *file) {
	f := &file{}
	weightRowsARM64(f)
	dotRowsARM64(f)
	return "rows_arm64", f
}

// weightRowsARM64 writes what weightRows does, for rows of whole vectors.
func weightRowsARM64(f *file) {
	f.begin("weightRowsNEON", "dst, src []float32, dstStride, srcStride, count, cols int, w []float32, off []int, bias, lo, hi float32, add bool", 141)
	f.loads("dst_base+0(FP), R0", "src_base+24(FP), R1", "dstStride+48(FP), R2", "srcStride+56(FP), R3", "count+64(FP), R4")
	f.line("MOVBU add+140(FP), R5")
	for i, name := range []string{"bias+128", "lo+132", "hi+136"} {
		f.neonSpread(name+"(FP)", 5+i)
	}
	f.line("CBZ R4, done")
	f.label("row")
	f.loads("cols+72(FP), R6", "R0, R7", "R1, R8")
	f.alongRowARM64("R6", []string{"R7", "R8"}, func(vectors int) {
		part := fmt.Sprint(vectors)
		for v := range vectors {
			f.neonMove(v, 5)
		}
		f.line("CBZ R5, start%s", part)
		for v := range vectors {
			f.line("FMOVQ %d(R7), F8", 16*v)
			f.neon("fadd", v, v, 8)
		}
		f.label("start" + part)
		f.loads("w_base+80(FP), R9", "off_base+104(FP), R10", "off_len+112(FP), R11")
		f.line("CBZ R11, weighted%s", part)
		f.label("weight" + part)
		f.line("MOVD.P 8(R10), R12")
		f.line("ADD R12<<2, R8, R12")
		f.line("FMOVS.P 4(R9), F9")
		for v := range vectors {
			f.line("FMOVQ %d(R12), F8", 16*v)
			f.neonLane(v, 8, 9, 0)
		}
		f.line("SUBS $1, R11")
		f.line("BNE weight%s", part)
		f.label("weighted" + part)
		for v := range vectors {
			f.neon("fmax", v, v, 6)
			f.neon("fmin", v, v, 7)
			f.line("FMOVQ F%d, %d(R7)", v, 16*v)
		}
	})
	f.line("ADD R2<<2, R0")
	f.line("ADD R3<<2, R1")
	f.line("SUBS $1, R4")
	f.line("BNE row")
	f.label("done")
	f.line("RET")
	f.end()
}

// dotRowsARM64 writes what dotRows does, for rows of whole vectors.
func dotRowsARM64(f *file) {
	f.beginResult("dotRowsNEON", "a, b []float32, aStride, bStride, count, cols int", "float32", 84)
	f.loads("a_base+0(FP), R0", "b_base+24(FP), R1", "aStride+48(FP), R2", "bStride+56(FP), R3", "count+64(FP), R4")
	for v := range rowVectors {
		f.neonZero(v)
	}
	f.line("CBZ R4, done")
	f.label("row")
	f.loads("cols+72(FP), R6", "R0, R7", "R1, R8")
	f.alongRowARM64("R6", []string{"R7", "R8"}, func(vectors int) {
		for v := range vectors {
			f.line("FMOVQ %d(R7), F8", 16*v)
			f.line("FMOVQ %d(R8), F9", 16*v)
			f.neon("fmla", v, 8, 9)
		}
	})
	f.line("ADD R2<<2, R0")
	f.line("ADD R3<<2, R1")
	f.line("SUBS $1, R4")
	f.line("BNE row")
	f.label("done")
	for _, pair := range [][2]int{{0, 2}, {1, 3}, {0, 1}} {
		f.neon("fadd", pair[0], pair[0], pair[1])
	}
	f.neon("faddp", 0, 0, 0)
	f.neon("faddp", 0, 0, 0)
	f.line("FMOVS F0, ret+80(FP)")
	f.line("RET")
	f.end()
}

// alongRowARM64 writes the body for several vectors at a time and for one, until
// the count of numbers is used up, and moves the pointers on.
func (f *file) alongRowARM64(count string, pointers []string, body func(vectors int)) {
	for _, vectors := range []int{rowVectors, 1} {
		f.line("SUBS $%d, %s", 4*vectors, count)
		f.line("BLT after%d", vectors)
		f.label(fmt.Sprintf("along%d", vectors))
		body(vectors)
		for _, p := range pointers {
			f.line("ADD $%d, %s", 16*vectors, p)
		}
		f.line("SUBS $%d, %s", 4*vectors, count)
		f.line("BGE along%d", vectors)
		f.label(fmt.Sprintf("after%d", vectors))
		f.line("ADD $%d, %s", 4*vectors, count)
	}
}
