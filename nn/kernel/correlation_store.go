package kernel

// store finishes the rows [lo, hi) of s, which hold the columns [first, end) of
// depth slice z, and brings them to their places.
func (c *correlation) store(u *unit, z, lo, hi, first, end int, s []float32) {
	cols, pitch := end-first, c.source.extent[2]
	for row := lo; row < hi; row++ {
		line := s[(row-lo)*cols : (row-lo+1)*cols]
		for at := first; at < end; {
			p, next := c.pieceAt(at, end)
			if p.cols > 0 {
				p.src = line[at-first:]
				c.storePiece(u, row, [3]int{z, at / pitch, at % pitch}, p)
			}
			at = next
		}
	}
}

// pieceAt returns the largest block of results that begins at a column, and the
// column after it.
func (c *correlation) pieceAt(at, end int) (b block, next int) {
	pitch, width := c.source.extent[2], c.grid[2]
	x := at % pitch
	if x > 0 || end-at < width {
		return block{rows: 1, cols: min(width-x, end-at), srcStride: pitch}, at + pitch - x
	}
	rows := (end-at-width)/pitch + 1
	return block{rows: rows, cols: width, srcStride: pitch}, at + rows*pitch
}

// storePiece finishes a block whose first result is at position pos of a channel.
func (c *correlation) storePiece(u *unit, channel int, pos [3]int, b block) {
	if u.e.RowBias != nil {
		b.rowBias = u.e.RowBias[channel : channel+1]
	}
	at := channel*volume(c.target.size) + c.target.index(pos)
	b.dst = u.dst[at:]
	b.dstStride = c.target.rowStride()
	if u.e.Residual != nil {
		b.residual = u.e.Residual[at:]
	}
	if c.target.step[2] > 1 {
		c.scatter(u, b)
		return
	}
	switch {
	case !u.e.Accumulate:
	case b.residual == nil:
		b.residual = b.dst
	default:
		for r := range b.rows {
			row := b.src[r*b.srcStride:][:b.cols]
			Add(row, row, b.dst[r*b.dstStride:])
		}
	}
	u.e.finish(b)
}

// scatter is storePiece for results that do not lie side by side.
func (c *correlation) scatter(u *unit, b block) {
	step := c.target.step[2]
	for r := range b.rows {
		row := b.src[r*b.srcStride:][:b.cols]
		dst := b.dst[r*b.dstStride:]
		if u.e.Accumulate {
			addStrided(row, dst, step)
		}
		if b.residual != nil {
			addStrided(row, b.residual[r*b.dstStride:], step)
		}
		if !u.e.trivial() {
			u.e.finish(block{dst: row, src: row, rows: 1, cols: b.cols, rowBias: b.rowBias})
		}
		scatterStrided(dst, row, step)
	}
}

// addStrided adds src[i*step] to dst[i].
func addStrided(dst, src []float32, step int) {
	for i := range dst {
		dst[i] += src[i*step]
	}
}

// storeZeros stores results that no tap has a part in.
func (c *correlation) storeZeros(u *unit) {
	if u.e.Accumulate {
		return
	}
	s := borrow(c.grid[2])
	defer s.giveBack()
	clear(s.f)
	for channel := range c.left[u.group].n {
		dst := u.dst[channel*volume(c.target.size):]
		for z := range c.grid[0] {
			for y := range c.grid[1] {
				scatterStrided(dst[c.target.index([3]int{z, y, 0}):], s.f, c.target.step[2])
			}
		}
	}
}
