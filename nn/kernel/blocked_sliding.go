package kernel

// sliding is a window over images that lie in the blocked layout, or in the plain
// one; results are blocked. It is cut into regions.
type sliding struct {
	window  Window
	unit    int // how far apart neighbours lie in the image: Block, or 1 if it is plain
	out     [3]int
	cut     int    // first axis with more than one result: ranges on it are contiguous
	target  target // where results go
	regions []region
}

func newSliding(w Window, unit, rows int) sliding {
	s := sliding{window: w, unit: unit, out: w.Out(), cut: 2, regions: w.regions(unit, rows)}
	s.target = target{size: s.out, step: [3]int{1, 1, 1}}
	for i := 2; i >= 0; i-- {
		if s.out[i] > 1 {
			s.cut = i
		}
	}
	return s
}

// lines is how many results there are along the axis that images are cut on.
func (s *sliding) lines() int { return s.out[s.cut] }

// size is how many numbers a block of results has, with those between them.
func (s *sliding) size() int { return volume(s.target.size) * Block() }

// lineSize is how many of them belong to a line.
func (s *sliding) lineSize() int { return s.size() / max(1, s.lines()) }

// source returns where in an image the window of a result of r begins, seen from
// the first tap that meets it.
func (s *sliding) source(pos [3]int, r *region) int {
	if len(r.taps) == 0 {
		return 0
	}
	at := 0
	for i := range pos {
		at = at*s.window.In[i] + s.window.position(i, pos[i], r.first[i])
	}
	return at * s.unit
}

// result returns where in a block a result lies.
func (s *sliding) result(pos [3]int) int { return s.target.index(pos) * Block() }

// compute computes lines [lo, hi) of a block of results, or of as many as the
// kernels do at a time, and of b.planes planes. x, y and residual, which may be
// nil, begin at the first channel. What b says besides is the same for all
// results.
func (s *sliding) compute(kernels []blockFunc, b *blockTile, x, y, residual []float32, lo, hi int) {
	for i := range s.regions {
		if r, ok := s.regions[i].within(s.cut, lo, hi); ok {
			s.region(&r, kernels, b, x, y, residual)
		}
	}
}

// region computes a region line by line along its longest axis.
func (s *sliding) region(r *region, kernels []blockFunc, b *blockTile, x, y, residual []float32) {
	along, inner, outer := r.longest()
	step := func(axis int) (x, y int) {
		next := r.lo
		next[axis]++
		return s.source(next, r) - s.source(r.lo, r), s.result(next) - s.result(r.lo)
	}
	b.taps, b.lines = r.taps, r.hi[inner]-r.lo[inner]
	b.xStep, b.yStep = step(along)
	xLine, yLine := step(inner)
	b.xPlane, b.yPlane = volume(s.window.In)*s.unit-b.lines*xLine, s.size()-b.lines*yLine
	for pos := r.lo; pos[outer] < r.hi[outer]; pos[outer]++ {
		at := s.result(pos)
		b.x, b.y, b.residual = x[s.source(pos, r):], y[at:], nil
		if residual != nil {
			b.residual = residual[at:]
		}
		b.box(kernels, r.hi[along]-r.lo[along], xLine, yLine)
	}
}

// box computes lines of n results, with steps from line to line, cut into tiles of
// even widths.
func (b *blockTile) box(kernels []blockFunc, n, xLine, yLine int) {
	tiles := (n-1)/(len(kernels)-1) + 1
	width, wider := n/tiles, n%tiles
	compute := func(width int) {
		b.xLine, b.yLine = xLine-b.tiles*width*b.xStep, yLine-b.tiles*width*b.yStep
		kernels[width](b)
	}
	if wider > 0 {
		b.tiles = wider
		compute(width + 1)
		done := wider * (width + 1)
		b.x, b.y = b.x[done*b.xStep:], b.y[done*b.yStep:]
		if b.residual != nil {
			b.residual = b.residual[done*b.yStep:]
		}
	}
	b.tiles = tiles - wider
	compute(width)
}
