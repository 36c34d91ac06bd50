package main

import (
	"fmt"
	"strings"
)

// The kernels of the blocked layout compute some positions of an image at a time,
// one vector of channels for each. Their parameters are in a kernel.blockTile,
// whose fields the assembler knows from go_asm.h.

// blockShape is a tile of positions x blocks vectors of results, held in
// registers.
type blockShape struct {
	x86
	positions, blocks int
}

// maxPositions is how many positions a tile of one, two, ... blocks of filters
// may have, so that the registers suffice.
func (m x86) maxPositions() []int {
	if m.wide {
		return []int{14, 14, 9, 7}
	}
	return []int{12, 6, 4}
}

func blocksAMD64() (string, *file) {
	f := &file{includes: []string{"go_asm.h"}}
	for _, m := range []x86{avx512, avx2} {
		var tables []string
		for i, most := range m.maxPositions() {
			var names []string
			for p := 1; p <= most; p++ {
				names = append(names, blockShape{m, p, i + 1}.product(f))
			}
			tables = append(tables, "{"+blockTable(names)+"}")
		}
		var lanewise, largest []string
		for p := 1; p <= m.maxPositions()[0]; p++ {
			s := blockShape{m, p, 1}
			lanewise, largest = append(lanewise, s.lanewise(f)), append(largest, s.largest(f))
		}
		fmt.Fprintf(&f.decls, "var blocks%s = blockKernels{%d, [][]blockFunc{%s}, []blockFunc{%s}, []blockFunc{%s}}\n\n",
			m.name, m.lanes(), strings.Join(tables, ", "), blockTable(lanewise), blockTable(largest))
	}
	return "blocks_amd64", f
}

// blockTable lists functions from index 1 on.
func blockTable(names []string) string { return "1: " + strings.Join(names, ", ") }

// Registers: AX the parameters, SI the first position's numbers, R8 to R11 one,
// three, five and seven steps between positions, BX and CX the taps and how many
// are left, DX the tap's numbers, DI its weights, R12 and R13 the channels and how
// many are left, R14 and R15 the channel's number at the first and the eighth
// position.

// What the function keeps in memory: how far in bytes the tile's results, weights
// and bias are from the first ones, and how many tiles, lines and planes are left.
const (
	resultsDone = "results-8(SP)"
	weightsDone = "weights-16(SP)"
	biasDone    = "bias-24(SP)"
	tilesLeft   = "tiles-32(SP)"
	linesLeft   = "lines-40(SP)"
	planesLeft  = "planes-48(SP)"
	frameSize   = 48
)

// begin starts a tile: the results are in registers from 0 on.
func (s blockShape) begin(f *file, kind string) string {
	name := fmt.Sprintf("%s%dx%d%s", kind, s.positions, s.blocks, s.name)
	f.beginFrame(name, "t *blockTile", 8, frameSize)
	f.line("MOVQ t+0(FP), AX")
	f.line("MOVQ blockTile_x(AX), SI")
	for _, place := range []string{resultsDone, weightsDone, biasDone} {
		f.line("MOVQ $0, %s", place)
	}
	f.line("MOVQ blockTile_xStep(AX), R8")
	f.line("SHLQ $2, R8")
	f.line("LEAQ (R8)(R8*2), R9")
	f.line("LEAQ (R8)(R8*4), R10")
	f.line("LEAQ (R9)(R8*4), R11")
	s.countFrom(f, "planes", planesLeft)
	f.label("plane")
	s.countFrom(f, "lines", linesLeft)
	f.label("line")
	s.countFrom(f, "tiles", tilesLeft)
	f.label("tile")
	return name
}

// countFrom begins to count a loop.
func (s blockShape) countFrom(f *file, field, place string) {
	f.line("MOVQ blockTile_%s(AX), CX", field)
	f.line("MOVQ CX, %s", place)
}

// taps writes the loop over the taps; body finds the tap's numbers at DX.
func (s blockShape) taps(f *file, body func()) {
	f.line("MOVQ blockTile_taps(AX), BX")
	f.line("MOVQ blockTile_taps+8(AX), CX")
	f.line("TESTQ CX, CX")
	f.line("JZ save")
	f.label("tap")
	f.line("MOVQ tap_x(BX), DX")
	f.line("LEAQ (SI)(DX*4), DX")
	body()
	f.line("ADDQ $tap__size, BX")
	f.line("DECQ CX")
	f.line("JNZ tap")
}

// weights points DI to the weights of a tap, of the given numbers a step.
func (s blockShape) weights(f *file, numbers int) {
	f.line("IMUL3Q $%d, tap_w(BX), DI", 4*numbers)
	f.line("ADDQ blockTile_w(AX), DI")
	f.line("ADDQ %s, DI", weightsDone)
}

// position returns where position p lies, seen from R14 and R15.
func (s blockShape) position(p int) string {
	base := "(R14)"
	if p >= 7 {
		base, p = "(R15)", p-7
	}
	return base + [...]string{"", "(R8*1)", "(R8*2)", "(R9*1)", "(R8*4)", "(R10*1)", "(R9*2)"}[p]
}

// eighth points R15 to the eighth position if there is one.
func (s blockShape) eighth(f *file) {
	if s.positions > 7 {
		f.line("LEAQ (R14)(R11*1), R15")
	}
}

// result returns the register of a result.
func (s blockShape) result(position, block int) string { return s.vector(position*s.blocks + block) }

// spare returns the i-th register that holds no result.
func (s blockShape) spare(i int) string { return s.vector(s.positions*s.blocks + i) }

// product writes the tile of a convolution: each step multiplies the channel's
// number at each position with as many vectors of weights as there are blocks.
func (s blockShape) product(f *file) string {
	name := s.begin(f, "product")
	// The last block's weights stay in memory where registers are short.
	held := min(s.blocks, s.count-s.positions*s.blocks-1)
	x := s.spare(held)
	weight := func(b int) string {
		if b < held {
			return s.spare(b)
		}
		return s.at("DI", b)
	}
	s.startWithBias(f)
	s.taps(f, func() {
		s.weights(f, s.blocks*s.lanes())
		f.line("MOVQ blockTile_channels(AX), R12")
		f.line("MOVQ blockTile_channels+8(AX), R13")
		f.label("channel")
		f.line("MOVQ (R12), R14")
		f.line("LEAQ (DX)(R14*4), R14")
		s.eighth(f)
		for b := range held {
			f.line("VMOVUPS %s, %s", s.at("DI", b), weight(b))
		}
		for p := range s.positions {
			f.line("VBROADCASTSS %s, %s", s.position(p), x)
			for b := range s.blocks {
				f.line("VFMADD231PS %s, %s, %s", weight(b), x, s.result(p, b))
			}
		}
		f.line("ADDQ $%d, DI", s.blocks*s.bytes)
		f.line("ADDQ $8, R12")
		f.line("DECQ R13")
		f.line("JNZ channel")
	})
	s.save(f)
	return name
}

// startWithBias sets the results of each position to the bias.
func (s blockShape) startWithBias(f *file) {
	f.line("MOVQ blockTile_bias(AX), DI")
	f.line("ADDQ %s, DI", biasDone)
	for b := range s.blocks {
		f.line("VMOVUPS %s, %s", s.at("DI", b), s.result(0, b))
	}
	for p := 1; p < s.positions; p++ {
		for b := range s.blocks {
			f.line("VMOVAPS %s, %s", s.result(0, b), s.result(p, b))
		}
	}
}

// lanewise writes the tile of a convolution whose channels are separate.
func (s blockShape) lanewise(f *file) string {
	name := s.begin(f, "lanewise")
	s.startWithBias(f)
	s.taps(f, func() {
		s.weights(f, s.lanes())
		f.line("VMOVUPS (DI), %s", s.spare(0))
		f.line("MOVQ DX, R14")
		s.eighth(f)
		for p := range s.positions {
			f.line("VFMADD231PS %s, %s, %s", s.position(p), s.spare(0), s.result(p, 0))
		}
	})
	s.save(f)
	return name
}

// largest writes the tile of max pooling.
func (s blockShape) largest(f *file) string {
	name := s.begin(f, "largest")
	w := &writer{file: f, m: s.x86, free: []string{s.spare(1)}}
	s.startWithBias(f)
	s.taps(f, func() {
		f.line("MOVQ DX, R14")
		s.eighth(f)
		for p := range s.positions {
			f.line("VMOVUPS %s, %s", s.position(p), s.spare(0))
			w.combineNaN("VMAXPS", s.reg, p, s.positions)
		}
	})
	s.save(f)
	return name
}

// save finishes the tile, stores it and goes on to the next. DX points to the
// results, DI to what is added to them, R12 is the step between positions, R13
// and R14 one and three blocks.
func (s blockShape) save(f *file) {
	f.label("save")
	for field, reg := range [...]string{"R12", "R13"} {
		f.line("MOVQ blockTile_%s(AX), %s", [...]string{"yStep", "yBlock"}[field], reg)
		f.line("SHLQ $2, %s", reg)
	}
	f.line("LEAQ (R13)(R13*2), R14")
	f.line("MOVQ blockTile_residual(AX), DI")
	f.line("TESTQ DI, DI")
	f.line("JZ clip")
	f.line("ADDQ %s, DI", resultsDone)
	s.eachResult(f, "DI", func(place, result string) { f.line("VADDPS %s, %s, %s", place, result, result) })
	f.label("clip")
	lo, hi := s.spare(0), s.spare(1)
	f.line("VBROADCASTSS blockTile_lo(AX), %s", lo)
	f.line("VBROADCASTSS blockTile_hi(AX), %s", hi)
	f.line("MOVQ blockTile_y(AX), DX")
	f.line("ADDQ %s, DX", resultsDone)
	s.eachResult(f, "DX", func(place, result string) {
		f.line("VMAXPS %s, %s, %s", result, lo, result)
		f.line("VMINPS %s, %s, %s", result, hi, result)
		f.line("VMOVUPS %s, %s", result, place)
	})
	f.line("IMULQ $%d, R12", s.positions)
	f.line("ADDQ R12, %s", resultsDone)
	f.line("IMUL3Q $%d, R8, R12", s.positions)
	f.line("ADDQ R12, SI")
	f.line("DECQ %s", tilesLeft)
	f.line("JNZ tile")
	s.move(f, "xLine", "SI")
	s.move(f, "yLine", resultsDone)
	f.line("DECQ %s", linesLeft)
	f.line("JNZ line")
	s.move(f, "xPlane", "SI")
	s.move(f, "yPlane", resultsDone)
	s.move(f, "wPlane", weightsDone)
	s.move(f, "biasPlane", biasDone)
	f.line("DECQ %s", planesLeft)
	f.line("JNZ plane")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// move adds a number of numbers to a pointer or an offset.
func (s blockShape) move(f *file, field, place string) {
	f.line("MOVQ blockTile_%s(AX), CX", field)
	f.line("SHLQ $2, CX")
	f.line("ADDQ CX, %s", place)
}

// eachResult writes the body for each result and its place, seen from a pointer
// that moves along the positions.
func (s blockShape) eachResult(f *file, pointer string, body func(place, result string)) {
	for p := range s.positions {
		for b := range s.blocks {
			body("("+pointer+")"+[...]string{"", "(R13*1)", "(R13*2)", "(R14*1)"}[b], s.result(p, b))
		}
		if p < s.positions-1 {
			f.line("ADDQ R12, %s", pointer)
		}
	}
}
