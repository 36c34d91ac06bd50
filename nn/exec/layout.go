package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A layout says where the values of a plan live. Values that are views of one
// another form a class, which has one buffer: a range of the arena, which is
// used again when the class is dead, or memory of its own ("heap") for what is
// fetched, is not float32 or is made by the reference.
type layout struct {
	root  []ir.ValueID // of each value's class
	arena int          // float32s
	at    map[ir.ValueID]arenaRange
	dies  [][]ir.ValueID // for each stage, the heap values that nothing reads later
	peak  int64          // bytes alive at the worst stage
	worst int            // that stage
}

// An arenaRange is where a value lies in the arena.
type arenaRange struct{ offset, len int }

// align is a cache line of float32s.
const align = 16

// layOut plans the memory of stages.
func layOut(p *planner, stages []*stage) *layout {
	l := &layout{root: make([]ir.ValueID, len(p.g.Values)), at: map[ir.ValueID]arenaRange{}, dies: make([][]ir.ValueID, len(stages))}
	for v := range l.root {
		l.root[v] = ir.ValueID(v)
	}
	for _, s := range stages {
		if s.view {
			l.root[s.writes[0]] = l.root[s.reads[0]]
		}
	}
	first, last := l.lives(p, stages)
	l.placeArena(p, stages, first, last)
	l.placeHeap(p, stages, first, last)
	return l
}

// forever is later than any stage.
const forever = 1 << 30

// lives returns the stages that make and last read each class.
func (l *layout) lives(p *planner, stages []*stage) (first, last map[ir.ValueID]int) {
	first, last = map[ir.ValueID]int{}, map[ir.ValueID]int{}
	for i, s := range stages {
		for _, v := range s.reads {
			last[l.root[v]] = i
		}
		for _, v := range s.writes {
			r := l.root[v]
			if _, ok := first[r]; !ok {
				first[r] = i
			}
			last[r] = max(last[r], i)
		}
	}
	for v, fetched := range p.fetched {
		if fetched {
			last[l.root[v]] = forever
		}
	}
	return first, last
}

// placeArena gives ranges of the arena to the classes that kernels make.
func (l *layout) placeArena(p *planner, stages []*stage, first, last map[ir.ValueID]int) {
	a := &arena{p: p, first: first, last: last, hosts: l.hosts(p, stages, last), spots: map[ir.ValueID]spot{}}
	for i, s := range stages {
		for k, v := range s.writes {
			if _, placed := a.spots[v]; placed || !l.inArena(p, s, v) || last[v] == forever {
				continue
			}
			if k == 0 && a.hosts[v] == (host{}) && a.reuse(l, s, i) {
				continue
			}
			a.place(v)
		}
	}
	l.arena = pack(a.buffers)
	for v := range p.g.Values {
		if s, ok := a.spots[l.root[v]]; ok {
			l.at[ir.ValueID(v)] = arenaRange{s.buffer.offset + s.offset, elementsOf(p.shape(ir.ValueID(v)))}
		}
	}
}

// inArena reports whether a written value is the root of a class that a kernel
// makes.
func (l *layout) inArena(p *planner, s *stage, v ir.ValueID) bool {
	return !s.view && !s.heap && l.root[v] == v && p.isFloat(v)
}

// placeHeap finds when heap values can be dropped, and the worst stage.
func (l *layout) placeHeap(p *planner, stages []*stage, first, last map[ir.ValueID]int) {
	alive := make([]int64, len(stages)+1) // changes at each stage
	for _, s := range stages {
		for _, v := range s.writes {
			r := l.root[v]
			if _, ok := l.at[v]; ok {
				continue
			}
			end := last[r]
			if end < len(stages) {
				l.dies[end] = append(l.dies[end], v)
			}
			if v == r {
				bytes := bytesOf(p.types[v])
				alive[first[r]] = saturated(alive[first[r]], bytes)
				if end < len(stages) {
					alive[end+1] -= bytes
				}
			}
		}
	}
	held := int64(4 * l.arena)
	for i, change := range alive {
		if held = min(held+change, 1<<62); held > l.peak {
			l.peak, l.worst = held, min(i, len(stages)-1)
		}
	}
}

func elementsOf(shape []int) int {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return tensor.MaxElements
	}
	return n
}

func roundUp(n int) int { return (n + align - 1) / align * align }
