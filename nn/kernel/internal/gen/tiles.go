package main

import (
	"fmt"
	"strings"
)

// A tile of height x 2 vectors of results is held in registers. Each step of the
// depth loads two vectors of the right operand and multiplies them with height
// numbers of the left one, spread over a vector each.
type tileShape struct {
	suffix     string // of the functions' names
	reg        string // Y or Z
	bytes      int    // of a vector
	height     int
	b, x       int // first of two registers for the right operand, and for the left one
	saveMasked func(f *file, t tileShape, rows int)
}

var (
	tileAVX512 = tileShape{suffix: "AVX512", reg: "Z", bytes: 64, height: 14, b: 28, x: 30, saveMasked: saveAVX512}
	tileAVX2   = tileShape{suffix: "AVX2", reg: "Y", bytes: 32, height: 6, b: 12, x: 14, saveMasked: saveAVX2}
)

const tileParams = "a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool"

func tilesAMD64() (string, *file) {
	f := &file{}
	writeMaskTable(f)
	for _, t := range []tileShape{tileAVX512, tileAVX2} {
		var names []string
		for rows := 1; rows <= t.height; rows++ {
			names = append(names, fmt.Sprintf("%d: multiply%d%s", rows, rows, t.suffix))
			t.write(f, rows)
		}
		fmt.Fprintf(&f.decls, "var multiply%s = []multiplyFunc{%s}\n\n", t.suffix, strings.Join(names, ", "))
	}
	return "tiles_amd64", f
}

// write writes the tile of the given height.
func (t tileShape) write(f *file, rows int) {
	f.begin(fmt.Sprintf("multiply%d%s", rows, t.suffix), tileParams, 117)
	for _, arg := range []string{"a_base+0(FP), SI", "b_base+24(FP), DI", "off_base+48(FP), R8", "off_len+56(FP), CX", "c_base+72(FP), DX", "stride+96(FP), R9"} {
		f.line("MOVQ %s", arg)
	}
	f.line("SHLQ $2, R9")
	for i := range 2 * rows {
		f.line("VXORPS X%d, X%d, X%d", i, i, i)
	}
	t.loop(f, rows)
	t.save(f, rows)
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// loop walks along the depth, four steps at a time and then one.
func (t tileShape) loop(f *file, rows int) {
	const unroll = 4
	f.line("MOVQ CX, R11")
	f.line("SHRQ $2, R11")
	f.line("JZ rest")
	f.label("four")
	for i := 0; i < unroll*4*rows; i += 64 {
		f.line("PREFETCHT0 %d(SI)", 1024+i)
	}
	for step := range unroll {
		t.step(f, rows, step)
	}
	f.line("ADDQ $%d, R8", 8*unroll)
	f.line("ADDQ $%d, SI", 4*unroll*rows)
	f.line("DECQ R11")
	f.line("JNZ four")
	f.label("rest")
	f.line("ANDQ $3, CX")
	f.line("JZ scale")
	f.label("one")
	t.step(f, rows, 0)
	f.line("ADDQ $8, R8")
	f.line("ADDQ $%d, SI", 4*rows)
	f.line("DECQ CX")
	f.line("JNZ one")
}

func (t tileShape) step(f *file, rows, step int) {
	f.line("MOVQ %d(R8), R10", 8*step)
	for v := range 2 {
		f.line("VMOVUPS %d(DI)(R10*4), %s%d", v*t.bytes, t.reg, t.b+v)
	}
	for r := range rows {
		x := t.x + r%2
		f.line("VBROADCASTSS %d(SI), %s%d", 4*(step*rows+r), t.reg, x)
		for v := range 2 {
			f.line("VFMADD231PS %[1]s%[2]d, %[1]s%[3]d, %[1]s%[4]d", t.reg, t.b+v, x, 2*r+v)
		}
	}
}

// save scales the tile and stores or adds it.
func (t tileShape) save(f *file, rows int) {
	f.label("scale")
	f.line("MOVQ cols+104(FP), BX")
	f.line("MOVBLZX add+116(FP), AX")
	f.line("VBROADCASTSS alpha+112(FP), %s%d", t.reg, t.x)
	t.saveMasked(f, t, rows)
}

// saveAVX512 stores through masks, whatever the number of columns.
func saveAVX512(f *file, t tileShape, rows int) {
	f.line("MOVL $-1, R10")
	f.line("BZHIL BX, R10, R10")
	f.line("KMOVW R10, K1")
	f.line("SHRL $16, R10")
	f.line("KMOVW R10, K2")
	f.line("TESTL AX, AX")
	f.line("JNZ add")
	for r := range rows {
		for v := range 2 {
			f.line("VMULPS Z%d, Z%d, Z%d", t.x, 2*r+v, 2*r+v)
			f.line("VMOVUPS Z%d, K%d, %d(DX)", 2*r+v, v+1, v*t.bytes)
		}
		f.line("ADDQ R9, DX")
	}
	f.line("VZEROUPPER")
	f.line("RET")
	f.label("add")
	for r := range rows {
		for v := range 2 {
			f.line("VMOVUPS.Z %d(DX), K%d, Z%d", v*t.bytes, v+1, t.b)
			f.line("VFMADD213PS Z%d, Z%d, Z%d", t.b, t.x, 2*r+v)
			f.line("VMOVUPS Z%d, K%d, %d(DX)", 2*r+v, v+1, v*t.bytes)
		}
		f.line("ADDQ R9, DX")
	}
}

// saveAVX2 stores whole tiles plainly, and others through masks taken from a
// table of eight ones and eight zeros.
func saveAVX2(f *file, t tileShape, rows int) {
	tile := func(each func(acc, at int)) {
		for r := range rows {
			for v := range 2 {
				each(2*r+v, v*t.bytes)
			}
			f.line("ADDQ R9, DX")
		}
		f.line("VZEROUPPER")
		f.line("RET")
	}
	f.line("CMPQ BX, $16")
	f.line("JNE partly")
	f.line("TESTL AX, AX")
	f.line("JNZ add")
	tile(func(acc, at int) {
		f.line("VMULPS Y%d, Y%d, Y%d", t.x, acc, acc)
		f.line("VMOVUPS Y%d, %d(DX)", acc, at)
	})
	f.label("add")
	tile(func(acc, at int) {
		f.line("VFMADD213PS %d(DX), Y%d, Y%d", at, t.x, acc)
		f.line("VMOVUPS Y%d, %d(DX)", acc, at)
	})
	f.label("partly")
	loadMaskAVX2(f, "BX", t.b)
	f.line("SUBQ $8, BX")
	loadMaskAVX2(f, "BX", t.b+1)
	f.line("TESTL AX, AX")
	f.line("JNZ addpartly")
	tile(func(acc, at int) {
		f.line("VMULPS Y%d, Y%d, Y%d", t.x, acc, acc)
		f.line("VMASKMOVPS Y%d, Y%d, %d(DX)", acc, t.b+at/t.bytes, at)
	})
	f.label("addpartly")
	for r := range rows {
		for v := range 2 {
			f.line("VMASKMOVPS %d(DX), Y%d, Y%d", v*t.bytes, t.b+v, t.x+1)
			f.line("VFMADD213PS Y%d, Y%d, Y%d", t.x+1, t.x, 2*r+v)
			f.line("VMASKMOVPS Y%d, Y%d, %d(DX)", 2*r+v, t.b+v, v*t.bytes)
		}
		f.line("ADDQ R9, DX")
	}
}

// loadMaskAVX2 loads a mask of as many ones as the register says, at least none
// and at most eight.
func loadMaskAVX2(f *file, count string, mask int) {
	f.line("MOVQ $8, R10")
	f.line("CMPQ %s, R10", count)
	f.line("CMOVQLT %s, R10", count)
	f.line("XORL R12, R12")
	f.line("CMPQ R10, R12")
	f.line("CMOVQLT R12, R10")
	f.line("SHLQ $2, R10")
	f.line("LEAQ onesThenZeros<>+32(SB), R12")
	f.line("SUBQ R10, R12")
	f.line("VMOVUPS (R12), Y%d", mask)
}

// writeMaskTable adds the table that loadMaskAVX2 reads.
func writeMaskTable(f *file) {
	for i := range 16 {
		f.datum("onesThenZeros", 4*i, 4, uint64([2]uint32{0xffffffff, 0}[i/8]))
	}
	f.table("onesThenZeros", 64)
}
