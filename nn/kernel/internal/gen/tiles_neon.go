package main

import (
	"fmt"
	"strings"
)

// The tile of NEON is 8 x 3 vectors of results, which takes 24 of 32 registers.
const (
	neonHeight  = 8
	neonVectors = 3
	neonB       = 0 // first register of the right operand
	neonA       = 3 // of the left one: two
	neonResult  = 8 // of the results
	neonAlpha   = 5
)

func tilesARM64() (string, *file) {
	f := &file{}
	var names []string
	for rows := 1; rows <= neonHeight; rows++ {
		name := fmt.Sprintf("multiply%dNEON", rows)
		names = append(names, fmt.Sprintf("%d: %s", rows, name))
		tileARM64(f, name, rows)
	}
	fmt.Fprintf(&f.decls, "// multiplyNEON does whole tiles: cols must be their width.\n"+
		"var multiplyNEON = []multiplyFunc{%s}\n\n", strings.Join(names, ", "))
	return "tiles_arm64", f
}

func tileARM64(f *file, name string, rows int) {
	f.begin(name, tileParams, 117)
	f.loads("a_base+0(FP), R0", "b_base+24(FP), R1", "off_base+48(FP), R2", "off_len+56(FP), R3", "c_base+72(FP), R4", "stride+96(FP), R5")
	f.line("LSL $2, R5")
	for i := range rows * neonVectors {
		f.neonZero(neonResult + i)
	}
	f.line("CBZ R3, scale")
	f.label("step")
	f.line("MOVD.P 8(R2), R6")
	f.line("ADD R6<<2, R1, R6")
	for v := range neonVectors {
		f.line("FMOVQ %d(R6), F%d", 16*v, neonB+v)
	}
	stepARM64(f, rows)
	f.line("SUBS $1, R3")
	f.line("BNE step")
	f.label("scale")
	saveARM64(f, rows)
	f.line("RET")
	f.end()
}

// stepARM64 multiplies with one column of the left operand: four numbers at a
// time from one register, and the rest one by one.
func stepARM64(f *file, rows int) {
	r := 0
	for ; r+4 <= rows; r += 4 {
		a := neonA + r/4%2
		f.line("FMOVQ.P 16(R0), F%d", a)
		for i := range 4 {
			for v := range neonVectors {
				f.neonLane(neonResult+(r+i)*neonVectors+v, neonB+v, a, i)
			}
		}
	}
	for ; r < rows; r++ {
		a := neonA + r%2
		f.line("FMOVS.P 4(R0), F%d", a)
		for v := range neonVectors {
			f.neonLane(neonResult+r*neonVectors+v, neonB+v, a, 0)
		}
	}
}

// saveARM64 scales the tile and stores or adds it.
func saveARM64(f *file, rows int) {
	f.neonSpread("alpha+112(FP)", neonAlpha)
	f.line("MOVBU add+116(FP), R6")
	f.line("CBNZ R6, add")
	for r := range rows {
		for v := range neonVectors {
			i := neonResult + r*neonVectors + v
			f.neon("fmul", i, i, neonAlpha)
			f.line("FMOVQ F%d, %d(R4)", i, 16*v)
		}
		f.line("ADD R5, R4")
	}
	f.line("RET")
	f.label("add")
	for r := range rows {
		for v := range neonVectors {
			f.line("FMOVQ %d(R4), F%d", 16*v, neonB+v)
			f.neon("fmla", neonB+v, neonResult+r*neonVectors+v, neonAlpha)
			f.line("FMOVQ F%d, %d(R4)", neonB+v, 16*v)
		}
		f.line("ADD R5, R4")
	}
}
