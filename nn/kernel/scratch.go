package kernel

import (
	"math/bits"
	"sync"
)

// Scratch memory is kept in free lists by powers of two, so that a kernel called
// again finds the buffer it used before. The garbage collector takes back what
// lies unused.
var scratchLists [bits.UintSize]sync.Pool

// scratch is a borrowed buffer; its contents are whatever was there.
type scratch struct {
	f    []float32
	list *sync.Pool
}

// borrow returns a buffer of n floats.
func borrow(n int) *scratch {
	class := bits.Len(uint(max(n, 256) - 1))
	list := &scratchLists[class]
	if s, ok := list.Get().(*scratch); ok {
		s.f = s.f[:n]
		return s
	}
	return &scratch{f: make([]float32, n, 1<<class), list: list}
}

// giveBack ends the use of the buffer.
func (s *scratch) giveBack() { s.list.Put(s) }
