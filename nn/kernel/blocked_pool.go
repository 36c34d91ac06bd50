package kernel

import (
	"fmt"
	"math"
)

// BlockedPool is pooling in the blocked layout (see [Block]), ready to run any
// number of times, by several goroutines at once.
type BlockedPool struct {
	sliding sliding
	kernels []blockFunc
	start   float32
	weights [][]float32 // of each region, for the mean
}

// NewBlockedMaxPool plans [MaxPool], without indices.
func NewBlockedMaxPool(w Window) *BlockedPool {
	return &BlockedPool{sliding: newSliding(w, Block(), 0), kernels: active.block.largest, start: float32(math.Inf(-1))}
}

// NewBlockedAveragePool plans [AveragePool]. A window that meets nothing has the
// mean 0.
func NewBlockedAveragePool(w Window, includePad bool) *BlockedPool {
	p := &BlockedPool{sliding: newSliding(w, Block(), 0), kernels: active.block.lanewise}
	for _, r := range p.sliding.regions {
		count := len(r.taps)
		if includePad {
			count = r.count
		}
		p.weights = append(p.weights, repeated(1/float32(max(1, count)), Block()))
	}
	return p
}

func repeated(v float32, n int) []float32 {
	f := make([]float32, n)
	fill(f, v)
	return f
}

// Run pools n images of the given channels.
func (p *BlockedPool) Run(t *Team, n, channels int, dst, src []float32) {
	in, out := volume(p.sliding.window.In)*Block(), p.sliding.size()
	planes, ok := product(n, blockCount(channels))
	if need, ok2 := product(planes, max(in, out)); !ok || !ok2 || need < 0 || len(src) < planes*in || len(dst) < planes*out {
		panic(fmt.Sprintf("kernel: blocked pooling of %d images of %d channels from %d numbers to %d", n, channels, len(src), len(dst)))
	}
	if out == 0 {
		return
	}
	bias, together := repeated(p.start, Block()), planesAtOnce(&p.sliding)
	t.Ranges(planes, packGrain/max(in, out), func(lo, hi int) {
		b := &blockTile{bias: bias, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1))}
		for ; lo < hi && !t.stopped(); lo += b.planes {
			b.planes = min(together, hi-lo)
			p.planes(b, dst[lo*out:], src[lo*in:])
		}
	})
}

// planes pools b.planes blocks of channels.
func (p *BlockedPool) planes(b *blockTile, dst, src []float32) {
	for i := range p.sliding.regions {
		if p.weights != nil {
			b.w = p.weights[i]
		}
		p.sliding.region(&p.sliding.regions[i], p.kernels, b, src, dst, nil)
	}
}
