package kernel

import "github.com/tomo-viz/tomo/internal/pages"

// packed is an operand in the order in which the tile kernels read it.
//
// On the left, the m rows are cut into panels of even heights. The depth k is
// cut into blocks; block after block, panel after panel, each column of a panel
// is stored contiguously. On the right, the columns are cut into panels of the
// tile's width, the last one filled up with zeros; panel after panel, each row
// is stored contiguously.
type packed struct {
	tile  *tileKernels
	right bool
	n, k  int // rows of the left operand, or columns of the right one; depth
	data  []float32
}

// panelCount is how many panels there are.
func (p *packed) panelCount() int {
	if p.right {
		return p.tile.panels(p.n)
	}
	return (p.n-1)/p.tile.height + 1
}

// rows returns the rows [lo, hi) of panel i of a left operand.
func (p *packed) rows(i int) (lo, hi int) {
	count := p.panelCount()
	return split(p.n, count, i), split(p.n, count, i+1)
}

// left returns the numbers of rows [lo, hi), one panel, and depths [k0, k1), one
// block.
func (p *packed) left(lo, hi, k0, k1 int) []float32 {
	return p.data[p.n*k0+lo*(k1-k0) : p.n*k0+hi*(k1-k0)]
}

// panel returns panel i of a right operand from depth k0 on.
func (p *packed) panel(i, k0 int) []float32 {
	return p.data[(i*p.k+k0)*p.tile.width:]
}

// fits says whether the packed copy can be read by tile on the given side.
func (p *packed) fits(tile *tileKernels, right bool) bool {
	return p != nil && p.tile == tile && p.right == right
}

// allocate makes memory for lines of depth k, whose number is the product of
// lines, if there is none.
func (p *packed) allocate(lines ...int) {
	if p.data != nil {
		return
	}
	size, ok := product(append(lines, p.k)...)
	if !ok {
		panic("kernel: a packed matrix would be larger than the address space")
	}
	p.data = pages.Make[float32](size)
}

// packLeft packs m into data, or into new memory if that is nil.
func packLeft(t *Team, tile *tileKernels, m Mat, data []float32) *packed {
	p := &packed{tile: tile, n: m.Rows, k: m.Cols, data: data}
	p.allocate(p.n)
	p.fillLeft(t, func(dst []float32, lo, hi, k0, k1 int) { interleave(dst, hi-lo, m, lo, hi, k0, k1) })
	return p
}

// interleaveLeft packs m into a left operand on the calling goroutine, and takes
// no memory for that: it is called for each point of each strip of tiles.
func (p *packed) interleaveLeft(m Mat) {
	blocks, panels := p.tile.blocks(p.k), p.panelCount()
	for i := range blocks {
		k0, k1 := split(p.k, blocks, i), split(p.k, blocks, i+1)
		for j := range panels {
			lo, hi := p.rows(j)
			interleave(p.left(lo, hi, k0, k1), hi-lo, m, lo, hi, k0, k1)
		}
	}
}

// fillLeft calls fill for each panel of each block of a left operand: rows
// [lo, hi) and depths [k0, k1), to be stored depth by depth.
func (p *packed) fillLeft(t *Team, fill func(dst []float32, lo, hi, k0, k1 int)) {
	blocks, panels := p.tile.blocks(p.k), p.panelCount()
	t.Ranges(blocks*panels, packGrain/(p.tile.depth*p.tile.height), func(first, end int) {
		for i := first; i < end; i++ {
			k0, k1 := split(p.k, blocks, i/panels), split(p.k, blocks, i/panels+1)
			lo, hi := p.rows(i % panels)
			fill(p.left(lo, hi, k0, k1), lo, hi, k0, k1)
		}
	})
}

// packRight packs m into data, or into new memory if that is nil.
func packRight(t *Team, tile *tileKernels, m Mat, data []float32) *packed {
	p := &packed{tile: tile, right: true, n: m.Cols, k: m.Rows, data: data}
	p.allocate(tile.panels(p.n), tile.width)
	mt := m.T()
	t.Ranges(p.panelCount(), packGrain/(tile.width*max(p.k, 1)), func(first, end int) {
		for i := first; i < end; i++ {
			packPanel(p.panel(i, 0), tile.width, mt, i*tile.width, 0, p.k)
		}
	})
	return p
}

// packGrain is how many numbers are worth a task of their own.
const packGrain = 1 << 14

// packPanel packs the columns from lo on, up to width of them, and depths
// [k0, k1) of a right operand, given transposed.
func packPanel(dst []float32, width int, mt Mat, lo, k0, k1 int) {
	hi := min(lo+width, mt.Rows)
	if hi-lo < width {
		clear(dst[:(k1-k0)*width])
	}
	interleave(dst, width, mt, lo, hi, k0, k1)
}

// interleave stores rows [lo, hi) of m over columns [k0, k1) column by column,
// each column at the next multiple of stride.
func interleave(dst []float32, stride int, m Mat, lo, hi, k0, k1 int) {
	if lo == hi || k0 == k1 {
		return
	}
	src := m.Data[lo*m.RowStride+k0*m.ColStride:]
	switch {
	case m.ColStride == 1:
		transposeStrided(dst, stride, src, m.RowStride, hi-lo, k1-k0)
	case m.RowStride == 1:
		step := active.move.side
		for i := 0; i < hi-lo; i += step {
			active.move.shortRows(dst[i:], stride, src[i:], m.ColStride, min(step, hi-lo-i), k1-k0)
		}
	default:
		for k := range k1 - k0 {
			for r := range hi - lo {
				dst[k*stride+r] = src[r*m.RowStride+k*m.ColStride]
			}
		}
	}
}
