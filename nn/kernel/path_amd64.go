package kernel

import "golang.org/x/sys/cpu"

//go:generate go run ./internal/gen

// supportedPaths returns the paths that the processor runs, best first.
func supportedPaths() []*path {
	var paths []*path
	x := &cpu.X86
	avx2 := x.HasAVX2 && x.HasFMA && x.HasBMI2 && x.HasF16C
	if avx2 && x.HasAVX512F && x.HasAVX512VL && x.HasAVX512BW && x.HasAVX512DQ {
		paths = append(paths, &path{
			name: "avx512", tile: newTile(14, 32, 320, multiplyAVX512), vec: loopsAVX512, move: movesAVX512, rows: rowsAVX512,
			block: blocksAVX512, winograd: winogradAVX512, peak: arithmeticAVX512,
		})
	}
	if avx2 {
		paths = append(paths, &path{
			name: "avx2", tile: newTile(6, 16, 320, multiplyAVX2), vec: loopsAVX2, move: movesAVX2, rows: rowsAVX2,
			block: blocksAVX2, winograd: winogradAVX2, peak: arithmeticAVX2,
		})
	}
	return append(paths, portablePath)
}
