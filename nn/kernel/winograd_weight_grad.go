package kernel

// minimalWeightGrad sets dw to the gradient of a group's weights, or adds it: three taps of an
// axis are results of filtering six numbers of the image with four gradients. For
// each point, the product of tiles by filters, transposed, with tiles by channels
// adds up over the tiles.
func minimalWeightGrad(t *Team, spec *ConvSpec, g, n int, dw, x, dy []float32, add bool) {
	w := newWinograd(*spec)
	in, out := spec.InSize()/spec.Groups, spec.OutSize()/spec.Groups
	u := &winogradSlope{winogradRun: winogradRun{winograd: w, group: g, x: x[g*in:]}, dy: dy[g*out:], dw: dw, add: add}
	// The sums are transformed once for each strip, which must be worth it.
	held := min(max(minHeld, 2*points*w.depth*w.width), maxHeld)
	row := points * w.tiles[1] * (w.depth + w.width)
	step, count := max(1, held/row), n*w.tiles[0]
	for lo := 0; lo < count && !t.stopped(); lo += step {
		u.strip(t, lo, min(lo+step, count))
		u.add = true
	}
}

// winogradSlope computes the gradient of the weights of one group.
type winogradSlope struct {
	winogradRun
	dy, dw []float32 // from the group's first filter on
	add    bool      // to what dw holds
}

// maxSlopes is how many sums a task holds, so that they stay in the second cache;
// minHeld how many numbers of tiles are held at a time at least.
const (
	maxSlopes = 160 << 10
	minHeld   = 256 << 10
)

// strip computes what rows of tiles [lo, hi) make.
func (u *winogradSlope) strip(t *Team, lo, hi int) {
	tiles := (hi - lo) * u.tiles[1]
	channels, filters, panel := u.spec.groupChannels(), u.spec.groupFilters(), u.tile.width
	images, slopes := tiles*roundUp(channels, panel)+u.lanes, tiles*roundUp(filters, u.lanes)+u.lanes
	s := borrow(points * (images + slopes))
	defer s.giveBack()
	v, m := s.f[:points*images], s.f[points*images:]
	runs, blocks := u.runsOf(lo, hi), u.depth/u.lanes
	t.Run(len(runs)*blocks, func(i int) {
		at := i % blocks * u.lanes
		u.transformImage(v[at/panel*panel*tiles+at%panel:], images, panel, runs[i/blocks], i%blocks)
	})
	blocks = roundUp(filters, u.lanes) / u.lanes
	t.Run(len(runs)*blocks, func(i int) { u.transformSlope(m[i%blocks*u.lanes:], slopes, runs[i/blocks], i%blocks) })
	parts := max(2*t.Threads(), points*filters*channels/maxSlopes)
	parts = min(parts, (filters-1)/u.tile.height+1)
	t.Run(parts, func(i int) {
		u.multiply(v, m, images, slopes, tiles, split(filters, parts, i), split(filters, parts, i+1))
	})
}

// transformSlope transforms the gradients of a vector of filters over a run of
// tiles: block is their number. Point p of tile i goes to m[p*pitch+i*filters] and
// on, where filters are filled up to vectors.
func (u *winogradSlope) transformSlope(m []float32, pitch int, r tileRows, block int) {
	s, lanes, columns := &u.spec, u.lanes, u.tiles[1]
	out, step := s.Out(), roundUp(s.groupFilters(), u.lanes)
	line, rows := tileOut*columns*lanes, tileOut*(r.hi-r.lo)
	b := borrow((rows + tileIn) * line)
	defer b.giveBack()
	dy, half := b.f[:rows*line], b.f[rows*line:]
	filters := lanesOf{u.dy[r.image*s.OutSize():], out[1], out[2], s.groupFilters(), block * lanes, lanes, false}
	filters.gather(dy, line, r.lo*tileOut, 0)
	for row := range r.hi - r.lo {
		u.kernels.slope(half, line, lanes, dy[tileOut*row*line:], line, lanes, line/lanes)
		to := m[(r.tile+row*columns)*step:]
		for i := range tileIn {
			u.kernels.slope(to[i*tileIn*pitch:], pitch, step, half[i*line:], lanes, tileOut*lanes, columns)
		}
	}
}

// multiply computes the sums of filters [lo, hi) and the gradients in dw.
func (u *winogradSlope) multiply(v, m []float32, images, slopes, tiles, lo, hi int) {
	step, channels, panel := roundUp(u.spec.groupFilters(), u.lanes), u.spec.groupChannels(), u.tile.width
	rows, cols := hi-lo, roundUp(channels, u.lanes)
	b := borrow(rows*tiles + points*rows*cols)
	defer b.giveBack()
	sums := b.f[rows*tiles:]
	left := packed{tile: u.tile, n: rows, k: tiles, data: b.f[:rows*tiles]}
	all, blocks := rect{p1: left.panelCount()}, u.tile.blocks(tiles)
	for p := range points {
		filters := Mat{Data: m[p*slopes+lo:], Rows: rows, Cols: tiles, RowStride: 1, ColStride: step}
		left.interleaveLeft(filters)
		right := packed{tile: u.tile, right: true, n: channels, k: tiles, data: v[p*images:]}
		for i := range blocks {
			k0, k1 := split(tiles, blocks, i), split(tiles, blocks, i+1)
			for j := range right.panelCount() {
				left.sweep(all, k0, k1, right.panel(j, k0), u.tile.rows[:k1-k0], destination{
					c: sums[p*rows*cols+j*panel:], stride: cols, cols: min(panel, channels-j*panel), alpha: 1, add: i > 0,
				})
			}
		}
	}
	for r := range rows {
		u.filterSlopes(u.dw[(lo+r)*channels*9:][:channels*9], sums[r*cols:], rows*cols, cols)
	}
}

// filterSlopes sets dw to the gradients of one filter, or adds them: sums has rows of channels,
// pitch apart for each point.
func (u *winogradSlope) filterSlopes(dw, sums []float32, pitch, cols int) {
	b := borrow((3*tileIn+9)*cols + len(dw))
	defer b.giveBack()
	half, taps := b.f[:3*tileIn*cols], b.f[3*tileIn*cols:][:9*cols]
	for j := range tileIn {
		u.kernels.filterSlope(half[j*cols:], tileIn*cols, u.lanes, sums[j*pitch:], tileIn*pitch, u.lanes, cols/u.lanes)
	}
	for i := range 3 {
		u.kernels.filterSlope(taps[i*3*cols:], cols, u.lanes, half[i*tileIn*cols:], cols, u.lanes, cols/u.lanes)
	}
	if !u.add {
		transposeStrided(dw, 9, taps, cols, 9, len(dw)/9)
		return
	}
	turned := b.f[(3*tileIn+9)*cols:][:len(dw)]
	transposeStrided(turned, 9, taps, cols, 9, len(dw)/9)
	Add(dw, dw, turned)
}
