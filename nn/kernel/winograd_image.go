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
	channels := lanesOf{u.x[r.image*u.imageSize():], s.In[1], s.In[2], s.groupChannels(), block * lanes, lanes, u.blocked}
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
// on. What is missing of them is zero, but anything in the blocked layout.
type lanesOf struct {
	image                                 []float32
	height, width, channels, first, lanes int
	blocked                               bool
}

// gather copies lines of the image, from number y on and with so many zeros
// before. What lies outside is zero too. The channels of a position lie together.
func (l *lanesOf) gather(dst []float32, line, y, zeros int) {
	count := min(l.lanes, l.channels-l.first)
	if l.blocked {
		count = l.lanes
	}
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
		from := l.image[l.first*l.height*l.width:]
		switch inside := (after - before) / l.lanes; {
		case l.blocked && inside > 0:
			copy(row[before:after], from[y*l.width*l.lanes:])
		case inside > 0:
			transposeStrided(row[before:], l.lanes, from[y*l.width:], l.height*l.width, count, inside)
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
		if u.blocked {
			u.storeBlocked(&s.tile, rows, n, ((r.image*blockCount(u.spec.Filters)+block)*height+row*tileOut)*width*lanes, block)
			continue
		}
		transposeStrided(lines, n, rows, lanes, n, lanes)
		at := r.image*u.spec.OutSize() + row*tileOut*width
		for f := block * lanes; f < min((block+1)*lanes, u.spec.groupFilters()); f++ {
			u.e.store(u.y, at+f*height*width, f, lines[f%lanes*n:][:n])
		}
	}
}

// imageSize is how many numbers an image has.
func (w *winograd) imageSize() int {
	if w.blocked {
		return w.depth * volume(w.spec.In)
	}
	return w.spec.InSize()
}

// storeBlocked finishes n positions of a block of filters and stores them from y[at]
// on. What b holds is overwritten.
func (u *winogradRun) storeBlocked(b *blockTile, rows []float32, n, at, block int) {
	lo, hi, clamped := u.e.Act.bounds()
	y := u.y[at : at+n*u.lanes]
	*b = blockTile{
		x: rows, y: y, w: ones[:], bias: u.e.RowBias[block*u.lanes:], taps: firstTap, xStep: u.lanes, yStep: u.lanes,
		lines: 1, planes: 1, lo: lo, hi: hi,
	}
	if u.e.Residual != nil {
		b.residual = u.e.Residual[at:]
	}
	b.box(active.block.lanewise, n, 0, 0)
	if !clamped {
		u.e.Act.Apply(y, y)
	}
}

var (
	ones     = [maxSide]float32(repeated(1, maxSide))
	firstTap = []tap{{}}
)
