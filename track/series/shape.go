package series

// Sizes of the pyramid.
const (
	ChunkPoints = 4096 // points of a chunk
	LeafPoints  = 64   // points of a summary of the lowest level
	Fan         = 4    // summaries below a summary
	BlockNodes  = 256  // summaries of a block, in which they are kept
)

// nodesAt is how many summaries a level has above n points.
func nodesAt(level int, n int64) int64 {
	return n / spanOf(level)
}

// spanOf is how many points a summary of a level is of.
func spanOf(level int) int64 {
	span := int64(LeafPoints)
	for range level {
		span *= Fan
	}
	return span
}

// levelsOf is how many levels there are above n points.
func levelsOf(n int64) int {
	levels := 0
	for n >= spanOf(levels) {
		levels++
	}
	return levels
}

// PartsAt is how many parts n points have at a level, Chunk or above, the last
// of them perhaps not full.
func PartsAt(level int, n int64) int64 {
	if level == Chunk {
		return (n + ChunkPoints - 1) / ChunkPoints
	}
	return (nodesAt(level, n) + BlockNodes - 1) / BlockNodes
}
