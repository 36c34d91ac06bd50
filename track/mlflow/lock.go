package mlflow

import (
	"hash/maphash"
	"sync"
)

// locks keep apart what reads something of a run, or of a model, before writing
// it. Names share a lock now and then, so that who holds one takes no other of
// the same locks.
type locks struct {
	seed    maphash.Seed
	stripes [64]sync.Mutex
}

func newLocks() *locks { return &locks{seed: maphash.MakeSeed()} }

// hold keeps others from changing what has a name until the returned function is
// called.
func (l *locks) hold(name string) (release func()) {
	m := &l.stripes[maphash.String(l.seed, name)%uint64(len(l.stripes))]
	m.Lock()
	return m.Unlock
}
