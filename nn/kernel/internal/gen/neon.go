package main

import "fmt"

// neonCode is the code of each instruction on four 32-bit lanes, registers 0
// (Arm Architecture Reference Manual, section C7.2). Go's assembler knows few of
// them by name.
var neonCode = map[string]uint32{
	"fadd": 0x4e20d400, "fsub": 0x4ea0d400, "fmul": 0x6e20dc00, "fdiv": 0x6e20fc00,
	"fmax": 0x4e20f400, "fmin": 0x4ea0f400, "fmla": 0x4e20cc00, "fmls": 0x4ea0cc00,
	"faddp": 0x6e20d400, "fmaxp": 0x6e20f400, "fminp": 0x6ea0f400,
	"fsqrt": 0x6ea1f800, "frintn": 0x4e218800, "fcvtns": 0x4e21a800, "scvtf": 0x4e21d800,
	"fcmgt": 0x6ea0e400, "fcmeq": 0x4e20e400, "not": 0x6e205800, "bsl": 0x6e601c00,
	"and": 0x4e201c00, "bic": 0x4e601c00, "orr": 0x4ea01c00, "eor": 0x6e201c00,
	"add": 0x4ea08400, "sub": 0x6ea08400,
	"fcvtl": 0x0e217800, "fcvtn": 0x0e216800, "shll16": 0x2e613800, "xtn": 0x0e612800,
	"uzp1": 0x4e801800, "zip1": 0x4e803800, "zip2": 0x4e807800,
	"zip1d": 0x4ec03800, "zip2d": 0x4ec07800,
}

// neon writes an instruction d = n op m.
func (f *file) neon(name string, d, n, m int) {
	code, ok := neonCode[name]
	if !ok {
		panic("gen: no code of " + name)
	}
	f.line("WORD $%#08x // %s v%d, v%d, v%d", code|uint32(m)<<16|uint32(n)<<5|uint32(d), name, d, n, m)
}

// neonLane writes d += n * lane of m.
func (f *file) neonLane(d, n, m, lane int) {
	code := uint32(0x4f801000) | uint32(lane&1)<<21 | uint32(lane>>1)<<11 | uint32(m)<<16 | uint32(n)<<5 | uint32(d)
	f.line("WORD $%#08x // fmla v%d, v%d, v%d.s[%d]", code, d, n, m, lane)
}

// neonShift writes d = n shifted left, or right for a negative count, keeping the
// sign.
func (f *file) neonShift(d, n, by int) {
	code, name := uint32(0x4f005400)|uint32(32+by)<<16, "shl"
	if by < 0 {
		code, name = uint32(0x4f000400)|uint32(64+by)<<16, "sshr"
	}
	f.line("WORD $%#08x // %s v%d, v%d, %d", code|uint32(n)<<5|uint32(d), name, d, n, by)
}

// neonMove copies a register.
func (f *file) neonMove(d, n int) { f.neon("orr", d, n, n) }

// neonZero clears a register.
func (f *file) neonZero(d int) { f.neon("eor", d, d, d) }

// neonSpread loads a number, as in "alpha+112(FP)", into all lanes.
func (f *file) neonSpread(from string, d int) {
	f.line("FMOVS %s, F%d", from, d)
	f.line("VDUP V%d.S[0], V%d.S4", d, d)
}

// loads writes MOVD of several parameters.
func (f *file) loads(args ...string) {
	for _, a := range args {
		f.line("MOVD %s", a)
	}
}

// neonName makes the name of a vector register.
func neonName(i int) string { return fmt.Sprintf("F%d", i) }
