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
	blockedSums(t, dst, src, planes, size, 1/float32(size))
}

// BlockedChannelSums sets number c of dst, which is not blocked, to the sum of
// channel c of n images.
func BlockedChannelSums(t *Team, dst, src []float32, n, channels, size int) {
	planes, block := n*blockCount(channels), Block()
	if n < 0 || channels < 0 || size < 0 || len(src) < planes*size*block || len(dst) < channels {
		panic(fmt.Sprintf("kernel: sums of the %d channels of %d blocked images of %d numbers, from %d to %d", channels, n, size, len(src), len(dst)))
	}
	dst = dst[:channels]
	clear(dst)
	if size == 0 || planes == 0 {
		return
	}
	sums := borrow(planes * block)
	defer sums.giveBack()
	blockedSums(t, sums.f, src, planes, size, 1)
	for i := range n {
		Add(dst, dst, sums.f[i*blockedChannels(channels):])
	}
}

// blockedSums sets each vector of dst to the sum of size vectors of src, times a
// factor.
func blockedSums(t *Team, dst, src []float32, planes, size int, factor float32) {
	// As many sums at a time as hide how long an addition takes.
	block := Block()
	wide := min(8, len(active.block.lanewise)-1, size)
	rest := size % wide
	var taps []tap
	for i := range size / wide {
		taps = append(taps, tap{x: i * wide * block})
	}
	weights, none := repeated(factor, block), make([]float32, block)
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
			sum, part := dst[(lo+i)*block:(lo+i+1)*block], sums.f[i*wide*block:]
			copy(sum, part)
			for k := 1; k < wide; k++ {
				Add(sum, sum, part[k*block:])
			}
		}
	})
}
