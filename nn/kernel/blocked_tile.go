package kernel

// blockKernels are the inner loops of the blocked layout (see [Block]). Each
// computes tiles of some positions of an image, a vector of channels for each.
type blockKernels struct {
	lanes int // numbers in a vector
	// product[b-1][p] multiplies and adds for p positions of b blocks of filters:
	//
	//	y[p*yStep+b*yBlock+lane] = clip(bias[b*lanes+lane] + residual[...] + sum, lo, hi)
	//	sum over taps t and channels c of
	//		x[t.x+channels[c]+p*xStep] * w[((t.w+c)*blocks+b)*lanes+lane]
	product [][]blockFunc
	// lanewise[p] does so for channels that are separate: the products are
	// x[t.x+p*xStep+lane] * w[t.w*lanes+lane].
	lanewise []blockFunc
	// largest[p] takes the maximum of bias and x[t.x+p*xStep+lane], NaN if one of
	// them is.
	largest []blockFunc
}

type blockFunc func(t *blockTile)

// blockTile tells what to compute: planes of lines of tiles. The slices begin
// where the first tile does.
type blockTile struct {
	x, y, w, bias        []float32
	residual             []float32 // nil if nothing is added
	taps                 []tap
	channels             []int
	xStep, yStep         int // from position to position
	yBlock               int // from block to block of filters
	tiles, lines, planes int // none of them 0
	xLine, yLine         int // from behind the last tile of a line to the next line
	// From behind the last line of a plane to the next plane.
	xPlane, yPlane    int
	wPlane, biasPlane int // from plane to plane
	lo, hi            float32
}

// tap is what one tap of a window reads: where from the first position on, and
// which weights, counted in vectors or, for a product, in rows of vectors.
type tap struct{ x, w int }

// portableBlocks has vectors of four numbers and tiles of up to four positions.
var portableBlocks = blockKernels{
	lanes:    4,
	product:  [][]blockFunc{{1: portableProduct(1), 2: portableProduct(2), 3: portableProduct(3), 4: portableProduct(4)}},
	lanewise: []blockFunc{1: portableLanewise(1), 2: portableLanewise(2), 3: portableLanewise(3), 4: portableLanewise(4)},
	largest:  []blockFunc{1: portableLargest(1), 2: portableLargest(2), 3: portableLargest(3), 4: portableLargest(4)},
}

func portableProduct(positions int) blockFunc {
	return func(b *blockTile) {
		b.each(positions, func(sum *[4]float32, x, w []float32) {
			for _, tap := range b.taps {
				w := w[4*tap.w:]
				for c, at := range b.channels {
					v, w := x[tap.x+at], w[4*c:4*c+4]
					sum[0] += v * w[0]
					sum[1] += v * w[1]
					sum[2] += v * w[2]
					sum[3] += v * w[3]
				}
			}
		})
	}
}

func portableLanewise(positions int) blockFunc {
	return func(b *blockTile) {
		b.each(positions, func(sum *[4]float32, x, w []float32) {
			for _, tap := range b.taps {
				v, w := x[tap.x:tap.x+4], w[4*tap.w:4*tap.w+4]
				for i := range sum {
					sum[i] += v[i] * w[i]
				}
			}
		})
	}
}

func portableLargest(positions int) blockFunc {
	return func(b *blockTile) {
		b.each(positions, func(sum *[4]float32, x, _ []float32) {
			for _, tap := range b.taps {
				for i, v := range x[tap.x : tap.x+4] {
					sum[i] = max(sum[i], v)
				}
			}
		})
	}
}

// each computes and stores the results position by position: add changes the bias
// to what the numbers from x on and the weights from w on make of it.
func (b *blockTile) each(positions int, add func(sum *[4]float32, x, w []float32)) {
	x, y, w, bias := 0, 0, 0, 0
	for range b.planes {
		for range b.lines {
			for range b.tiles * positions {
				sum := [4]float32(b.bias[bias:])
				add(&sum, b.x[x:], b.w[w:])
				b.store(y, &sum)
				x, y = x+b.xStep, y+b.yStep
			}
			x, y = x+b.xLine, y+b.yLine
		}
		x, y, w, bias = x+b.xPlane, y+b.yPlane, w+b.wPlane, bias+b.biasPlane
	}
}

func (b *blockTile) store(y int, sum *[4]float32) {
	for i, v := range sum {
		if b.residual != nil {
			v += b.residual[y+i]
		}
		b.y[y+i] = min(max(v, b.lo), b.hi)
	}
}
