package ort

import (
	"slices"
	"sync"

	"github.com/tomo-viz/tomo/nn/exec"
)

// The library holds memory for each model that it has read: weights in the order
// of its kernels, and values of runs. Go's collector does not see it. So models
// are closed when they take more than their share of the memory, those first
// that were not run for longest, and read again when they are run again.

// budget is how many bytes models may hold.
var budget = func() int64 { return exec.MemoryLimit() / 8 }

// A slot is a model that the library reads when it is wanted.
type slot struct {
	keeper *keeper
	bytes  int64 // about what it takes while it is open
	open   func() (*loan, error)
	close  func(*loan)

	mu    sync.Mutex
	loan  *loan // nil while it is closed
	users int   // runs that are going on
}

// A loan is a model in the library, and the memory of ours that it uses.
type loan struct {
	handle    uintptr
	constants *values
}

// take returns the model, which stays open until it is given back.
func (s *slot) take() (uintptr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loan == nil {
		s.keeper.makeRoom(s.bytes)
		l, err := s.open()
		if err != nil {
			return 0, err
		}
		s.loan = l
	}
	s.users++
	s.keeper.touch(s)
	return s.loan.handle, nil
}

func (s *slot) giveBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
}

// shut closes the model if nobody uses it, and reports whether it is closed.
// It does not wait for who is opening it.
func (s *slot) shut() bool {
	if !s.mu.TryLock() {
		return false
	}
	defer s.mu.Unlock()
	if s.users > 0 {
		return false
	}
	if s.loan != nil {
		s.close(s.loan)
		s.loan = nil
	}
	return true
}

// A keeper knows the open models of a library.
type keeper struct {
	mu    sync.Mutex
	slots []*slot // the one that ran last is last
	bytes int64
}

// touch notes that a model is open and used.
func (k *keeper) touch(s *slot) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if i := slices.Index(k.slots, s); i >= 0 {
		k.slots = slices.Delete(k.slots, i, i+1)
	} else {
		k.bytes += s.bytes
	}
	k.slots = append(k.slots, s)
}

// makeRoom closes models until one of that many bytes fits.
func (k *keeper) makeRoom(bytes int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	room := budget() - bytes
	k.slots = slices.DeleteFunc(k.slots, func(s *slot) bool {
		if k.bytes <= room || !s.shut() {
			return false
		}
		k.bytes -= s.bytes
		return true
	})
}

// drop closes a model that nobody can run any more.
func (k *keeper) drop(s *slot) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if i := slices.Index(k.slots, s); i >= 0 && s.shut() {
		k.slots = slices.Delete(k.slots, i, i+1)
		k.bytes -= s.bytes
	}
}
