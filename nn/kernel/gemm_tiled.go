package kernel

// tiledProduct is a matrix product under way.
type tiledProduct struct {
	c     Mat
	left  *packed
	right rightPanels
	e     Epilogue
}

// compute computes one rectangle of the destination, unless the team is stopped.
func (p *tiledProduct) compute(t *Team, r rect) {
	tile, k := p.left.tile, p.left.k
	s := borrow(tile.depth * tile.width)
	defer s.giveBack()
	blocks := tile.blocks(k)
	for i := range blocks {
		k0, k1 := split(k, blocks, i), split(k, blocks, i+1)
		for j := r.j0; j < r.j1; j++ {
			if t.stopped() {
				return
			}
			b, off := p.right.panel(j, k0, k1, s.f)
			p.left.sweep(r, k0, k1, b, off, destination{
				c: p.c.Data[j*tile.width:], stride: p.c.RowStride, cols: min(tile.width, p.c.Cols-j*tile.width),
				alpha: p.e.alpha(), add: p.e.Accumulate || i > 0,
			})
		}
	}
	p.finish(r)
}

// finish applies the epilogue to a rectangle of the destination.
func (p *tiledProduct) finish(r rect) {
	lo, _ := p.left.rows(r.p0)
	_, hi := p.left.rows(r.p1 - 1)
	width := p.left.tile.width
	left, right := r.j0*width, min(r.j1*width, p.c.Cols)
	p.e.finishInPlace(p.c, lo, hi, left, right)
}

// destination is a column of tiles: where a sweep stores.
type destination struct {
	c            []float32
	top          int // the row that c begins with
	stride, cols int
	alpha        float32
	add          bool
}

// sweep multiplies the row panels of r, at depths [k0, k1), with one column
// panel: b with its offsets.
func (p *packed) sweep(r rect, k0, k1 int, b []float32, off []int, d destination) {
	for i := r.p0; i < r.p1; i++ {
		lo, hi := p.rows(i)
		p.tile.multiply[hi-lo](p.left(lo, hi, k0, k1), b, off, d.c[(lo-d.top)*d.stride:], d.stride, d.cols, d.alpha, d.add)
	}
}

// rightPanels gives a right operand panel by panel: from its packed copy, from
// where it lies, or packed at the time.
type rightPanels struct {
	tile   *tileKernels
	b, bt  Mat
	direct []int // offsets of the rows of b where it is read as it lies
}

func newRightPanels(tile *tileKernels, b Mat, rowPanels int) rightPanels {
	r := rightPanels{tile: tile, b: b, bt: b.T()}
	if b.ColStride == 1 && !b.packed.fits(tile, true) && (rowPanels <= 2 || !crowded(b.RowStride)) {
		r.direct = rowOffsets(min(tile.depth, b.Rows), b.RowStride)
	}
	return r
}

// panel returns column panel j at depths [k0, k1), with the offsets of its rows.
// It may use s.
func (r *rightPanels) panel(j, k0, k1 int, s []float32) (b []float32, off []int) {
	width := r.tile.width
	switch {
	case k0 == k1:
		return nil, nil
	case r.b.packed.fits(r.tile, true):
		return r.b.packed.panel(j, k0), r.tile.rows[:k1-k0]
	case r.direct != nil && (j+1)*width <= r.b.Cols:
		return r.b.Data[k0*r.b.RowStride+j*width:], r.direct[:k1-k0]
	}
	packPanel(s, width, r.bt, j*width, k0, k1)
	return s, r.tile.rows[:k1-k0]
}

// crowded says that rows so far apart compete for the same few lines of the first
// cache, which has 4096 bytes to a way: then packing pays.
func crowded(stride int) bool { return stride%1024 == 0 }
