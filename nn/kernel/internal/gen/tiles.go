package main

import (
	"fmt"
	"strings"
)

// tileShape is a tile of height x 2 vectors of results, held in registers. Each
// step of the depth loads two vectors of the right operand and multiplies them with
// height numbers of the left one, spread over a vector each.
type tileShape struct {
	x86
	height int
	b, x   int // first of two registers for the right operand, and for the left one
}

var (
	tileAVX512 = tileShape{x86: avx512, height: 14, b: 28, x: 30}
	tileAVX2   = tileShape{x86: avx2, height: 6, b: 12, x: 14}
)

const tileParams = "a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool"

func tilesAMD64() (string, *file) {
	f := &file{}
	writeMaskTable(f)
	for _, t := range []tileShape{tileAVX512, tileAVX2} {
		var names []string
		for rows := 1; rows <= t.height; rows++ {
			names = append(names, fmt.Sprintf("%d: multiply%d%s", rows, rows, t.name))
			t.write(f, rows)
		}
		fmt.Fprintf(&f.decls, "var multiply%s = []multiplyFunc{%s}\n\n", t.name, strings.Join(names, ", "))
	}
	return "tiles_amd64", f
}

// write writes the tile of the given height.
func (t tileShape) write(f *file, rows int) {
	f.begin(fmt.Sprintf("multiply%d%s", rows, t.name), tileParams, 117)
	for _, arg := range []string{"a_base+0(FP), SI", "b_base+24(FP), DI", "off_base+48(FP), R8", "off_len+56(FP), CX", "c_base+72(FP), DX", "stride+96(FP), R9"} {
		f.line("MOVQ %s", arg)
	}
	f.line("SHLQ $2, R9")
	for i := range 2 * rows {
		f.line("VXORPS X%d, X%d, X%d", i, i, i)
	}
	t.deep(f, rows)
	t.save(f, rows)
	f.end()
}

// deep walks along the depth, four steps at a time and then one.
func (t tileShape) deep(f *file, rows int) {
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

// save scales the tile and stores or adds it: all of it, or its first columns
// through masks.
func (t tileShape) save(f *file, rows int) {
	f.label("scale")
	f.line("VBROADCASTSS alpha+112(FP), %s", t.vector(t.b))
	f.line("MOVQ cols+104(FP), BX")
	f.line("CMPQ BX, $%d", 2*t.lanes())
	f.line("JNE partly")
	t.saveRows(f, rows, false, "add")
	f.label("partly")
	t.mask(f, "BX", 0)
	f.line("SUBQ $%d, BX", t.lanes())
	f.line("MOVL $0, CX")
	f.line("CMOVQLT CX, BX")
	t.mask(f, "BX", 1)
	t.saveRows(f, rows, true, "addpartly")
}

func (t tileShape) saveRows(f *file, rows int, masked bool, add string) {
	alpha, before := t.vector(t.b), t.vector(t.b+1)
	move := func(from, to string, v int) {
		if masked {
			t.moveMasked(f, from, to, v)
		} else {
			f.line("VMOVUPS %s, %s", from, to)
		}
	}
	each := func(body func(result, place string, v int)) {
		for r := range rows {
			for v := range 2 {
				body(t.vector(2*r+v), t.at("DX", v), v)
			}
			if r < rows-1 {
				f.line("ADDQ R9, DX")
			}
		}
		f.line("VZEROUPPER")
		f.line("RET")
	}
	f.line("CMPB add+116(FP), $0")
	f.line("JNE %s", add)
	each(func(result, place string, v int) {
		f.line("VMULPS %s, %s, %s", alpha, result, result)
		move(result, place, v)
	})
	f.label(add)
	each(func(result, place string, v int) {
		move(place, before, v)
		f.line("VFMADD213PS %s, %s, %s", before, alpha, result)
		move(result, place, v)
	})
}

// writeMaskTable adds the table that the masks of AVX2 are taken from.
func writeMaskTable(f *file) {
	for i := range 16 {
		f.datum("onesThenZeros", 4*i, 4, uint64([2]uint32{0xffffffff, 0}[i/8]))
	}
	f.table("onesThenZeros", 64)
}
