package exec

import (
	"context"
	"sync"
	"weak"

	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A packs shares what is made of constants, such as weights in the order that
// the kernels read, between the plans of an executor. It keeps neither the
// constants nor what is made of them alive: what no plan uses any more is
// forgotten.
type packs struct {
	mu      sync.Mutex
	entries map[packKey]any // weak.Pointer[T]
	alive   map[packKey]func() bool
	sweepAt int
}

// A packKey says what something is made of and how.
type packKey struct {
	constants [6]weak.Pointer[tensor.Tensor]
	how       any // comparable
}

func newPacks() *packs {
	return &packs{entries: map[packKey]any{}, alive: map[packKey]func() bool{}}
}

// packed returns what build makes of the constants, or what it made of them
// before. How tells apart what is made of the same constants; it must be
// comparable, and of a type that only one kind of thing is made with.
func packed[T any](p *packs, how any, build func() *T, constants ...*tensor.Tensor) *T {
	key := packKey{how: how}
	for i, t := range constants {
		if t != nil {
			key.constants[i] = weak.Make(t)
		}
	}
	if v := find[T](p, key); v != nil {
		return v
	}
	v := build() // not under the lock: another goroutine may build the same
	w := weak.Make(v)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.entries) >= p.sweepAt {
		p.sweep()
	}
	p.entries[key] = w
	p.alive[key] = func() bool { return w.Value() != nil }
	return v
}

// packers is the team that packs. It does not end with the run that wants what is
// packed, for others share it.
func (e *native) packers() *kernel.Team { return e.pool.Team(context.Background()) }

func find[T any](p *packs, key packKey) *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, _ := p.entries[key].(weak.Pointer[T])
	return w.Value()
}

// sweep drops the entries of things that are gone.
func (p *packs) sweep() {
	for key, alive := range p.alive {
		if !alive() {
			delete(p.entries, key)
			delete(p.alive, key)
		}
	}
	p.sweepAt = 2*len(p.entries) + 64
}
