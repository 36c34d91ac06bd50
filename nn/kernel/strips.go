package kernel

import (
	"math"

	"github.com/tomo-viz/tomo/internal/pages"
)

// stripWidth is how many columns a strip has: as many as are summed up in registers
// at a time where these are widest.
const stripWidth = 64

// strips is a constant matrix, k x n, to be multiplied from the left by one vector
// after another. Its columns are cut into strips, the last one filled up with
// zeros; strip after strip, each row is stored contiguously, so that a product
// reads memory from one end to the other.
type strips struct {
	k, n int
	data []float32
	off  []int // of the rows of a strip
}

func newStrips(m Mat) *strips {
	s := &strips{k: m.Rows, n: m.Cols, off: rowOffsets(m.Rows, stripWidth)}
	s.data = pages.Make[float32](s.count() * m.Rows * stripWidth)
	for i := range s.count() {
		packPanel(s.strip(i), stripWidth, m.T(), i*stripWidth, 0, m.Rows)
	}
	return s
}

func (s *strips) count() int { return (s.n + stripWidth - 1) / stripWidth }

func (s *strips) strip(i int) []float32 {
	size := s.k * stripWidth
	return s.data[i*size : (i+1)*size]
}

// multiply sets dst to x times the matrix, or adds that. A caller that asks for
// every other product backwards, through the strips from the last to the first,
// begins each with what the one before has left in the cache.
func (s *strips) multiply(t *Team, dst, x []float32, add, backwards bool) {
	inf := float32(math.Inf(1))
	count := s.count()
	t.Ranges(count, packGrain/max(1, s.k*stripWidth), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			j := i
			if backwards {
				j = count - 1 - i
			}
			from := j * stripWidth
			cols := min(stripWidth, s.n-from)
			active.rows.weight(dst[from:], s.strip(j), 0, 0, 1, cols, x[:s.k], s.off, 0, -inf, inf, add)
		}
	})
}
