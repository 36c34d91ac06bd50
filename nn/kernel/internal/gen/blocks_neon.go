package main

import (
	"fmt"
	"strings"
)

// neonPositions is how many positions a tile of one, two or three blocks has at
// most: 24 results leave 8 of the 32 registers.
var neonPositions = []int{8, 8, 8}

// neonBlock is a blockShape for NEON.
type neonBlock struct{ positions, blocks int }

func blocksARM64() (string, *file) {
	f := &file{includes: []string{"go_asm.h"}}
	var tables []string
	for i, most := range neonPositions {
		var names []string
		for p := 1; p <= most; p++ {
			names = append(names, neonBlock{p, i + 1}.product(f))
		}
		tables = append(tables, "{"+blockTable(names)+"}")
	}
	var lanewise, largest []string
	for p := 1; p <= neonPositions[0]; p++ {
		s := neonBlock{p, 1}
		lanewise, largest = append(lanewise, s.lanewise(f)), append(largest, s.largest(f))
	}
	fmt.Fprintf(&f.decls, "var blocksNEON = blockKernels{4, [][]blockFunc{%s}, []blockFunc{%s}, []blockFunc{%s}}\n\n",
		strings.Join(tables, ", "), blockTable(lanewise), blockTable(largest))
	return "blocks_arm64", f
}

// Registers: R0 the parameters, R1 the first position's numbers, R2 to R5 results,
// what is added to them, weights and bias, R6 the tap's numbers, R7 its weights, R8
// and R9 the taps and how many are left, R10 and R11 the channels and how many are
// left, R12 the channel's number at the first position, R13 to R15 the tiles, lines
// and planes left, R16 the step between the results of positions, R17 that between
// blocks, R19 to R25 one to seven steps between positions.
const (
	neonSteps = 18 // register of no step
	neonSpare = 24 // first vector register that holds no result
)

func (s neonBlock) begin(f *file, kind string) string {
	name := fmt.Sprintf("%s%dx%dNEON", kind, s.positions, s.blocks)
	f.begin(name, "t *blockTile", 8)
	f.loads("t+0(FP), R0", "blockTile_x(R0), R1", "blockTile_y(R0), R2", "blockTile_residual(R0), R3",
		"blockTile_w(R0), R4", "blockTile_bias(R0), R5", "blockTile_planes(R0), R15", "blockTile_yStep(R0), R16",
		"blockTile_yBlock(R0), R17", fmt.Sprintf("blockTile_xStep(R0), R%d", neonSteps+1))
	for _, r := range []int{16, 17, neonSteps + 1} {
		f.line("LSL $2, R%d", r)
	}
	for p := 2; p < s.positions; p++ {
		f.line("ADD R%d, R%d, R%d", neonSteps+1, neonSteps+p-1, neonSteps+p)
	}
	f.label("plane")
	f.line("MOVD blockTile_lines(R0), R14")
	f.label("line")
	f.line("MOVD blockTile_tiles(R0), R13")
	f.label("tile")
	for b := range s.blocks {
		f.line("FMOVQ %d(R5), F%d", 16*b, b)
	}
	for p := s.positions - 1; p > 0; p-- {
		for b := range s.blocks {
			f.neonMove(s.result(p, b), b)
		}
	}
	return name
}

func (s neonBlock) result(position, block int) int { return position*s.blocks + block }

// taps writes the loop over the taps; body finds the tap's numbers at R6. Weights
// have so many numbers a step.
func (s neonBlock) taps(f *file, numbers int, body func()) {
	f.line("MOVD blockTile_taps(R0), R8")
	f.line("MOVD blockTile_taps+8(R0), R9")
	f.line("CBZ R9, save")
	f.label("tap")
	f.line("MOVD tap_x(R8), R6")
	f.line("ADD R6<<2, R1, R6")
	f.line("MOVD tap_w(R8), R7")
	f.line("MOVD $%d, R12", 4*numbers)
	f.line("MADD R12, R4, R7, R7")
	body()
	f.line("ADD $tap__size, R8")
	f.line("SUBS $1, R9")
	f.line("BNE tap")
}

// atPosition returns where position p lies, seen from a register.
func (s neonBlock) atPosition(base string, p int) string {
	if p == 0 {
		return "(" + base + ")"
	}
	return fmt.Sprintf("(%s)(R%d)", base, neonSteps+p)
}

func (s neonBlock) product(f *file) string {
	name := s.begin(f, "product")
	s.taps(f, 4*s.blocks, func() {
		f.line("MOVD blockTile_channels(R0), R10")
		f.line("MOVD blockTile_channels+8(R0), R11")
		f.label("channel")
		f.line("MOVD.P 8(R10), R12")
		f.line("ADD R12<<2, R6, R12")
		for b := range s.blocks {
			f.line("FMOVQ.P 16(R7), F%d", neonSpare+b)
		}
		for p := range s.positions {
			x := neonSpare + 3 + p%4
			f.line("FMOVS %s, F%d", s.atPosition("R12", p), x)
			for b := range s.blocks {
				f.neonLane(s.result(p, b), neonSpare+b, x, 0)
			}
		}
		f.line("SUBS $1, R11")
		f.line("BNE channel")
	})
	s.save(f)
	return name
}

func (s neonBlock) lanewise(f *file) string {
	name := s.begin(f, "lanewise")
	s.taps(f, 4, func() {
		f.line("FMOVQ (R7), F%d", neonSpare)
		for p := range s.positions {
			x := neonSpare + 1 + p%4
			s.load(f, p, x)
			f.neon("fmla", s.result(p, 0), x, neonSpare)
		}
	})
	s.save(f)
	return name
}

func (s neonBlock) largest(f *file) string {
	name := s.begin(f, "largest")
	s.taps(f, 0, func() {
		for p := range s.positions {
			x := neonSpare + p%4
			s.load(f, p, x)
			f.neon("fmax", s.result(p, 0), s.result(p, 0), x)
		}
	})
	s.save(f)
	return name
}

// load loads the tap's vector at position p.
func (s neonBlock) load(f *file, p, to int) {
	if p == 0 {
		f.line("FMOVQ (R6), F%d", to)
		return
	}
	f.line("ADD R%d, R6, R12", neonSteps+p)
	f.line("FMOVQ (R12), F%d", to)
}

// save finishes the tile, stores it and goes on to the next.
func (s neonBlock) save(f *file) {
	lo, hi, added := neonSpare, neonSpare+1, neonSpare+2
	f.label("save")
	f.neonSpread("blockTile_lo(R0)", lo)
	f.neonSpread("blockTile_hi(R0)", hi)
	f.line("CBZ R3, clip")
	s.eachResult(f, "R3", func(place string, result int) {
		f.line("FMOVQ %s, F%d", place, added)
		f.neon("fadd", result, result, added)
	})
	f.line("ADD R16, R3")
	f.label("clip")
	s.eachResult(f, "R2", func(place string, result int) {
		f.neon("fmax", result, result, lo)
		f.neon("fmin", result, result, hi)
		f.line("FMOVQ F%d, %s", result, place)
	})
	f.line("ADD R16, R2")
	f.line("MOVD $%d, R12", s.positions)
	f.line("MADD R12, R1, R%d, R1", neonSteps+1)
	f.line("SUBS $1, R13")
	f.line("BNE tile")
	s.move(f, "xLine", 1)
	s.moveResults(f, "yLine", "line")
	f.line("SUBS $1, R14")
	f.line("BNE line")
	s.move(f, "xPlane", 1)
	s.moveResults(f, "yPlane", "plane")
	s.move(f, "wPlane", 4)
	s.move(f, "biasPlane", 5)
	f.line("SUBS $1, R15")
	f.line("BNE plane")
	f.line("RET")
	f.end()
}

// eachResult writes the body for each result and its place, seen from a pointer
// that is left at the last position.
func (s neonBlock) eachResult(f *file, pointer string, body func(place string, result int)) {
	for p := range s.positions {
		f.line("MOVD %s, R12", pointer)
		for b := range s.blocks {
			body("(R12)", s.result(p, b))
			if b < s.blocks-1 {
				f.line("ADD R17, R12")
			}
		}
		if p < s.positions-1 {
			f.line("ADD R16, %s", pointer)
		}
	}
}

// move adds a number of numbers to a pointer.
func (s neonBlock) move(f *file, field string, to int) {
	f.line("MOVD blockTile_%s(R0), R12", field)
	f.line("ADD R12<<2, R%d, R%d", to, to)
}

// moveResults moves the results, and what is added to them if anything is.
func (s neonBlock) moveResults(f *file, field, label string) {
	s.move(f, field, 2)
	f.line("CBZ R3, next%s", label)
	s.move(f, field, 3)
	f.label("next" + label)
}
