package kernel

import "os"

// path is one set of kernels: those of an instruction set, or portable Go.
type path struct {
	name     string
	tile     tileKernels
	vec      vectorKernels
	move     moveKernels
	rows     rowKernels
	block    blockKernels
	winograd winogradKernels
	peak     arithmeticKernel
}

// active is the path in use. It changes only while the program starts, and in
// tests.
var active = choosePath(os.Getenv("TOMO_CPU"), supportedPaths())

// Path names the kernels in use: "avx512", "avx2", "neon" or "portable". It is
// the best that the processor runs, unless the environment variable TOMO_CPU
// names a lesser one.
func Path() string { return active.name }

// choosePath returns the path called limit, or the best one where there is none
// of that name. The paths come best first and always hold "portable".
func choosePath(limit string, paths []*path) *path {
	for _, p := range paths {
		if p.name == limit {
			return p
		}
	}
	return paths[0]
}

// portablePath is plain Go, which runs everywhere.
var portablePath = &path{
	name: "portable", tile: portableTile, vec: portableVector, move: portableMoves, rows: portableRows, block: portableBlocks,
	winograd: portableWinograd, peak: portableArithmetic,
}
