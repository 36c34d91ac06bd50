package kernel

import (
	"math/bits"
	"sync"

	"github.com/tomo-viz/tomo/internal/pages"
)

// Scratch memory is kept in free lists by size, four sizes to a power of two, so
// that a kernel called again finds the buffer it used before. The garbage
// collector takes back what lies unused.
var scratchLists [4 * bits.UintSize]sync.Pool

// scratch is a borrowed buffer; its contents are whatever was there.
type scratch struct {
	f    []float32
	tile blockTile // for kernels that would take a new one for each line
	list *sync.Pool
}

// borrow returns a buffer of n floats.
func borrow(n int) *scratch {
	size, class := scratchSize(n)
	list := &scratchLists[class]
	if s, ok := list.Get().(*scratch); ok {
		s.f = s.f[:n]
		return s
	}
	return &scratch{f: pages.Make[float32](size)[:n], list: list}
}

// scratchSize rounds n up to a size that has a list, 256 or more, and returns the
// list's index.
func scratchSize(n int) (size, class int) {
	n = max(n, 256)
	shift := bits.Len(uint(n-1)) - 3 // leaves three bits, the first of them set
	quarters := (n-1)>>shift + 1     // from 5 to 8
	return quarters << shift, 4*shift + quarters - 5
}

// giveBack ends the use of the buffer. The tile must not keep alive what it
// pointed to.
func (s *scratch) giveBack() {
	s.tile = blockTile{}
	s.list.Put(s)
}
