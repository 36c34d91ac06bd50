package kernel

// ConvWeightGrad sets dw [Filters, Channels/Groups, Kernel...] to the gradient of
// a convolution by its weights, given n images x and dy, the gradient by the
// results; with accumulate it adds to dw.
func ConvWeightGrad(t *Team, spec ConvSpec, n int, dw, x, dy []float32, accumulate bool) {
	spec.checkBatch(n, x, dy)
	spec.checkWeights(dw)
	w := newWeightGrad(&spec)
	if n == 0 || w.positions == 0 {
		if !accumulate {
			clear(dw[:spec.WeightSize()])
		}
		return
	}
	w.add = accumulate
	w.minimal = spec.Minimal && spec.minimalPossible() && isModerate(t, x[:n*spec.InSize()]) && isModerate(t, dy[:n*spec.OutSize()])
	count := spec.Groups
	if t.Threads() == 1 || count < 2*t.Threads() {
		for g := 0; g < count && !t.stopped(); g++ {
			w.group(t, g, n, dw, x, dy)
		}
		return
	}
	alone := t.alone()
	work := n * w.positions * len(w.off) * spec.groupFilters()
	t.Ranges(count, unitGrain/max(1, work), func(lo, hi int) {
		for g := lo; g < hi && !t.stopped(); g++ {
			w.group(alone, g, n, dw, x, dy)
		}
	})
}

// weightGrad computes the product of dy, filters x positions, with the unfolded
// image, positions x (channel, tap), which is made panel by panel.
type weightGrad struct {
	spec      *ConvSpec
	tile      *tileKernels
	source    paddedImage
	out       [3]int
	positions int   // per image
	off       []int // of each column in a group's padded channels
	add       bool  // to what is there
	minimal   bool  // by minimal filtering
}

func newWeightGrad(s *ConvSpec) *weightGrad {
	w := &weightGrad{spec: s, tile: &active.tile, source: newPaddedImage(&s.Window), out: s.Out()}
	w.positions = volume(w.out)
	if w.positions == 0 {
		return w
	}
	w.off = s.tapOffsets(&w.source)
	return w
}

// maxUnfolded bounds the numbers of the padded images that are held at a time.
const maxUnfolded = 4 << 20

// group computes one group's weights, some images at a time.
func (w *weightGrad) group(t *Team, g, n int, dw, x, dy []float32) {
	switch {
	case w.minimal:
		minimalWeightGrad(t, w.spec, g, n, w.weights(dw, g).Data, x, dy, w.add)
		return
	case w.spec.groupFilters() == 1:
		w.single(t, g, n, dw, x, dy)
		return
	}
	size := w.spec.groupChannels() * w.source.size()
	step := max(1, min(n, maxUnfolded/max(1, size)))
	padded := borrow(step * size)
	defer padded.giveBack()
	left := borrow(w.spec.groupFilters() * step * w.positions)
	defer left.giveBack()
	for first := 0; first < n && !t.stopped(); first += step {
		images := min(step, n-first)
		w.pad(t, padded.f, x, g, first, images)
		w.multiply(t, w.pack(t, left.f, dy, g, first, images), padded.f, size, w.weights(dw, g), w.add || first > 0)
	}
}

// weights returns a group's part of dw.
func (w *weightGrad) weights(dw []float32, g int) Mat {
	size := w.spec.WeightSize() / w.spec.Groups
	return RowMajor(dw[g*size:(g+1)*size], w.spec.groupFilters(), len(w.off))
}

// pad copies a group's channels of some images.
func (w *weightGrad) pad(t *Team, dst, x []float32, g, first, images int) {
	count := images * w.spec.groupChannels()
	if t.Threads() == 1 {
		w.padChannels(dst, x, g, first, 0, count)
		return
	}
	t.Ranges(count, packGrain/max(1, w.source.size()), func(lo, hi int) { w.padChannels(dst, x, g, first, lo, hi) })
}

// padChannels copies channels [lo, hi) of those of a group, image after image.
func (w *weightGrad) padChannels(dst, x []float32, g, first, lo, hi int) {
	channels, size, in := w.spec.groupChannels(), w.source.size(), volume(w.spec.In)
	for i := lo; i < hi; i++ {
		at := (first+i/channels)*w.spec.Channels + g*channels + i%channels
		w.source.fill(dst[i*size:(i+1)*size], x[at*in:(at+1)*in])
	}
}

// pack packs a group's dy of some images: filters x (image, position).
func (w *weightGrad) pack(t *Team, data, dy []float32, g, first, images int) *packed {
	filters := w.spec.groupFilters()
	p := &packed{tile: w.tile, n: filters, k: images * w.positions, data: data}
	p.fillLeft(t, func(dst []float32, lo, hi, k0, k1 int) {
		for k := k0; k < k1; {
			image, pos := k/w.positions, k%w.positions
			n := min(w.positions-pos, k1-k)
			at := (first+image)*w.spec.Filters + g*filters
			m := RowMajor(dy[at*w.positions:], filters, w.positions)
			interleave(dst[(k-k0)*(hi-lo):], hi-lo, m, lo, hi, pos, pos+n)
			k += n
		}
	})
	return p
}

// multiply sets dw to the product of left and the unfolded images, or adds it.
func (w *weightGrad) multiply(t *Team, left *packed, padded []float32, imageSize int, dw Mat, add bool) {
	g := newGrid(t.Threads(), left, dw.Cols)
	t.Run(g.count(), func(i int) {
		s := borrow(w.tile.depth * w.tile.width)
		defer s.giveBack()
		r, blocks := g.rect(i), w.tile.blocks(left.k)
		for b := range blocks {
			k0, k1 := split(left.k, blocks, b), split(left.k, blocks, b+1)
			for j := r.j0; j < r.j1 && !t.stopped(); j++ {
				at := j * w.tile.width
				cols := min(w.tile.width, dw.Cols-at)
				w.unfold(s.f, padded, imageSize, w.off[at:at+cols], k0, k1)
				left.sweep(r, k0, k1, s.f, w.tile.rows[:k1-k0],
					destination{c: dw.Data[at:], stride: dw.RowStride, cols: cols, alpha: 1, add: add || b > 0})
			}
		}
	})
}

// unfold packs a panel of the unfolded images: the columns at the given offsets,
// at positions [k0, k1).
func (w *weightGrad) unfold(dst, padded []float32, imageSize int, off []int, k0, k1 int) {
	width := w.tile.width
	for k := k0; k < k1; {
		image, pos := k/w.positions, k%w.positions
		x, line := pos%w.out[2], pos/w.out[2]
		y, z := line%w.out[1], line/w.out[1]
		n := min(w.out[2]-x, k1-k)
		at := image*imageSize + (z*w.source.extent[1]+y)*w.source.extent[2] + x
		transposeGathered(dst[(k-k0)*width:], width, padded[at:], off, n)
		k += n
	}
}
