package exec

import (
	"container/list"
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A lru keeps the values of the most recently used keys. It makes each value
// once, however many goroutines ask for it at a time. It is safe for concurrent
// use.
type lru[V any] struct {
	size    int
	mu      sync.Mutex
	entries map[string]*list.Element
	order   list.List // of *entry[V], the latest first
}

type entry[V any] struct {
	key   string
	once  sync.Once
	value V
	err   error
}

func newLRU[V any](size int) *lru[V] {
	return &lru[V]{size: size, entries: map[string]*list.Element{}}
}

// get returns the value of key, made by build if it is not there. Errors are
// not kept.
func (c *lru[V]) get(key string, build func() (V, error)) (V, error) {
	e := c.entry(key)
	e.once.Do(func() { e.value, e.err = build() })
	if e.err != nil {
		c.remove(key, e)
	}
	return e.value, e.err
}

func (c *lru[V]) entry(key string) *entry[V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.entries[key]; ok {
		c.order.MoveToFront(el)
		return el.Value.(*entry[V])
	}
	e := &entry[V]{key: key}
	c.entries[key] = c.order.PushFront(e)
	if c.order.Len() > c.size {
		last := c.order.Remove(c.order.Back()).(*entry[V])
		delete(c.entries, last.key)
	}
	return e
}

func (c *lru[V]) remove(key string, e *entry[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.entries[key]; ok && el.Value.(*entry[V]) == e {
		c.order.Remove(el)
		delete(c.entries, key)
	}
}

// maxShapes bounds the programs that a body of control flow, or what follows an
// operator whose output shape depends on elements, is compiled to.
const maxShapes = 16

// A shapeCache runs a graph on tensors of any shape: it compiles a program for
// each combination of shapes. A graph whose shapes keep changing, such as a
// loop that appends to a list, is run plainly after a while, since compiling
// would take longer than it gains.
type shapeCache struct {
	executor Executor
	limit    int64 // bytes that a run may hold
	g        *ir.Graph
	programs *lru[Program]
	compiled atomic.Int64
}

func newShapeCache(e Executor, limit int64, g *ir.Graph) *shapeCache {
	return &shapeCache{executor: e, limit: limit, g: g, programs: newLRU[Program](maxShapes)}
}

// run computes the fetched values; feeds are the values that the tensors are
// given for. All calls must have the same feeds and fetches.
func (s *shapeCache) run(ctx context.Context, feeds []ir.ValueID, given []*tensor.Tensor, fetch []ir.ValueID) ([]*tensor.Tensor, error) {
	declared := make([]Feed, len(feeds))
	for i, v := range feeds {
		if given[i] == nil {
			return nil, fmt.Errorf("value %q is not given", s.g.Values[v].Name)
		}
		declared[i] = Feed{v, given[i].DType(), given[i].Shape()}
	}
	program, err := s.programs.get(feedKey(declared), func() (Program, error) {
		executor := s.executor
		if s.compiled.Add(1) > 2*maxShapes {
			executor = plain{s.limit}
		}
		return executor.Compile(s.g, declared, fetch)
	})
	if err != nil {
		return nil, err
	}
	return program.Run(ctx, given)
}

// feedKey spells the values, types and shapes of feeds.
func feedKey(feeds []Feed) string {
	key := make([]byte, 0, 24*len(feeds))
	for _, f := range feeds {
		key = strconv.AppendInt(key, int64(f.Value), 10)
		key = append(key, ':')
		key = append(key, f.DType.String()...)
		for _, d := range f.Shape {
			key = strconv.AppendInt(append(key, ','), int64(d), 10)
		}
		key = append(key, ';')
	}
	return string(key)
}
