package main

import (
	"fmt"
	"strings"
)

// A transform is a small matrix times some vectors, such as Winograd's minimal
// filtering needs: result i of a turn goes dstStride numbers after result i-1, the
// vectors of a turn lie srcStride numbers apart, and the next turn is dstStep and
// srcStep numbers on.
type transform struct {
	name string
	in   int
	body func(x []*node) []*node
}

const transformParams = "dst []float32, dstStride, dstStep int, src []float32, srcStride, srcStep, n int"

// The polynomials of Winograd's algorithm (arXiv:1509.09308) are evaluated at 0,
// ±pointA, ±pointB and infinity. These points halve the error of 0, ±1, ±2 and
// infinity, and their powers are exact.
const (
	pointA = 11.0 / 16
	pointB = 11.0 / 8
)

// transforms are those of tiles of six numbers: four results of three taps, or
// three of four.
var transforms = []transform{
	{"image", 6, imageTransform},
	{"filter", 3, func(x []*node) []*node { return evaluate(x[0], x[1], x[2], nil) }},
	{"result", 6, func(x []*node) []*node { return interpolate(x, 4) }},
	{"slope", 4, func(x []*node) []*node { return evaluate(x[0], x[1], x[2], x[3]) }},
	{"filterSlope", 6, func(x []*node) []*node { return interpolate(x, 3) }},
}

// imageTransform multiplies with the transpose of the matrix that interpolates:
// row i holds the coefficients of the product of all (x - point) but the i-th.
func imageTransform(x []*node) []*node {
	p := x[0].p
	const a, b, a2, b2 = pointA, pointB, pointA * pointA, pointB * pointB
	ends := func(x0, x2, x4 *node) *node { return x0.mulAdd(p.c(a2*b2), x2.negMulAdd(p.c(a2+b2), x4)) }
	evenA, oddA := x[2].negMulAdd(p.c(b2), x[4]), x[1].negMulAdd(p.c(b2), x[3])
	evenB, oddB := x[2].negMulAdd(p.c(a2), x[4]), x[1].negMulAdd(p.c(a2), x[3])
	return []*node{
		ends(x[0], x[2], x[4]),
		oddA.mulAdd(p.c(a), evenA), oddA.negMulAdd(p.c(a), evenA),
		oddB.mulAdd(p.c(b), evenB), oddB.negMulAdd(p.c(b), evenB),
		ends(x[1], x[3], x[5]),
	}
}

// evaluate gives the values of a polynomial at the points, each over the product
// of its distances from the others; x3 may be nil for zero.
func evaluate(x0, x1, x2, x3 *node) []*node {
	p := x0.p
	const a2, b2 = pointA * pointA, pointB * pointB
	values := []*node{x0.mul(p.c(1 / (a2 * b2)))}
	for _, at := range [][2]float64{{pointA, 1 / (2 * a2 * (a2 - b2))}, {pointB, 1 / (2 * b2 * (b2 - a2))}} {
		v, over := at[0], at[1]
		even := x0.mul(p.c(over))
		even = x2.mulAdd(p.c(v*v*over), even)
		odd := x1.mul(p.c(v * over))
		if x3 != nil {
			odd = x3.mulAdd(p.c(v*v*v*over), odd)
		}
		values = append(values, even.add(odd), even.sub(odd))
	}
	if x3 != nil {
		return append(values, x3)
	}
	return append(values, x2)
}

// interpolate gives the first n coefficients of what has the values x.
func interpolate(x []*node, n int) []*node {
	p := x[0].p
	const a, b, a2, b2 = pointA, pointB, pointA * pointA, pointB * pointB
	sumA, diffA := x[1].add(x[2]), x[1].sub(x[2])
	sumB, diffB := x[3].add(x[4]), x[3].sub(x[4])
	y := []*node{
		x[0].add(sumA).add(sumB),
		diffB.mulAdd(p.c(b), diffA.mul(p.c(a))),
		sumB.mulAdd(p.c(b2), sumA.mul(p.c(a2))),
		diffB.mulAdd(p.c(b*b2), diffA.mul(p.c(a*a2))),
	}[:n]
	y[n-1] = y[n-1].add(x[5])
	return y
}

// program records the transform.
func (t transform) program(m machine) *program {
	return newProgram(kernel{body: func(p *program) {
		x := make([]*node, t.in)
		for i := range x {
			x[i] = p.load(i)
		}
		for i, y := range t.body(x) {
			p.storeAt(i, y)
		}
	}}, m)
}

func winogradAMD64() (string, *file) {
	f := &file{vectorBytes: 64}
	for _, m := range []x86{avx512, avx2} {
		for _, t := range transforms {
			m.transform(f, t)
		}
		writeTransforms(f, m)
	}
	return "winograd_amd64", f
}

func winogradARM64() (string, *file) {
	f := &file{vectorBytes: 16}
	for _, t := range transforms {
		transformARM64(f, t)
	}
	writeTransforms(f, neonMachine{})
	return "winograd_arm64", f
}

// writeTransforms writes the table of a machine's transforms.
func writeTransforms(f *file, m machine) {
	fields := []string{fmt.Sprintf("lanes: %d", m.lanes())}
	for _, t := range transforms {
		fields = append(fields, fmt.Sprintf("%[1]s: %[1]sTransform%[2]s", t.name, m.suffix()))
	}
	fmt.Fprintf(&f.decls, "var winograd%s = winogradKernels{%s}\n\n", m.suffix(), strings.Join(fields, ", "))
}

// transform writes the loop: DI and SI move along the destination and the source,
// and three registers for each hold one, three and five strides.
func (m x86) transform(f *file, t transform) {
	w := &writer{file: f, m: m, k: kernel{name: t.name + "Transform"}, p: t.program(m)}
	w.assign()
	f.begin(w.k.name+m.name, transformParams, 88)
	for _, arg := range []string{
		"dst_base+0(FP), DI", "dstStride+24(FP), R11", "dstStep+32(FP), DX",
		"src_base+40(FP), SI", "srcStride+64(FP), R8", "srcStep+72(FP), BX", "n+80(FP), CX",
	} {
		f.line("MOVQ %s", arg)
	}
	for _, r := range []string{"R11", "DX", "R8", "BX"} {
		f.line("SHLQ $2, %s", r)
	}
	w.from, w.to = strided(f, "SI", "R8", "R9", "R10"), strided(f, "DI", "R11", "R12", "R13")
	w.holdConstants()
	f.line("TESTQ CX, CX")
	f.line("JZ done")
	f.label("turn")
	w.vector()
	f.line("ADDQ DX, DI")
	f.line("ADDQ BX, SI")
	f.line("DECQ CX")
	f.line("JNZ turn")
	f.label("done")
	f.line("VZEROUPPER")
	f.line("RET")
	f.end()
}

// strided returns six places a stride apart, the first of them at base.
func strided(f *file, base, one, three, five string) []string {
	f.line("LEAQ (%[1]s)(%[1]s*2), %s", one, three)
	f.line("LEAQ (%[1]s)(%[1]s*4), %s", one, five)
	var places []string
	for _, index := range []string{"", "(" + one + "*1)", "(" + one + "*2)", "(" + three + "*1)", "(" + one + "*4)", "(" + five + "*1)"} {
		places = append(places, "("+base+")"+index)
	}
	return places
}

// transformARM64 writes the loop with a pointer for each vector: R0 to R5 for the
// source, R10 to R15 for the destination.
func transformARM64(f *file, t transform) {
	w := newNeonWriter(f, kernel{name: t.name + "Transform"}, t.program(neonMachine{}))
	f.begin(w.k.name+"NEON", transformParams, 88)
	f.loads("dst_base+0(FP), R10", "dstStride+24(FP), R16", "dstStep+32(FP), R7",
		"src_base+40(FP), R0", "srcStride+64(FP), R17", "srcStep+72(FP), R6", "n+80(FP), R9", "$constants<>(SB), R8")
	f.line("LSL $2, R6")
	f.line("LSL $2, R7")
	for i := 1; i < 6; i++ {
		f.line("ADD R17<<2, R%d, R%d", i-1, i)
		f.line("ADD R16<<2, R%d, R%d", 9+i, 10+i)
	}
	for i := range 6 {
		w.from, w.to = append(w.from, fmt.Sprintf("(R%d)", i)), append(w.to, fmt.Sprintf("(R%d)", 10+i))
	}
	f.line("CBZ R9, done")
	f.label("turn")
	w.vector()
	for i := range 6 {
		f.line("ADD R6, R%d", i)
		f.line("ADD R7, R%d", 10+i)
	}
	f.line("SUBS $1, R9")
	f.line("BNE turn")
	f.label("done")
	f.line("RET")
	f.end()
}
