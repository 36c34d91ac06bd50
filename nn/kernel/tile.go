package kernel

// The inner product of all matrix products and convolutions is a tile of up to
// height x width results that stays in registers while the kernel walks along
// the depth: each step takes one column of the left operand, packed so that its
// numbers follow one another, and one row of the right operand, width numbers at
// an offset that a table gives. The table makes the same kernel serve a packed
// operand, one that lies in memory as it is, and the taps of a convolution over
// a padded image (an implicit matrix product, arXiv:1410.0759, section 3.1,
// without its copy).
type tileKernels struct {
	height, width int
	// depth is how far one call walks at most; longer products add up in the
	// destination. A right panel of depth x width stays in the first cache.
	depth int
	// multiply[h] does h rows, 1 <= h <= height:
	//
	//	c[r*stride+j] (+)= alpha * sum over k of a[k*h+r] * b[off[k]+j], j < cols
	//
	// It may read width numbers of b at each offset whatever cols is.
	multiply []multiplyFunc
	// rows holds the offsets of the rows of a packed right panel.
	rows []int
}

func newTile(height, width, depth int, multiply []multiplyFunc) tileKernels {
	return tileKernels{height, width, depth, multiply, rowOffsets(depth, width)}
}

type multiplyFunc func(a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool)

// blocks returns into how many even parts, none longer than the tile's depth, a
// product over k is cut.
func (t *tileKernels) blocks(k int) int { return max(1, (k-1)/t.depth+1) }

// panels returns how many tiles cover n columns.
func (t *tileKernels) panels(n int) int { return (n-1)/t.width + 1 }
