package kernel

// run convolves n images x into y.
func (w *winograd) run(t *Team, n int, y, x []float32, e Epilogue) {
	s := &w.spec
	if n == 0 || s.OutSize() == 0 {
		return
	}
	in, out, filters := s.InSize()/s.Groups, s.OutSize()/s.Groups, s.groupFilters()
	for g := range s.Groups {
		u := winogradRun{winograd: w, group: g, x: x[g*in:], y: y[g*out:], e: e.from(g * out)}
		if e.RowBias != nil && s.Groups > 1 {
			u.e.RowBias = e.RowBias[g*filters : (g+1)*filters]
		}
		u.rows(t, n*w.tiles[0])
	}
}

// Sizes in numbers: what a strip of tiles may take if it is one thread's, so that
// it stays in the second cache, and what may be held at a time.
const (
	maxStrip = 160 << 10
	maxHeld  = 4 << 20
)

// winogradRun computes the results of one group.
type winogradRun struct {
	*winograd
	group int
	x, y  []float32 // from the group's first channel on
	e     Epilogue
}

// rows computes count rows of tiles, of all images one after the other. Where the
// images are large, each thread takes some rows through all steps; where the
// weights are, the threads share the points, so that each reads a part of the
// weights only.
func (u *winogradRun) rows(t *Team, count int) {
	row := points * u.tiles[1] * (u.depth + u.width)
	if weights := points * u.spec.groupChannels() * u.width; weights < count*row && count >= t.Threads() {
		strips := max(1, count/max(1, maxStrip/row))
		strips = min(count, roundUp(strips, t.Threads()))
		alone := t.alone()
		t.Run(strips, func(i int) { u.strip(alone, split(count, strips, i), split(count, strips, i+1)) })
		return
	}
	step := max(1, maxHeld/row)
	for lo := 0; lo < count && !t.stopped(); lo += step {
		u.strip(t, lo, min(lo+step, count))
	}
}

// strip computes rows of tiles [lo, hi).
func (u *winogradRun) strip(t *Team, lo, hi int) {
	tiles := (hi - lo) * u.tiles[1]
	// Points lie a little further apart than they need, so that they do not
	// compete for the same lines of the first cache.
	images, results := tiles*u.depth+u.lanes, tiles*u.width+u.lanes
	s := borrow(points * (images + results))
	defer s.giveBack()
	v, m := s.f[:points*images], s.f[points*images:]
	runs := u.runsOf(lo, hi)
	blocks := u.depth / u.lanes
	t.Run(len(runs)*blocks, func(i int) { u.transformImage(v[i%blocks*u.lanes:], images, u.depth, runs[i/blocks], i%blocks) })
	t.Run(points, func(p int) { u.multiply(m[p*results:(p+1)*results], v[p*images:], tiles, p) })
	blocks = roundUp(u.spec.groupFilters(), u.lanes) / u.lanes
	t.Run(len(runs)*blocks, func(i int) { u.transformResult(m, results, runs[i/blocks], i%blocks) })
}

// tileRows is a run of rows of tiles of one image.
type tileRows struct {
	image, lo, hi int
	tile          int // index of the first tile in its strip
}

// runsOf cuts the rows of a strip by images.
func (u *winogradRun) runsOf(lo, hi int) []tileRows {
	var runs []tileRows
	for at := lo; at < hi; {
		image, first := at/u.tiles[0], at%u.tiles[0]
		n := min(u.tiles[0]-first, hi-at)
		runs = append(runs, tileRows{image, first, first + n, (at - lo) * u.tiles[1]})
		at += n
	}
	return runs
}

// multiply sets m, tiles x filters, to the product of v, tiles x channels, with
// the weights of a point.
func (u *winogradRun) multiply(m, v []float32, tiles, point int) {
	channels := u.spec.groupChannels()
	s := borrow(tiles * channels)
	defer s.giveBack()
	left := packed{tile: u.tile, n: tiles, k: channels, data: s.f}
	image := Mat{Data: v, Rows: tiles, Cols: channels, RowStride: u.depth, ColStride: 1}
	left.interleaveLeft(image)
	right := packed{tile: u.tile, right: true, n: u.width, k: channels, data: u.weights[u.group][point*channels*u.width:]}
	all := rect{p1: left.panelCount()}
	blocks := u.tile.blocks(channels)
	for i := range blocks {
		k0, k1 := split(channels, blocks, i), split(channels, blocks, i+1)
		for j := range right.panelCount() {
			left.sweep(all, k0, k1, right.panel(j, k0), u.tile.rows[:k1-k0],
				destination{c: m[j*u.tile.width:], stride: u.width, cols: u.tile.width, alpha: 1, add: i > 0})
		}
	}
}
