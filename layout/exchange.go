package layout

import (
	"context"
	"slices"
)

const exchangePasses = 4

// exchangeAll exchanges adjacent siblings, each with all it continues as in
// other layers, as long as that saves crossings.
func (s *sweeper) exchangeAll(ctx context.Context) {
	x := exchanger{layered: s.layered}
	for pass := 0; pass < exchangePasses && s.work+x.work < orderWork; pass++ {
		gained := false
		for layer := range s.layers {
			if ctx.Err() != nil {
				return
			}
			gained = x.layer(s.cellAt(0, layer)) || gained
		}
		if !gained {
			break
		}
	}
	s.work += x.work
	for layer := range s.layers {
		s.number(layer) // the borders
	}
}

type exchanger struct {
	*layered
	a, b   bundle
	layers []pair
	work   int
}

// pair is two adjacent siblings in one layer.
type pair struct{ a, b item }

// bundle is what leaves one item for an adjacent layer: ends by place, each
// with a weight.
type bundle struct {
	ends     []end
	inA, inB []end // those in the column of a, of b
}

type end struct{ at, weight int }

// layer tries the children of a cell and of those inside.
func (x *exchanger) layer(c int) (gained bool) {
	children := x.cells[c].children
	for _, child := range children {
		if child.isCell() {
			gained = x.layer(child.cell()) || gained
		}
	}
	for i := 0; i+1 < len(children); i++ {
		if x.adjacent(children[i], children[i+1]) && x.saving() > 0 {
			x.swap()
			gained = true
		}
	}
	return gained
}

// adjacent collects the layers that a and b share, if this is the topmost of
// them and they are adjacent in all.
func (x *exchanger) adjacent(a, b item) bool {
	_, aboveA := x.continued(a, false)
	_, aboveB := x.continued(b, false)
	if aboveA && aboveB {
		return false
	}
	x.layers = append(x.layers[:0], pair{a, b})
	for {
		nextA, belowA := x.continued(a, true)
		nextB, belowB := x.continued(b, true)
		if !belowA || !belowB {
			return true
		}
		a, b = nextA, nextB
		if x.slotOf(b) != x.slotOf(a)+1 {
			return false
		}
		x.layers = append(x.layers, pair{a, b})
	}
}

// saving is how many crossings fewer there would be with the columns exchanged.
// Between two shared layers, what leaves a column downwards is compared first,
// and then what enters from outside.
func (x *exchanger) saving() int {
	last := len(x.layers) - 1
	sum := x.between(x.layers[0], nil, false) + x.between(x.layers[last], nil, true)
	for i := range last {
		sum += x.between(x.layers[i], &x.layers[i+1], true)
		sum += x.entering(x.layers[i+1], &x.layers[i])
	}
	return sum
}

// between compares the crossings on one side of a pair, before minus after.
// next is the pair in that layer if it will be exchanged as well: then segments
// that stay inside a column, or change to the other, cross the same as before.
func (x *exchanger) between(p pair, next *pair, down bool) int {
	x.gather(&x.a, p.a, next, down)
	x.gather(&x.b, p.b, next, down)
	before, after := inversions(x.a.ends, x.b.ends)
	after += weight(x.a.inB)*weight(x.b.inA) - weight(x.a.inA)*weight(x.b.inB)
	return before - after
}

// entering compares the crossings above a pair that between has not: all but
// those of segments that come from different columns.
func (x *exchanger) entering(p pair, above *pair) int {
	x.gather(&x.a, p.a, above, false)
	x.gather(&x.b, p.b, above, false)
	if len(x.a.ends) == len(x.a.inA) && len(x.b.ends) == len(x.b.inB) {
		return 0
	}
	before, after := inversions(x.a.ends, x.b.ends)
	straightBefore, straightAfter := inversions(x.a.inA, x.b.inB)
	changeBefore, changeAfter := inversions(x.a.inB, x.b.inA)
	return before - straightBefore - changeBefore - (after - straightAfter - changeAfter)
}

// gather collects what leaves an item. The borders of a group that continues
// count as segments just outside its cell; places are spread out to fit them in.
func (x *exchanger) gather(b *bundle, i item, next *pair, down bool) {
	*b = bundle{b.ends[:0], b.inA[:0], b.inB[:0]}
	layer := x.layerOf(i)
	for _, v := range x.layered.layers[layer][x.firstPos(i) : x.lastPos(i)+1] {
		segments := x.up.of(v)
		if down {
			segments = x.down.of(v)
		}
		for _, s := range segments {
			at := x.pos[x.across(s, v)]
			inA := next != nil && x.firstPos(next.a) <= at && at <= x.lastPos(next.a)
			inB := next != nil && x.firstPos(next.b) <= at && at <= x.lastPos(next.b)
			b.add(end{4 * at, 1}, inA, inB)
		}
	}
	if on, continues := x.continued(i, down); continues && i.isCell() {
		inA, inB := next != nil && on == next.a, next != nil && on == next.b
		b.add(end{4*x.firstPos(on) - 1, borderCost}, inA, inB)
		b.add(end{4*x.lastPos(on) + 1, borderCost}, inA, inB)
	}
	byPlace := func(p, q end) int { return p.at - q.at }
	slices.SortFunc(b.ends, byPlace)
	slices.SortFunc(b.inA, byPlace)
	slices.SortFunc(b.inB, byPlace)
	x.work += 1 + len(b.ends)
}

func (b *bundle) add(e end, inA, inB bool) {
	b.ends = append(b.ends, e)
	if inA {
		b.inA = append(b.inA, e)
	}
	if inB {
		b.inB = append(b.inB, e)
	}
}

func weight(ends []end) int {
	sum := 0
	for _, e := range ends {
		sum += e.weight
	}
	return sum
}

func (l *layered) layerOf(i item) int {
	if !i.isCell() {
		return l.vertices[i].layer
	}
	g := l.cells[i.cell()].group
	return i.cell() - l.firstOf[g] + l.top[g]
}

// inversions weighs the pairs with a's end right of b's, which cross with a on
// the left, and those with a's end left of b's, which cross with a on the right.
func inversions(a, b []end) (aRight, aLeft int) {
	total := 0
	for _, e := range b {
		total += e.weight
	}
	i, less, j, upTo := 0, 0, 0, 0 // weight in b left of a's end, and up to it
	for _, e := range a {
		for ; i < len(b) && b[i].at < e.at; i++ {
			less += b[i].weight
		}
		for ; j < len(b) && b[j].at <= e.at; j++ {
			upTo += b[j].weight
		}
		aRight += e.weight * less
		aLeft += e.weight * (total - upTo)
	}
	return aRight, aLeft
}

// swap exchanges the pair in all shared layers.
func (x *exchanger) swap() {
	for _, p := range x.layers {
		c := x.cellAround(p.a)
		slot := x.slotOf(p.a)
		x.cells[c].children[slot], x.cells[c].children[slot+1] = p.b, p.a
		widthA := x.lastPos(p.a) - x.firstPos(p.a) + 1
		widthB := x.lastPos(p.b) - x.firstPos(p.b) + 1
		x.shift(p.a, widthB)
		x.shift(p.b, -widthA)
		x.setSlot(p.a, slot+1)
		x.setSlot(p.b, slot)
	}
}

func (x *exchanger) cellAround(i item) int {
	layer := x.layerOf(i)
	if i.isCell() {
		return x.cellAt(x.groups[x.cells[i.cell()].group].parent, layer)
	}
	return x.cellAt(x.vertices[i].group, layer)
}

// shift moves an item with all inside by some places.
func (x *exchanger) shift(i item, by int) {
	if !i.isCell() {
		x.pos[i] += by
		x.layered.layers[x.vertices[i].layer][x.pos[i]] = int(i)
		return
	}
	c := &x.cells[i.cell()]
	c.first += by
	c.last += by
	for _, child := range c.children {
		x.shift(child, by)
	}
}

func (x *exchanger) setSlot(i item, slot int) {
	if i.isCell() {
		x.cells[i.cell()].slot = slot
	} else {
		x.slot[i] = slot
	}
}
