package kernel

import (
	"fmt"
	"math"
)

// BlockedMean sets each channel to the mean of its size numbers, for n images of
// the given channels: dst has a block for each block of src.
func BlockedMean(t *Team, dst, src []float32, n, channels, size int) {
	planes, block := n*blockCount(channels), Block()
	if n < 0 || channels < 0 || size < 1 || len(src) < planes*size*block || len(dst) < planes*block {
		panic(fmt.Sprintf("kernel: means of %d blocked images of %d channels of %d numbers, from %d to %d", n, channels, size, len(src), len(dst)))
	}
	// As many sums at a time as hide how long an addition takes.
	wide := min(8, len(active.block.lanewise)-1, size)
	rest := size % wide
	var taps []tap
	for i := range size / wide {
		taps = append(taps, tap{x: i * wide * block})
	}
	weights, none := repeated(1/float32(size), block), make([]float32, block)
	t.Ranges(planes, packGrain/(size*block), func(lo, hi int) {
		sums := borrow((hi - lo) * wide * block)
		defer sums.giveBack()
		b := &blockTile{
			x: src[lo*size*block:], y: sums.f, w: weights, bias: none, taps: taps, xStep: block, yStep: block, tiles: 1, lines: 1,
			planes: hi - lo, xPlane: (size - wide) * block, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1)),
		}
		active.block.lanewise[wide](b)
		if rest > 0 {
			b.x, b.residual, b.taps = b.x[(size-rest)*block:], sums.f, taps[:1]
			b.xPlane, b.yPlane = (size-rest)*block, (wide-rest)*block
			active.block.lanewise[rest](b)
		}
		for i := range hi - lo {
			mean, part := dst[(lo+i)*block:(lo+i+1)*block], sums.f[i*wide*block:]
			copy(mean, part)
			for k := 1; k < wide; k++ {
				Add(mean, mean, part[k*block:])
			}
		}
	})
}

// BlockedAffine is [ChannelAffine] in the blocked layout, where scale and shift
// have a number for each channel of each image if apart is true, blocked as they
// are; else for each channel, filled up to whole blocks. Either may be nil.
func BlockedAffine(t *Team, dst, src, scale, shift []float32, n, channels, size int, apart bool) {
	blocks, block := blockCount(channels), Block()
	planes := n * blocks
	given := blocks * block
	if apart {
		given *= n
	}
	if n < 0 || channels < 0 || size < 0 || len(dst) < planes*size*block || len(src) < planes*size*block ||
		scale != nil && len(scale) < given || shift != nil && len(shift) < given {
		panic(fmt.Sprintf("kernel: affine map of %d blocked images of %d channels of %d numbers, from %d to %d with %d factors and %d terms",
			n, channels, size, len(src), len(dst), len(scale), len(shift)))
	}
	if size == 0 {
		return
	}
	ones, none, one := repeated(1, block), make([]float32, block), []tap{{}}
	t.Ranges(planes, packGrain/(size*block), func(lo, hi int) {
		b := &blockTile{taps: one, lines: 1, planes: 1, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1))}
		for i := lo; i < hi; i++ {
			b.w, b.bias = ones, none
			at := i
			if !apart {
				at = i % blocks
			}
			if scale != nil {
				b.w = scale[at*block:]
			}
			if shift != nil {
				b.bias = shift[at*block:]
			}
			b.x, b.y, b.xStep, b.yStep = src[i*size*block:], dst[i*size*block:], block, block
			b.box(active.block.lanewise, size, 0, 0)
		}
	})
}
