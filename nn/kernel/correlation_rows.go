package kernel

import "math"

// computeRows computes a unit of one filter, where tiles would be of one row: each
// row of results is a weighted sum of rows of the padded image.
func (c *correlation) computeRows(t *Team, u *unit, padded []float32) {
	slice := c.source.extent[1] * c.source.extent[2]
	work := max(1, c.grid[2]*len(c.off))
	for z := range c.grid[0] {
		if t.Threads() == 1 {
			c.rows(u, padded[z*slice:], z, 0, c.grid[1])
			continue
		}
		t.Ranges(c.grid[1], unitGrain/work, func(lo, hi int) {
			c.rows(u, padded[z*slice+lo*c.source.extent[2]:], z, lo, hi)
		})
	}
}

// rows computes rows [lo, hi) of depth slice z, of which src has the first.
func (c *correlation) rows(u *unit, src []float32, z, lo, hi int) {
	bound, top, clamped := u.e.Act.bounds()
	if !clamped || c.target.step[2] != 1 || u.e.Residual != nil || u.e.alpha() != 1 {
		c.rowsApart(u, src, z, lo, hi)
		return
	}
	bias := float32(0)
	if u.e.RowBias != nil {
		bias = u.e.RowBias[0]
	}
	dst := u.dst[c.target.index([3]int{z, lo, 0}):]
	active.rows.weight(dst, src, c.target.rowStride(), c.source.extent[2], hi-lo, c.grid[2],
		c.left[u.group].data, c.off, bias, bound, top, u.e.Accumulate)
}

// rowsApart is rows by way of scratch memory, for epilogues and places that the
// kernel does not know.
func (c *correlation) rowsApart(u *unit, src []float32, z, lo, hi int) {
	s := borrow((hi - lo) * c.grid[2])
	defer s.giveBack()
	inf := float32(math.Inf(1))
	active.rows.weight(s.f, src, c.grid[2], c.source.extent[2], hi-lo, c.grid[2],
		c.left[u.group].data, c.off, 0, -inf, inf, false)
	if alpha := u.e.alpha(); alpha != 1 {
		Scale(s.f, s.f, alpha)
	}
	c.storePiece(u, 0, [3]int{z, lo, 0}, block{src: s.f, rows: hi - lo, cols: c.grid[2], srcStride: c.grid[2]})
}
