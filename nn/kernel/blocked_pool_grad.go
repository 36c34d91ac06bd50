package kernel

import (
	"fmt"
	"math"
)

// BlockedMaxPoolGrad is the gradient of max pooling by its images, in the blocked
// layout (see [Block]): each number of dy goes to the first of the largest numbers
// under its window, of which NaN is the largest. It is ready to run any number of
// times, by several goroutines at once.
//
// Rows of results are taken one tap after the other: the numbers that are the
// largest take what has not been taken yet.
type BlockedMaxPoolGrad struct {
	pool *BlockedPool
	out  [3]int
}

// NewBlockedMaxPoolGrad plans the gradient of pooling by a window.
func NewBlockedMaxPoolGrad(w Window) *BlockedMaxPoolGrad {
	return &BlockedMaxPoolGrad{NewBlockedMaxPool(w), w.Out()}
}

// Run sets dx, n images of the given channels, given x and dy, the gradient by the
// results.
func (g *BlockedMaxPoolGrad) Run(t *Team, n, channels int, dx, dy, x []float32) {
	w := &g.pool.sliding.window
	in, out := volume(w.In)*Block(), g.pool.sliding.size()
	planes, ok := product(n, blockCount(channels))
	if need, ok2 := product(planes, max(in, out)); !ok || !ok2 || need < 0 || len(x) < planes*in || len(dx) < planes*in || len(dy) < planes*out {
		panic(fmt.Sprintf("kernel: gradient of blocked pooling of %d images of %d channels from %d numbers to %d of %d", n, channels, len(dy), len(dx), len(x)))
	}
	t.Ranges(planes, packGrain/max(1, in, out), func(lo, hi int) {
		s := borrow(out + 3*g.out[2]*Block())
		defer s.giveBack()
		r := &poolBack{BlockedMaxPoolGrad: g, bias: repeated(g.pool.start, Block()), tile: newSumTile(), largest: s.f[:out]}
		r.tile.taps, r.tile.w, r.tile.bias = firstTap, ones[:], zeros[:]
		row := s.f[out:]
		for _, place := range []*[]float32{&r.left, &r.numbers, &r.taken} {
			*place, row = row[:g.out[2]*Block()], row[g.out[2]*Block():]
		}
		for i := lo; i < hi && !t.stopped(); i++ {
			clear(dx[i*in : (i+1)*in])
			if out > 0 {
				r.plane(dx[i*in:(i+1)*in], dy[i*out:(i+1)*out], x[i*in:(i+1)*in])
			}
		}
	})
}

// poolBack is a gradient under way, with rows of what is left of dy, of the image's
// numbers at a tap, and of what they take.
type poolBack struct {
	*BlockedMaxPoolGrad
	bias, largest        []float32
	left, numbers, taken []float32
	tile                 *blockTile // copies vectors
}

// plane computes a block of channels.
func (r *poolBack) plane(dx, dy, x []float32) {
	b := &blockTile{bias: r.bias, planes: 1, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1))}
	r.pool.planes(b, r.largest, x)
	w, wide := &r.pool.sliding.window, r.out[2]*Block()
	for row := range r.out[0] * r.out[1] {
		copy(r.left, dy[row*wide:(row+1)*wide])
		z, y := row/r.out[1], row%r.out[1]
		zFirst, zEnd := w.tapsInside(0, z)
		yFirst, yEnd := w.tapsInside(1, y)
		for kz := zFirst; kz < zEnd; kz++ {
			for ky := yFirst; ky < yEnd; ky++ {
				at := (w.position(0, z, kz)*w.In[1] + w.position(1, y, ky)) * w.In[2] * Block()
				for kx := range w.Kernel[2] {
					r.tap(kx, r.largest[row*wide:], dx[at:], x[at:])
				}
			}
		}
	}
}

// tap gives the numbers of a row of the image that one tap meets what they take.
func (r *poolBack) tap(k int, largest, dx, x []float32) {
	w, block := &r.pool.sliding.window, Block()
	reach := w.reach(2, k)
	lo, hi := reach.lo*block, reach.hi*block
	if lo == hi {
		return
	}
	from, step := w.position(2, reach.lo, k)*block, w.Stride[2]*block
	numbers := x[from:]
	if step > block {
		r.copy(r.numbers, x[from:], block, step, nil, reach.hi-reach.lo)
		numbers = r.numbers
	}
	numbers = numbers[:hi-lo]
	taken, left := r.taken[:hi-lo], r.left[lo:hi]
	active.vec.pickLargest(taken, left, numbers, largest[lo:hi])
	active.vec.passLargest(left, left, numbers, largest[lo:hi])
	r.copy(dx[from:], taken, step, block, dx[from:], reach.hi-reach.lo)
}

// copy copies n vectors with steps between them, adding what is given.
func (r *poolBack) copy(dst, src []float32, dstStep, srcStep int, add []float32, n int) {
	b := r.tile
	b.x, b.y, b.residual, b.xStep, b.yStep = src, dst, add, srcStep, dstStep
	b.box(active.block.lanewise, n, 0, 0)
}
