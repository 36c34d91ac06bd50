package layout

import (
	"cmp"
	"context"
	"slices"
)

// sweeper orders layers by the barycentres of their neighbours, as Sugiyama,
// Tagawa and Toda (1981) do, cell by cell.
type sweeper struct {
	*layered
	buffer []candidate
	counter
	work int // segments and siblings looked at
}

// candidate is a child of a cell on its way to a new place.
type candidate struct {
	item
	key    float64 // barycentre of its neighbours in the fixed layer
	weight float64 // how many they are
	fixed  int     // place in the fixed layer of what it continues, or none
}

func newSweeper(l *layered) *sweeper {
	return &sweeper{layered: l, counter: newCounter(l)}
}

// sweep orders every layer by the one before it, from the top down or from the
// bottom up.
func (s *sweeper) sweep(ctx context.Context, down bool) {
	n := len(s.layers)
	for i := 1; i < n && ctx.Err() == nil; i++ {
		layer := i
		if !down {
			layer = n - 1 - i
		}
		s.arrange(s.cellAt(0, layer), down)
		s.number(layer)
	}
}

// arrange orders the children of a cell, and those of the cells inside, and
// returns the sum of the places of all neighbours and their number.
func (s *sweeper) arrange(c int, down bool) (sum, weight float64) {
	base := len(s.buffer)
	for _, child := range s.cells[c].children {
		k := s.candidate(child, down)
		sum += k.key
		weight += k.weight
		if k.weight > 0 {
			k.key /= k.weight
		}
		s.buffer = append(s.buffer, k)
	}
	list := s.buffer[base:]
	keepColumns(list)
	keepLonely(list)
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.key, b.key) })
	for i, k := range list {
		s.cells[c].children[i] = k.item
	}
	s.buffer = s.buffer[:base]
	return sum, weight
}

// candidate sums up, rather than averages, the places of a child's neighbours.
func (s *sweeper) candidate(child item, down bool) candidate {
	k := candidate{item: child, fixed: none}
	before, continues := s.continued(child, !down)
	if continues {
		k.fixed = s.firstPos(before)
	}
	if child.isCell() {
		k.key, k.weight = s.arrange(child.cell(), down)
		if continues {
			k.key += float64(s.firstPos(before)+s.lastPos(before)) / 2
			k.weight++
		}
		return k
	}
	segments := s.up.of(int(child))
	if !down {
		segments = s.down.of(int(child))
	}
	for _, i := range segments {
		k.key += float64(s.pos[s.segments[i].lower+s.segments[i].upper-int(child)])
		k.weight++
	}
	return k
}

// keepColumns makes the keys of children that come from the fixed layer agree
// with their order there: where they do not, neighbours share their mean, by
// the pool-adjacent-violators algorithm of isotonic regression.
func keepColumns(list []candidate) {
	var places []int
	for i, k := range list {
		if k.fixed != none {
			places = append(places, i)
		}
	}
	columns := make([]candidate, len(places))
	for i, at := range places {
		columns[i] = list[at]
	}
	slices.SortFunc(columns, func(a, b candidate) int { return cmp.Compare(a.fixed, b.fixed) })
	type pool struct {
		key, weight float64
		size        int
	}
	var pools []pool
	for _, k := range columns {
		p := pool{k.key, max(k.weight, 1e-3), 1}
		for n := len(pools); n > 0 && pools[n-1].key > p.key; n-- {
			q := pools[n-1]
			total := q.weight + p.weight
			p = pool{(q.key*q.weight + p.key*p.weight) / total, total, q.size + p.size}
			pools = pools[:n-1]
		}
		pools = append(pools, p)
	}
	i := 0
	for _, p := range pools {
		for range p.size {
			columns[i].key = p.key
			list[places[i]] = columns[i]
			i++
		}
	}
}

// keepLonely lets children without neighbours follow the one on their left.
func keepLonely(list []candidate) {
	first := 0
	for first < len(list) && list[first].weight == 0 {
		first++
	}
	if first == len(list) {
		for i := range list {
			list[i].key = 0
		}
		return
	}
	key := list[first].key
	for i := range list {
		if list[i].weight == 0 {
			list[i].key = key
		}
		key = list[i].key
	}
}

// snapshot, save and restore keep the order of all children.
func (s *sweeper) snapshot() [][]item {
	all := make([][]item, len(s.cells))
	for c := range s.cells {
		all[c] = slices.Clone(s.cells[c].children)
	}
	return all
}

func (s *sweeper) save(into [][]item) {
	for c := range s.cells {
		copy(into[c], s.cells[c].children)
	}
}

func (s *sweeper) restore(from [][]item) {
	for c := range s.cells {
		copy(s.cells[c].children, from[c])
	}
	for layer := range s.layers {
		s.number(layer)
	}
}
