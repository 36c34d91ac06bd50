package kernel

// correlation is a product of packed weights with an image that is never
// unfolded: depth k of the right operand is a channel and a tap, that is an
// offset into the padded image, and its columns are positions in it. A row of
// positions is followed by extent-grid columns that straddle two rows; they are
// computed along and left out when results are stored.
type correlation struct {
	tile     *tileKernels
	source   paddedImage
	channels int      // of the image, per group
	off      []int    // depth to offset in a group's padded channels
	grid     [3]int   // positions per axis
	left     []packed // weights, one operand per group, a row per filter
	target   target
}

// target says where results go in a channel of the destination: position i on an
// axis to coordinate first + i*step.
type target struct{ size, first, step [3]int }

// index returns where in a channel the result of a position goes.
func (d *target) index(pos [3]int) int {
	at := 0
	for i := range pos {
		at = at*d.size[i] + d.first[i] + pos[i]*d.step[i]
	}
	return at
}

// rowStride is how far apart rows of results go.
func (d *target) rowStride() int { return d.size[2] * d.step[1] }

// columns is how many columns a depth slice has, those between rows included.
func (c *correlation) columns() int { return (c.grid[1]-1)*c.source.extent[2] + c.grid[2] }

// paddedSize is how many numbers a group's padded channels take, with what the
// last tile reads beyond them.
func (c *correlation) paddedSize() int { return c.channels*c.source.size() + c.tile.width }

// pad copies the channels [lo, hi) of a group.
func (c *correlation) pad(dst, src []float32, lo, hi int) {
	size, in := c.source.size(), volume(c.source.in)
	for i := lo; i < hi; i++ {
		c.source.fill(dst[i*size:(i+1)*size], src[i*in:])
	}
}

// unit is one image of one group: what correlation computes at a time.
type unit struct {
	group    int
	src, dst []float32 // channels of the group
	e        Epilogue  // of those
}

// compute computes a unit with all the team.
func (c *correlation) compute(t *Team, u *unit) {
	padded := c.padAll(t, u.src)
	defer padded.giveBack()
	c.computePadded(t, u, padded.f)
}

// padAll copies all channels of a group.
func (c *correlation) padAll(t *Team, src []float32) *scratch {
	padded := borrow(c.paddedSize())
	if t.Threads() == 1 {
		c.pad(padded.f, src, 0, c.channels)
		return padded
	}
	t.Ranges(c.channels, packGrain/max(1, c.source.size()), func(lo, hi int) { c.pad(padded.f, src, lo, hi) })
	return padded
}

// computePadded computes a unit from its padded channels.
func (c *correlation) computePadded(t *Team, u *unit, padded []float32) {
	switch {
	case volume(c.grid) == 0:
		return
	case len(c.off) == 0 && u.e.trivial():
		c.storeZeros(u)
		return
	case c.left[u.group].n == 1:
		c.computeRows(t, u, padded)
		return
	}
	g := newGrid(t.Threads(), &c.left[u.group], c.columns())
	t.Run(c.grid[0]*g.count(), func(i int) {
		c.rectangle(t, u, padded, i/g.count(), g.rect(i%g.count()))
	})
}

// rectangle computes a rectangle of tiles of the depth slice z.
func (c *correlation) rectangle(t *Team, u *unit, padded []float32, z int, r rect) {
	left := &c.left[u.group]
	lo, _ := left.rows(r.p0)
	_, hi := left.rows(r.p1 - 1)
	first, end := r.j0*c.tile.width, min(r.j1*c.tile.width, c.columns())
	s := borrow((hi - lo) * (end - first))
	defer s.giveBack()
	slice := padded[z*c.source.extent[1]*c.source.extent[2]:]
	to := destination{c: s.f, top: lo, stride: end - first, alpha: u.e.alpha()}
	if c.multiply(t, left, slice, r, to) {
		c.store(u, z, lo, hi, first, end, s.f)
	}
}

// multiply computes the products of a rectangle. It returns false if the team
// was stopped.
func (c *correlation) multiply(t *Team, left *packed, slice []float32, r rect, to destination) bool {
	width, blocks := c.tile.width, c.tile.blocks(left.k)
	for i := range blocks {
		k0, k1 := split(left.k, blocks, i), split(left.k, blocks, i+1)
		for j := r.j0; j < r.j1; j++ {
			if t.stopped() {
				return false
			}
			at := (j - r.j0) * width
			d := to
			d.c, d.cols, d.add = to.c[at:], min(width, to.stride-at), i > 0
			left.sweep(r, k0, k1, slice[j*width:], c.off[k0:k1], d)
		}
	}
	return true
}
