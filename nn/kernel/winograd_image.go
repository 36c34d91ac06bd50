package kernel

// transformImage transforms a vector of channels of a run of tiles: block is
// their number. Point p of tile i goes to v[p*pitch+i*depth] and on.
func (u *winogradRun) transformImage(v []float32, pitch int, r tileRows, block int) {
	lanes := u.lanes
	line := (tileOut*u.tiles[1] + tileIn - tileOut) * lanes
	rows := tileOut*(r.hi-r.lo) + tileIn - tileOut
	s := borrow((rows + tileIn) * line)
	defer s.giveBack()
	padded, half := s.f[:rows*line], s.f[rows*line:]
	u.gather(padded, line, r, block)
	for row := range r.hi - r.lo {
		u.kernels.image(half, line, lanes, padded[tileOut*row*line:], line, lanes, line/lanes)
		to := v[(r.tile+row*u.tiles[1])*u.depth+block*lanes:]
		for i := range tileIn {
			u.kernels.image(to[i*tileIn*pitch:], pitch, u.depth, half[i*line:], lanes, tileOut*lanes, u.tiles[1])
		}
	}
}

// gather copies the lines of an image that a run of tiles reads, with padding. The
// channels of a position lie together.
func (u *winogradRun) gather(dst []float32, line int, r tileRows, block int) {
	s, lanes := &u.spec, u.lanes
	height, width := s.In[1], s.In[2]
	first := block * lanes
	count := min(lanes, s.groupChannels()-first)
	image := u.x[r.image*s.InSize()+first*height*width:]
	before := s.PadLo[2] * lanes
	after := min(before+width*lanes, line)
	for y := r.lo*tileOut - s.PadLo[1]; len(dst) > 0; y++ {
		row := dst[:line]
		dst = dst[line:]
		if y < 0 || y >= height {
			clear(row)
			continue
		}
		if count < lanes {
			clear(row)
		} else {
			clear(row[:before])
			clear(row[after:])
		}
		if inside := (after - before) / lanes; inside > 0 {
			transposeStrided(row[before:], lanes, image[y*width:], height*width, count, inside)
		}
	}
}

// transformResult transforms what the products made for a vector of filters back,
// and stores it: block is their number, and point p of tile i lies at
// m[p*pitch+i*width].
func (u *winogradRun) transformResult(m []float32, pitch int, r tileRows, block int) {
	lanes, columns := u.lanes, u.tiles[1]
	out := u.spec.Out()
	height, width := out[1], out[2]
	half, whole := columns*tileIn*lanes, (tileOut*width+tileOut)*lanes
	s := borrow(tileOut*half + 2*whole)
	defer s.giveBack()
	halves, rows, lines := s.f[:tileOut*half], s.f[tileOut*half:][:whole], s.f[tileOut*half+whole:]
	for row := r.lo; row < r.hi; row++ {
		from := m[(r.tile+(row-r.lo)*columns)*u.width+block*lanes:]
		for i := range tileIn {
			u.kernels.result(halves[i*lanes:], half, tileIn*lanes, from[i*pitch:], tileIn*pitch, u.width, columns)
		}
		for i := range tileOut {
			u.kernels.result(rows[i*width*lanes:], lanes, tileOut*lanes, halves[i*half:], lanes, tileIn*lanes, columns)
		}
		n := min(tileOut, height-row*tileOut) * width
		transposeStrided(lines, n, rows, lanes, n, lanes)
		at := r.image*u.spec.OutSize() + row*tileOut*width
		for f := block * lanes; f < min((block+1)*lanes, u.spec.groupFilters()); f++ {
			u.e.store(u.y, at+f*height*width, f, lines[f%lanes*n:][:n])
		}
	}
}
