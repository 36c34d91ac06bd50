package main

func movesARM64() (string, *file) {
	f := &file{}
	transposeARM64(f)
	vectorsARM64(f, "evens", "dst, src []float32, n int", 32, 16, func() {
		f.line("FMOVQ (R1), F0")
		f.line("FMOVQ 16(R1), F1")
		f.neon("uzp1", 0, 0, 1)
		f.line("FMOVQ F0, (R0)")
	})
	vectorsARM64(f, "spread", "dst, src []float32, n int", 16, 32, func() {
		f.line("VLD1 (R1), [V0.S4]")
		f.line("MOVD R0, R4")
		for i := range 4 {
			f.line("VST1 V0.S[%d], (R4)", i)
			f.line("ADD $8, R4")
		}
	})
	vectorsARM64(f, "halfToFloat", "dst []float32, src []uint16, n int", 8, 16, func() {
		f.line("FMOVD (R1), F0")
		f.neon("fcvtl", 0, 0, 0)
		f.line("FMOVQ F0, (R0)")
	})
	vectorsARM64(f, "floatToHalf", "dst []uint16, src []float32, n int", 16, 8, func() {
		f.line("FMOVQ (R1), F0")
		f.neon("fcvtn", 0, 0, 0)
		f.line("FMOVD F0, (R0)")
	})
	bfloatsARM64(f)
	f.decls.WriteString("var movesNEON = moveKernels{transposeNEON, portableShortRows, 4, evensNEON, spreadNEON, " +
		"halfToFloatNEON, floatToHalfNEON, bfloatToFloatNEON, floatToBFloatNEON, 4}\n")
	return "moves_arm64", f
}

// transposeARM64 writes the transpose of four rows whose length is a multiple of
// four.
func transposeARM64(f *file) {
	f.begin("transposeNEON", "dst []float32, stride int, src []float32, off []int, rows, n int", 96)
	f.loads("dst_base+0(FP), R0", "stride+24(FP), R1", "src_base+32(FP), R2", "off_base+56(FP), R3", "n+88(FP), R4")
	f.line("LSL $2, R1")
	for i := range 4 {
		f.line("MOVD %d(R3), R%d", 8*i, 5+i)
		f.line("ADD R%d<<2, R2, R%d", 5+i, 5+i)
	}
	f.label("square")
	for i := range 4 {
		f.line("FMOVQ.P 16(R%d), F%d", 5+i, i)
	}
	f.neon("zip1", 4, 0, 2) // a0 c0 a1 c1
	f.neon("zip2", 5, 0, 2)
	f.neon("zip1", 6, 1, 3) // b0 d0 b1 d1
	f.neon("zip2", 7, 1, 3)
	f.neon("zip1", 0, 4, 6)
	f.neon("zip2", 1, 4, 6)
	f.neon("zip1", 2, 5, 7)
	f.neon("zip2", 3, 5, 7)
	for i := range 4 {
		f.line("FMOVQ F%d, (R0)", i)
		f.line("ADD R1, R0")
	}
	f.line("SUBS $4, R4")
	f.line("BGT square")
	f.line("RET")
	f.end()
}

// vectorsARM64 writes a loop over whole vectors: R1 has the source and moves by
// from bytes, R0 the destination and moves by to bytes.
func vectorsARM64(f *file, name, params string, from, to int, body func()) {
	f.begin(name+"NEON", params, 56)
	f.loads("dst_base+0(FP), R0", "src_base+24(FP), R1", "n+48(FP), R2")
	f.line("LSR $2, R2")
	f.line("CBZ R2, done")
	f.label("next")
	body()
	f.line("ADD $%d, R1", from)
	f.line("ADD $%d, R0", to)
	f.line("SUBS $1, R2")
	f.line("BNE next")
	f.label("done")
	f.line("RET")
	f.end()
}

// bfloatsARM64 writes the conversions from and to bfloat16, as bfloats does.
func bfloatsARM64(f *file) {
	vectorsARM64(f, "bfloatToFloat", "dst []float32, src []uint16, n int", 8, 16, func() {
		f.line("FMOVD (R1), F0")
		f.neon("shll16", 0, 0, 0)
		f.line("FMOVQ F0, (R0)")
	})
	vectorsARM64(f, "floatToBFloat", "dst []uint16, src []float32, n int", 16, 8, func() {
		for i, v := range []int{1, 0x7fff, 0x40} {
			f.line("MOVD $%d, R4", v)
			f.line("VDUP R4, V%d.S4", 4+i)
		}
		f.line("FMOVQ (R1), F0")
		f.line("VUSHR $16, V0.S4, V1.S4")
		f.neon("and", 2, 1, 4)
		f.neon("add", 2, 2, 5)
		f.neon("add", 2, 2, 0)
		f.line("VUSHR $16, V2.S4, V2.S4")
		f.neon("orr", 1, 1, 6)
		f.neon("fcmeq", 3, 0, 0)
		f.neon("bsl", 3, 2, 1)
		f.neon("xtn", 0, 3, 0)
		f.line("FMOVD F0, (R0)")
	})
}
