package kernel

// transformImage transforms a vector of channels of a run of tiles: block is
// their number. Point p of tile i goes to v[p*pitch+i*step] and on.
func (u *winogradRun) transformImage(v []float32, pitch, step int, r tileRows, block int) {
	s, lanes := &u.spec, u.lanes
	line := (tileOut*u.tiles[1] + tileIn - tileOut) * lanes
	rows := tileOut*(r.hi-r.lo) + tileIn - tileOut
	b := borrow((rows + tileIn) * line)
	defer b.giveBack()
	padded, half := b.f[:rows*line], b.f[rows*line:]
	channels := lanesOf{u.x[r.image*s.InSize():], s.In[1], s.In[2], s.groupChannels(), block * lanes, lanes}
	channels.gather(padded, line, r.lo*tileOut-s.PadLo[1], s.PadLo[2])
	for row := range r.hi - r.lo {
		u.kernels.image(half, line, lanes, padded[tileOut*row*line:], line, lanes, line/lanes)
		to := v[(r.tile+row*u.tiles[1])*step:]
		for i := range tileIn {
			u.kernels.image(to[i*tileIn*pitch:], pitch, step, half[i*line:], lanes, tileOut*lanes, u.tiles[1])
		}
	}
}

// lanesOf is as many channels of an image as a vector has lanes, from the first
// on. What is missing of them is zero.
type lanesOf struct {
	image                                 []float32
	height, width, channels, first, lanes int
}

// gather copies lines of the image, from number y on and with so many zeros
// before. What lies outside is zero too. The channels of a position lie together.
func (l *lanesOf) gather(dst []float32, line, y, zeros int) {
	count := min(l.lanes, l.channels-l.first)
	before := zeros * l.lanes
	after := min(before+l.width*l.lanes, line)
	for ; len(dst) > 0; y++ {
		row := dst[:line]
		dst = dst[line:]
		if y < 0 || y >= l.height {
			clear(row)
			continue
		}
		if count < l.lanes {
			clear(row)
		} else {
			clear(row[:before])
			clear(row[after:])
		}
		if inside := (after - before) / l.lanes; inside > 0 {
			from := l.image[(l.first*l.height+y)*l.width:]
			transposeStrided(row[before:], l.lanes, from, l.height*l.width, count, inside)
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
