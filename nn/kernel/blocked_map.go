package kernel

import (
	"fmt"
	"math"
)

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
