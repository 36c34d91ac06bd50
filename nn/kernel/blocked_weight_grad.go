package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

// BlockedWeightGrad is [ConvWeightGrad] for images and gradients in the blocked
// layout, ready to run any number of times, by several goroutines at once.
//
// It needs no kernels of its own. The gradient of a channel's weights is the sum,
// over positions, of the channel's number times the vector of gradients of a block
// of filters: a convolution whose channels are positions and whose positions are
// channels. Nothing is unfolded or packed.
type BlockedWeightGrad struct {
	spec   ConvSpec
	plain  bool // the image is
	window Window
	out    [3]int
	unit   int   // how far apart neighbours lie in the image
	lane   int   // how far apart channels do
	rows   int   // of results that are taken at a time
	line   []tap // the first results of as many rows
	column []int // where the columns read
	inside []tap // of separate channels: the results of as many rows that all taps of a row reach
	inner  span  // their columns
}

// maxSummed is how many positions are added up at a time: so many that float32 adds
// them up well, and that the numbers of a panel stay in a second cache of half a
// megabyte.
const maxSummed = 1024

// NewBlockedWeightGrad plans the gradient of the convolution that spec describes.
// The image is blocked too, unless plain says that it is not; that takes a single
// group. The spec must be valid; see [ConvSpec.Validate] and [ConvSpec.CanBlock].
func NewBlockedWeightGrad(spec ConvSpec, plain bool) *BlockedWeightGrad {
	if !spec.CanBlock() || plain && spec.Groups > 1 {
		panic("kernel: a convolution whose groups are no whole blocks cannot be blocked")
	}
	w := &BlockedWeightGrad{spec: spec, plain: plain, window: spec.Window, unit: Block(), lane: 1}
	if plain {
		w.unit, w.lane = 1, volume(spec.In)
	}
	if size := volume(spec.In); spec.pointwise() && size <= maxSummed {
		w.window = Window1D(size, 1)
	}
	w.out = w.window.Out()
	w.rows = min(max(1, maxSummed/max(1, w.out[2])), max(1, w.out[1]))
	rowStep, step := w.window.Stride[1]*w.window.In[2]*w.unit, w.window.Stride[2]*w.unit
	for x := range w.out[2] {
		w.column = append(w.column, x*step)
	}
	w.inner = span{0, w.out[2]}
	for k := range w.window.Kernel[2] {
		w.inner = w.inner.within(w.window.reach(2, k))
	}
	for y := range w.rows {
		first := tap{y * rowStep, y * w.out[2]}
		w.line = append(w.line, first)
		for x := range w.inner.hi - w.inner.lo {
			if spec.depthwise() {
				w.inside = append(w.inside, tap{first.x + w.column[x], first.w + x})
			}
		}
	}
	return w
}

// Run sets dw [Filters, Channels/Groups, Kernel...] to the gradient by the weights,
// given n images x and dy, the gradient by the results.
func (w *BlockedWeightGrad) Run(t *Team, n int, dw, x, dy []float32) {
	s := &w.spec
	s.checkWeights(dw)
	r := &weightGradRun{BlockedWeightGrad: w, n: n, dw: dw, x: x, dy: dy, image: blockedChannels(s.Channels) * volume(s.In)}
	if w.plain {
		r.image = s.InSize()
	}
	r.results = blockedChannels(s.Filters) * volume(w.out)
	if in, ok := product(n, r.image); n < 0 || !ok || len(x) < in || len(dy) < n*r.results {
		panic(fmt.Sprintf("kernel: gradient of the weights by %d blocked images of %d numbers and results of %d, but slices of %d and %d",
			n, r.image, r.results, len(x), len(dy)))
	}
	if n == 0 || volume(w.out) == 0 {
		clear(dw[:s.WeightSize()])
		return
	}
	if s.depthwise() && s.Groups > 1 {
		blocks := blockCount(s.Filters)
		t.Ranges(blocks, 1, func(lo, hi int) {
			for b := lo; b < hi && !t.stopped(); b++ {
				r.separate(b)
			}
		})
		return
	}
	r.runJoined(t)
}

// weightGradRun is a gradient under way.
type weightGradRun struct {
	*BlockedWeightGrad
	n              int
	dw, x, dy      []float32
	image, results int // numbers of an image and of its results
}

// newSumTile returns a tile that adds to sums.
func newSumTile() *blockTile {
	return &blockTile{bias: zeros[:], tiles: 1, lines: 1, planes: 1, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1))}
}

// minShared is how many channels and taps a panel meets at least, so that putting
// its blocks together pays.
const minShared = 64

// panels returns how many panels a group's blocks of filters are cut into, and how
// many blocks of channels a task has at least: as many blocks lie together as keep
// the multipliers busy while a number is broadcast.
func (w *BlockedWeightGrad) panels() (perGroup, blocks, least int) {
	blocks = blockCount(w.spec.groupFilters())
	shared := w.spec.groupChannels() * volume(w.spec.Kernel)
	if shared < 2*minShared {
		return blocks, blocks, 1
	}
	return (blocks-1)/min(3, len(active.block.product)) + 1, blocks, (minShared-1)/(Block()*volume(w.spec.Kernel)) + 1
}

// runJoined computes panels of filters by some of their channels, in parallel.
func (r *weightGradRun) runJoined(t *Team) {
	s := &r.spec
	perGroup, blocks, least := r.panels()
	channels, panels := blockCount(s.groupChannels()), s.Groups*perGroup
	most := ((blocks-1)/perGroup + 1) * Block() * Block() * volume(s.Kernel)
	per := min(channels, max(1, maxUnit/most))
	if panels < 4*t.Threads() {
		per = min(per, max(least, channels*panels/(4*t.Threads())))
	}
	parts := (channels-1)/per + 1
	t.Run(panels*parts, func(i int) {
		if t.stopped() {
			return
		}
		part, p := i%parts, i/parts
		first, end := split(blocks, perGroup, p%perGroup), split(blocks, perGroup, p%perGroup+1)
		panel := filterPanel{first: p/perGroup*blocks + first, blocks: end - first}
		r.joined(&panel, p/perGroup, split(channels, parts, part), split(channels, parts, part+1))
	})
}

// joined computes the gradients of a panel of filters by blocks [lo, hi) of their
// group's channels: sums holds, for each channel and tap, the panel's vectors.
func (r *weightGradRun) joined(p *filterPanel, group, lo, hi int) {
	s, block, taps := &r.spec, Block(), volume(r.spec.Kernel)
	channels, width := min(s.groupChannels(), hi*block)-lo*block, p.blocks*block
	sums, packed := borrow(channels*taps*width), borrow(r.rows*r.out[2]*width)
	defer sums.giveBack()
	defer packed.giveBack()
	clear(sums.f)
	b := newSumTile()
	b.xStep, b.yStep, b.yBlock = r.lane, taps*width, block
	for image := range r.n {
		x := r.x[image*r.image+(group*s.groupChannels()+lo*block)*volume(s.In):]
		r.strips(func(z, y0, y1 int) {
			dy := r.panel(packed.f, p, image, (z*r.out[1]+y0)*r.out[2], (z*r.out[1]+y1)*r.out[2])
			for c := 0; c < channels; c += block {
				count := min(block, channels-c)
				r.rowTaps(z, y0, y1, func(row rowTap) {
					for k := range r.window.Kernel[2] {
						r.columns(b, row, k, p.blocks, x[c*volume(s.In):], dy, sums.f[(c*taps+row.weight+k)*width:], count)
					}
				})
			}
		})
	}
	for i := range p.blocks {
		first := (p.first + i) * block
		to := r.dw[(first*s.groupChannels()+lo*block)*taps:]
		transposeStrided(to, s.groupChannels()*taps, sums.f[i*block:], width, channels*taps, min(block, s.Filters-first))
	}
}

// panel returns the gradients by results [lo, hi) of a panel of filters: for each
// position the vectors of its blocks, as they lie if it is one, else in dst.
func (r *weightGradRun) panel(dst []float32, p *filterPanel, image, lo, hi int) []float32 {
	block, plane := Block(), volume(r.out)*Block()
	from := r.dy[image*r.results+p.first*plane:]
	if p.blocks == 1 {
		return from[lo*block:]
	}
	for i := range p.blocks {
		src := from[i*plane+lo*block : i*plane+hi*block]
		switch block {
		case 4:
			interleaveVectors[[4]float32](dst, src, i, p.blocks)
		case 8:
			interleaveVectors[[8]float32](dst, src, i, p.blocks)
		default:
			interleaveVectors[[16]float32](dst, src, i, p.blocks)
		}
	}
	return dst
}

// interleaveVectors copies each vector of src to dst, of whose vectors it is number
// i of each count.
func interleaveVectors[V [4]float32 | [8]float32 | [16]float32](dst, src []float32, i, count int) {
	to, from := vectorsOf[V](dst), vectorsOf[V](src)
	for k := range from {
		to[k*count+i] = from[k]
	}
}

// vectorsOf returns the numbers of s, a multiple of a vector's, as vectors.
func vectorsOf[V [4]float32 | [8]float32 | [16]float32](s []float32) []V {
	var v V
	return unsafe.Slice((*V)(unsafe.Pointer(unsafe.SliceData(s))), len(s)/len(v))
}

// columns adds the products of some rows for one tap.
func (r *weightGradRun) columns(b *blockTile, row rowTap, k, blocks int, x, dy, sums []float32, channels int) {
	reach := r.window.reach(2, k)
	for lo := reach.lo; lo < reach.hi; lo += maxSummed {
		hi := min(lo+maxSummed, reach.hi)
		b.taps, b.channels = r.line[:row.count], r.column[:hi-lo]
		b.x, b.w = x[row.x+r.window.position(2, lo, k)*r.unit:], dy[(row.dy+lo)*blocks*Block():]
		b.y, b.residual = sums, sums
		b.box(active.block.product[blocks-1], channels, 0, 0)
	}
}

// strips calls body for some rows of results after the other: those of depth z
// from y0 to before y1.
func (r *weightGradRun) strips(body func(z, y0, y1 int)) {
	for z := range r.out[0] {
		for y := 0; y < r.out[1]; y += r.rows {
			body(z, y, min(y+r.rows, r.out[1]))
		}
	}
}

// rowTap is what a row of taps meets in a strip of rows of results: count of them,
// from result dy of the strip on, with the image's row at x; its first tap has the
// given number.
type rowTap struct{ weight, count, x, dy int }

// rowTaps calls body for each row of taps that meets the image.
func (r *weightGradRun) rowTaps(z, y0, y1 int, body func(rowTap)) {
	w := &r.window
	for kz := range w.Kernel[0] {
		at := w.position(0, z, kz)
		if at < 0 || at >= w.In[0] {
			continue
		}
		for ky := range w.Kernel[1] {
			rows := r.window.reach(1, ky).within(span{y0, y1})
			if rows.lo < rows.hi {
				body(rowTap{
					(kz*w.Kernel[1] + ky) * w.Kernel[2], rows.hi - rows.lo,
					(at*w.In[1] + w.position(1, rows.lo, ky)) * w.In[2] * r.unit, (rows.lo - y0) * r.out[2],
				})
			}
		}
	}
}

// separate computes the gradients of a block of channels that are convolved
// separately: sums holds a vector of channels for each tap.
func (r *weightGradRun) separate(block int) {
	s, taps, lanes := &r.spec, volume(r.spec.Kernel), Block()
	sums := borrow(taps * lanes)
	defer sums.giveBack()
	clear(sums.f)
	b := newSumTile()
	b.xStep, b.yStep = r.window.Dilation[2]*lanes, lanes
	for image := range r.n {
		x, dy := r.x[image*r.image+block*lanes*volume(s.In):], r.dy[image*r.results+block*lanes*volume(r.out):]
		r.strips(func(z, y0, y1 int) {
			dy := dy[(z*r.out[1]+y0)*r.out[2]*lanes:]
			r.rowTaps(z, y0, y1, func(row rowTap) {
				to := sums.f[row.weight*lanes:]
				wide := r.inner.hi - r.inner.lo // rows are cut only where there is one
				for at, end := 0, row.count*wide; at < end; at += maxSummed {
					r.tapsOfRow(b, r.inside[:min(maxSummed, end-at)], row, 0, r.window.Kernel[2], r.inner.lo+at, x, dy, to)
				}
				for k := range r.window.Kernel[2] {
					reach := r.window.reach(2, k)
					for c := reach.lo; c < reach.hi; c++ {
						if c == r.inner.lo && c < r.inner.hi {
							c = r.inner.hi
						}
						if c < reach.hi {
							r.tapsOfRow(b, r.line[:row.count], row, k, 1, c, x, dy, to[k*lanes:])
						}
					}
				}
			})
		})
	}
	first := block * lanes
	transposeStrided(r.dw[first*taps:], taps, sums.f, lanes, taps, min(lanes, s.Filters-first))
}

// tapsOfRow adds the products of some results with what count taps of a row, from k
// on, meet; column is that of the first result.
func (r *weightGradRun) tapsOfRow(b *blockTile, results []tap, row rowTap, k, count, column int, x, dy, sums []float32) {
	b.taps = results
	b.x, b.w = x[row.x+r.window.position(2, column, k)*r.unit:], dy[(row.dy+column)*Block():]
	b.y, b.residual = sums, sums
	b.box(active.block.lanewise, count, 0, 0)
}
