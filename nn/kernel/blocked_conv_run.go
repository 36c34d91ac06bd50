package kernel

import (
	"fmt"
	"math"
)

// Run convolves n images x into y. The epilogue's row bias has a number per
// filter; its residual lies as y does, and is not given if it accumulates. There is
// no alpha and no column bias.
func (c *BlockedConv) Run(t *Team, n int, y, x []float32, e Epilogue) {
	r := c.newRun(n, y, x, e)
	if n == 0 || r.size == 0 {
		return
	}
	if c.minimal != nil {
		r.runMinimally(t, n)
		return
	}
	work := newBlockedWork(t.Threads(), blockedLoad{
		images: n, lines: c.sliding.lines(), image: r.image, panels: len(c.panels), weights: len(c.weights),
		products: n * c.spec.WeightSize() * volume(c.spec.Out()),
	})
	work.run(t, func(task blockedTask) {
		b := &blockTile{wPlane: volume(c.spec.Kernel) * Block(), biasPlane: Block()}
		for i := task.panel; i < task.panelEnd; i += b.planes {
			b.planes = min(c.together, task.panelEnd-i)
			for step := range c.steps {
				r.begin(b, &c.panels[i], step)
				for u := task.unit; u < task.unitEnd && !t.stopped(); u++ {
					r.compute(b, &c.panels[i], step, work.unit(u))
				}
			}
		}
	})
}

// convRun is a blocked convolution under way.
type convRun struct {
	*BlockedConv
	y, x, bias  []float32
	e           Epilogue
	image, size int // numbers of an image, and of a block of results
}

func (c *BlockedConv) newRun(n int, y, x []float32, e Epilogue) *convRun {
	r := &convRun{BlockedConv: c, y: y, x: x, e: e, bias: blockedChannelNumbers(e.RowBias, c.spec.Filters, 0), size: c.sliding.size()}
	channels := c.spec.Channels
	if c.minimal != nil || c.sliding.unit > 1 {
		channels = blockedChannels(channels)
	}
	r.image = channels * volume(c.spec.In)
	results := blockCount(c.spec.Filters) * r.size
	if in, ok := product(n, r.image); n < 0 || !ok || len(x) < in || len(y) < n*results {
		panic(fmt.Sprintf("kernel: blocked convolution of %d images of %d numbers into %d each, but slices of %d and %d",
			n, r.image, results, len(x), len(y)))
	}
	e.check(c.spec.Filters, 0, n*results)
	if e.Accumulate && e.Residual != nil || e.Alpha != 0 && e.Alpha != 1 || e.ColBias != nil {
		panic("kernel: a blocked convolution has one residual, and no alpha or column bias")
	}
	if e.Accumulate {
		r.e.Residual = y
	}
	return r
}

// runMinimally convolves by Winograd's algorithm, or directly what that is not
// for.
func (r *convRun) runMinimally(t *Team, n int) {
	if !r.minimal.takes(t, r.x[:n*r.image]) {
		r.direct().Run(t, n, r.y, r.x, r.e)
		return
	}
	r.e.RowBias, r.e.Accumulate = r.bias, false
	r.minimal.run(t, n, r.y, r.x, r.e)
}

// begin prepares for a panel and one step of its channels. The first one adds to
// the bias and the residual, the next ones to what the results hold, and the last
// one clips.
func (r *convRun) begin(b *blockTile, p *filterPanel, step int) {
	k, end := split(len(r.channels), r.steps, step), split(len(r.channels), r.steps, step+1)
	b.channels, b.w = r.channels[k:end], r.weights[p.weights+k*p.blocks*Block():]
	b.bias, b.yBlock = zeros[:], r.size
	if step == 0 {
		b.bias = r.bias[p.first*Block():]
	}
	b.lo, b.hi = float32(math.Inf(-1)), float32(math.Inf(1))
	if step == r.steps-1 {
		b.lo, b.hi, _ = r.e.Act.bounds()
	}
}

// zeros are a bias of nothing for a panel.
var zeros [4 * maxSide]float32

// compute computes a panel of a unit, or b.planes of them.
func (r *convRun) compute(b *blockTile, p *filterPanel, step int, u blockedUnit) {
	at := (u.image*blockCount(r.spec.Filters) + p.first) * r.size
	y, residual := r.y[at:], r.e.Residual
	switch {
	case step > 0:
		residual = y
	case residual != nil:
		residual = residual[at:]
	}
	x := r.x[u.image*r.image+p.image*Block()*volume(r.spec.In):]
	r.sliding.compute(r.kernels[p.blocks-1], b, x, y, residual, u.lo, u.hi)
	if _, _, clamped := r.e.Act.bounds(); clamped || step < r.steps-1 {
		return
	}
	line := r.sliding.lineSize()
	for i := range p.blocks * b.planes {
		part := y[i*r.size+u.lo*line : i*r.size+u.hi*line]
		r.e.Act.Apply(part, part)
	}
}

// blockedChannelNumbers fills up numbers of channels to whole blocks; nil is all
// missing.
func blockedChannelNumbers(given []float32, channels int, missing float32) []float32 {
	full := make([]float32, blockedChannels(channels))
	fill(full[copy(full, given[:min(len(given), channels)]):], missing)
	return full
}
