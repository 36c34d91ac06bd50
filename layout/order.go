package layout

import (
	"context"
	"math"
	"math/rand/v2"
)

// Bounds of the search for few crossings; work is in segments looked at.
const (
	patience    = 6 // sweeps without progress
	orderWork   = 12_000_000
	restarts    = 20
	restartWork = 300_000
)

// order arranges the layers for few crossings between segments and of segments
// with the borders of groups. The order is kept as the order of the children
// of each cell, so that a group is contiguous in each layer by construction;
// sweep and exchange keep siblings that run through several layers, groups and
// long edges, in one order throughout, so that boxes can be rectangles and
// long edges straight.
func (l *layered) order(ctx context.Context) error {
	l.linkColumns()
	l.pos = make([]int, len(l.vertices))
	l.slot = make([]int, len(l.vertices))
	l.bordersUp, l.bordersDown = make([]int, len(l.vertices)), make([]int, len(l.vertices))
	for layer := range l.layers {
		l.number(layer)
	}
	s := newSweeper(l)
	best := s.snapshot()
	fewest, err := s.search(ctx, best, math.MaxInt)
	for restart := 1; restart <= restarts && err == nil && fewest > 0 && s.work < restartWork; restart++ {
		s.shuffle(uint64(restart))
		fewest, err = s.search(ctx, best, fewest)
	}
	s.restore(best)
	return err
}

// search sweeps up and down from the present order until that has not helped
// for a while, saves the best order if it has fewer crossings than the fewest
// so far, and returns the new fewest.
func (s *sweeper) search(ctx context.Context, best [][]item, fewest int) (int, error) {
	here := math.MaxInt // fewest of this search
	for idle, down := 0, true; idle < patience && fewest > 0 && s.work < orderWork; down = !down {
		n := s.tidy(ctx, down)
		if err := ctx.Err(); err != nil {
			return fewest, err
		}
		idle++
		if n < here {
			here, idle = n, 0
		}
		if n < fewest {
			fewest = n
			s.save(best)
		}
	}
	return fewest, nil
}

// shuffle puts the first layer into some other order; what is below follows
// when it is swept. The generator is fixed, so that drawings are.
func (s *sweeper) shuffle(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	for g := range s.groups {
		if s.top[g] == 0 {
			children := s.cells[s.cellAt(g, 0)].children
			r.Shuffle(len(children), func(i, j int) { children[i], children[j] = children[j], children[i] })
		}
	}
	s.number(0)
}

// tidy runs one sweep, improves its result by exchanges, and counts crossings.
func (s *sweeper) tidy(ctx context.Context, down bool) int {
	s.sweep(ctx, down)
	s.exchangeAll(ctx)
	s.work += 2 * (len(s.segments) + len(s.vertices))
	return s.crossings()
}

// number walks the cells of a layer and numbers what it finds: the places of
// the vertices and the borders of continuing groups on their left.
func (l *layered) number(layer int) {
	l.layers[layer] = l.layers[layer][:0]
	n := numbering{layered: l, layer: layer}
	n.cell(l.cellAt(0, layer))
}

type numbering struct {
	*layered
	layer, up, down int
}

func (n *numbering) cell(c int) {
	this := &n.cells[c]
	fromAbove, toBelow := n.has(this.group, n.layer-1), n.has(this.group, n.layer+1)
	cross := func() {
		if fromAbove {
			n.up++
		}
		if toBelow {
			n.down++
		}
	}
	cross()
	this.first = len(n.layers[n.layer])
	for slot, child := range this.children {
		if child.isCell() {
			n.cells[child.cell()].slot = slot
			n.cell(child.cell())
			continue
		}
		v := int(child)
		n.slot[v] = slot
		n.pos[v] = len(n.layers[n.layer])
		n.bordersUp[v], n.bordersDown[v] = n.up, n.down
		n.layers[n.layer] = append(n.layers[n.layer], v)
	}
	this.last = len(n.layers[n.layer]) - 1
	cross()
}

// linkColumns finds which vertex continues which straight above or below it:
// the bends of one edge inside one group.
func (l *layered) linkColumns() {
	l.above, l.below = make([]int, len(l.vertices)), make([]int, len(l.vertices))
	for v := range l.vertices {
		l.above[v], l.below[v] = none, none
	}
	for v, this := range l.vertices {
		if !this.bend() {
			continue
		}
		u := l.segments[this.above].upper
		if upper := l.vertices[u]; upper.bend() && upper.group == this.group {
			l.above[v], l.below[u] = u, v
		}
	}
}

func (v *vertex) bend() bool { return v.kind == bendVertex || v.kind == labelVertex }

// continued is what an item goes on as in the layer below or above, or false.
func (l *layered) continued(i item, down bool) (item, bool) {
	if i.isCell() {
		c := i.cell()
		g := l.cells[c].group
		layer := c - l.firstOf[g] + l.top[g]
		if down {
			return cellItem(c + 1), layer < l.bottom[g]
		}
		return cellItem(c - 1), layer > l.top[g]
	}
	next := l.above[i]
	if down {
		next = l.below[i]
	}
	return item(next), next != none
}

// place of an item in its layer: that of its first vertex.
func (l *layered) firstPos(i item) int {
	if i.isCell() {
		return l.cells[i.cell()].first
	}
	return l.pos[i]
}

func (l *layered) lastPos(i item) int {
	if i.isCell() {
		return l.cells[i.cell()].last
	}
	return l.pos[i]
}

func (l *layered) slotOf(i item) int {
	if i.isCell() {
		return l.cells[i.cell()].slot
	}
	return l.slot[i]
}
