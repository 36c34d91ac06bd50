package kernel

//go:generate go run ./internal/gen

// supportedPaths returns the paths that the processor runs, best first. All of
// this architecture have NEON.
func supportedPaths() []*path {
	return []*path{
		{
			name:     "neon",
			tile:     newTile(8, 12, 320, wholeTiles(12, multiplyNEON)),
			vec:      wholeVectors(loopsNEON),
			move:     wholeSquares(movesNEON),
			rows:     wholeRows(rowKernels{weightRowsNEON, dotRowsNEON}),
			block:    blocksNEON,
			peak:     arithmeticNEON,
			winograd: winogradNEON,
		},
		portablePath,
	}
}
