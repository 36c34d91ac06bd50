package main

import (
	"fmt"
	"strings"
)

// machine is an instruction set as the loops need it.
type machine interface {
	suffix() string
	lanes() int
	// scale multiplies a by 2^n where n is a whole number.
	scale(a, n *node) *node
	// loop writes a whole function.
	loop(f *file, k kernel, p *program)
}

// newProgram returns the body of a kernel as a machine will compute it.
func newProgram(k kernel, m machine) *program {
	p := &program{constants: map[uint32]*node{}, loaded: map[int]*node{}, machine: m}
	k.body(p)
	for i, n := range p.nodes {
		for _, a := range n.args {
			a.last = i
		}
	}
	return p
}

// writeLoops writes all kernels for a machine, and the table of them.
func writeLoops(f *file, m machine) {
	var fields []string
	for _, k := range kernels {
		m.loop(f, k, newProgram(k, m))
		fields = append(fields, fmt.Sprintf("\t%s: %s%s,\n", k.name, k.name, m.suffix()))
	}
	fmt.Fprintf(&f.decls, "var loops%s = vectorKernels{\n%s}\n\n", m.suffix(), strings.Join(fields, ""))
}

func loopsARM64() (string, *file) {
	f := &file{vectorBytes: 16}
	writeLoops(f, neonMachine{})
	return "loops_arm64", f
}

func loopsAMD64() (string, *file) {
	f := &file{vectorBytes: 64}
	writeMaskTable(f)
	writeLoops(f, avx512)
	writeLoops(f, avx2)
	return "loops_amd64", f
}

// slices returns the names of the slice parameters, the destination first.
func (k kernel) slices() []string {
	if k.dst {
		return append([]string{"dst"}, k.sources...)
	}
	return k.sources
}

// signature returns the parameters in Go, and how many bytes they and the result
// take.
func (k kernel) signature(reduces bool) (params string, size int) {
	params = strings.Join(k.slices(), ", ") + " []float32"
	size = 24 * len(k.slices())
	if len(k.scalars) > 0 {
		params += ", " + strings.Join(k.scalars, ", ") + " float32"
		size += 4 * len(k.scalars)
	}
	if reduces {
		size = k.resultOffset() + 4
	}
	return params, size
}

// scalarOffset is where in the frame scalar i lies.
func (k kernel) scalarOffset(i int) int { return 24*len(k.slices()) + 4*i }

// resultOffset is where in the frame the result lies.
func (k kernel) resultOffset() int { return (24*len(k.slices()) + 4*len(k.scalars) + 7) &^ 7 }
