package exec

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// An arena is the memory of a plan in the making. Values get spots in buffers;
// a buffer is in use between two stages, and buffers that are not in use at the
// same time share memory.
type arena struct {
	p           *planner
	first, last map[ir.ValueID]int // stages that make and last read a class
	hosts       map[ir.ValueID]host
	spots       map[ir.ValueID]spot
	buffers     []*buffer
}

// A buffer is a range of the arena.
type buffer struct {
	size        int // float32s
	first, last int // stages
	offset      int
}

// A spot is a place in a buffer.
type spot struct {
	*buffer
	offset int
}

// A host is the value that another one is a part of, in memory: a concatenation
// along its outermost axis need not be computed if its parts are made where they
// belong. The zero host is none.
type host struct {
	inside bool
	value  ir.ValueID
	offset int // of the part
}

// hosts finds the classes that can be made inside a concatenation.
func (l *layout) hosts(p *planner, stages []*stage, last map[ir.ValueID]int) map[ir.ValueID]host {
	movable := map[ir.ValueID]bool{}
	for _, s := range stages {
		for _, v := range s.writes {
			movable[v] = l.inArena(p, s, v) && last[v] != forever
		}
	}
	hosts := map[ir.ValueID]host{}
	for _, s := range stages {
		if !s.joins || !movable[s.writes[0]] {
			continue
		}
		at := 0
		for _, v := range s.reads {
			r := l.root[v]
			if movable[r] && !hosts[r].inside {
				hosts[r] = host{true, s.writes[0], at}
			}
			at += elementsOf(p.shape(v))
		}
	}
	return hosts
}

// reuse gives the first value that stage i writes the spot of an operand that
// dies there and may be written over: one of the same size, element for
// element. A stage that is not elementwise still reads an operand when it has
// written a part, and so must not write over one that it reads twice: y = x +
// Conv(x).
func (a *arena) reuse(l *layout, s *stage, i int) bool {
	to := s.writes[0]
	for _, v := range s.over {
		from, ok := a.spots[l.root[v]]
		if !s.elementwise && l.readings(s, v) > 1 {
			continue
		}
		if ok && from.last == i && elementsOf(a.p.shape(v)) == elementsOf(a.p.shape(to)) {
			a.spots[to] = from
			from.last = a.last[to]
			return true
		}
	}
	return false
}

// readings counts the reads of a stage that lie in the memory of v.
func (l *layout) readings(s *stage, v ir.ValueID) int {
	n := 0
	for _, other := range s.reads {
		if l.root[other] == l.root[v] {
			n++
		}
	}
	return n
}

// place gives a value a spot: in its host, which gets one first, or in a buffer
// of its own.
func (a *arena) place(v ir.ValueID) spot {
	if s, ok := a.spots[v]; ok {
		return s
	}
	var s spot
	if h := a.hosts[v]; h.inside {
		s = a.place(h.value)
		s.offset += h.offset
		s.first, s.last = min(s.first, a.first[v]), max(s.last, a.last[v])
	} else {
		s.buffer = &buffer{size: roundUp(elementsOf(a.p.shape(v))), first: a.first[v], last: a.last[v]}
		a.buffers = append(a.buffers, s.buffer)
	}
	a.spots[v] = s
	return s
}

// pack places the buffers so that those in use at the same time do not overlap,
// the largest first, each at the lowest offset; it returns the size of all.
func pack(buffers []*buffer) int {
	order := slices.Clone(buffers)
	slices.SortStableFunc(order, func(a, b *buffer) int { return b.size - a.size })
	var placed []*buffer // by offset
	total := 0
	for _, b := range order {
		b.offset = 0
		for _, q := range placed {
			if q.first > b.last || b.first > q.last {
				continue
			}
			if b.offset+b.size <= q.offset {
				break
			}
			b.offset = max(b.offset, q.offset+q.size)
		}
		at, _ := slices.BinarySearchFunc(placed, b.offset, func(q *buffer, offset int) int { return q.offset - offset })
		placed = slices.Insert(placed, at, b)
		total = max(total, b.offset+b.size)
	}
	return total
}
