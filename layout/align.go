package layout

import "slices"

// align chooses the segments to draw as straight vertical lines and joins
// their ends into blocks: columns of vertices that share one centre line. In
// each gap between layers it takes the set of greatest value in which no two
// segments cross or share an end, and none crosses a group's border, so that
// blocks and groups keep one order from left to right. It also returns how
// strongly each segment pulls its ends together.
func (l *layered) align() (block []int, blocks int, pull []float64) {
	value, pull := l.straightness()
	a := aligner{layered: l, value: value,
		before: make([]int, len(l.segments)), total: make([]float64, len(l.segments))}
	block = make([]int, len(l.vertices))
	for v := range block {
		block[v] = none
	}
	for layer, vertices := range l.layers {
		for _, v := range vertices {
			if block[v] == none {
				block[v] = blocks
				blocks++
			}
		}
		if layer+1 < len(l.layers) {
			for _, s := range a.below(layer) {
				block[l.segments[s].lower] = block[l.segments[s].upper]
			}
		}
	}
	return block, blocks, pull
}

// aligner finds heaviest chains. before and total describe, per segment, the
// best chain that ends in it.
type aligner struct {
	*layered
	value  []float64
	before []int
	total  []float64
	best   []int // Fenwick tree: last segment of the best chain up to a place
}

// below returns the heaviest chain of segments below a layer that grows
// strictly at both ends.
func (a *aligner) below(layer int) []int {
	a.best = a.best[:0]
	for range len(a.layers[layer+1]) + 1 {
		a.best = append(a.best, none)
	}
	for _, u := range a.layers[layer] {
		segments := a.down.of(u)
		for _, s := range segments {
			if v := a.segments[s].lower; a.allowed(s) {
				a.before[s] = a.bestUpTo(a.pos[v])
				a.total[s] = a.value[s] + a.totalOf(a.before[s])
			}
		}
		for _, s := range segments {
			if a.allowed(s) {
				a.offer(s)
			}
		}
	}
	var chosen []int
	for s := a.bestUpTo(len(a.best) - 1); s != none; s = a.before[s] {
		chosen = append(chosen, s)
	}
	return chosen
}

func (a *aligner) allowed(s int) bool {
	return a.value[s] > 0 && a.bordersDown[a.segments[s].upper] == a.bordersUp[a.segments[s].lower]
}

func (a *aligner) totalOf(s int) float64 {
	if s == none {
		return 0
	}
	return a.total[s]
}

// bestUpTo is the best chain that ends in the first n places.
func (a *aligner) bestUpTo(n int) int {
	best := none
	for i := n; i > 0; i -= i & -i {
		if a.totalOf(a.best[i]) > a.totalOf(best) {
			best = a.best[i]
		}
	}
	return best
}

func (a *aligner) offer(s int) {
	for i := a.pos[a.segments[s].lower] + 1; i < len(a.best); i += i & -i {
		if a.total[s] > a.totalOf(a.best[i]) {
			a.best[i] = s
		}
	}
}

// Values of straight segments, and pulls of those that are not straight.
const (
	insideValue = 16.0 // between bends of one edge
	branchValue = 4.0  // between nodes
	mainBonus   = 2.0  // of the longest branch, per end
	skipValue   = 1.0  // to a node that has a branch as well

	insidePull = 2.0
	branchPull = 1.0
	skipPull   = 0.02
)

// A side is what a node sees above or below it: branches, segments towards
// nodes that have no other neighbour on their side; and skips, the rest.
type side struct {
	branches, skips []int
}

// straightness values every segment. A node with one branch continues it; with
// two, the longer one, so that the main path of a residual block is straight;
// with more, or two alike, it stands over their middle, as a hand would draw
// an inception block.
func (l *layered) straightness() (value, pull []float64) {
	value, pull = make([]float64, len(l.segments)), make([]float64, len(l.segments))
	for s := range l.segments {
		pull[s] = branchPull
		if l.vertices[l.segments[s].upper].bend() && l.vertices[l.segments[s].lower].bend() {
			value[s], pull[s] = insideValue, insidePull
		}
	}
	up, down := l.nodesUp(), l.nodesDown()
	upwards := func(s int) int { return up[l.segments[s].upper] }
	downwards := func(s int) int { return down[l.segments[s].lower] }
	w := weigher{l, value, pull, make([]bool, len(l.segments))}
	for v := range l.vertices {
		if l.vertices[v].kind == nodeVertex {
			w.side(l.sideOf(v, true, downwards), downwards)
			w.side(l.sideOf(v, false, upwards), upwards)
		}
	}
	for s := range value {
		if w.barred[s] {
			value[s] = 0
		}
		value[s] *= l.segments[s].weight
		pull[s] *= l.segments[s].weight
	}
	return value, pull
}

type weigher struct {
	*layered
	value, pull []float64
	barred      []bool
}

func (w *weigher) side(d side, length func(s int) int) {
	for _, s := range d.skips {
		w.value[s] += skipValue
		w.pull[s] = min(w.pull[s], skipPull)
	}
	switch n := len(d.branches); {
	case n == 0:
	case n == 1:
		w.value[d.branches[0]] += branchValue
	case n == 2 && length(d.branches[0]) != length(d.branches[1]):
		long, short := d.branches[0], d.branches[1]
		if length(long) < length(short) {
			long, short = short, long
		}
		w.value[long] += branchValue + mainBonus
		w.value[short] += skipValue
		w.pull[short] = min(w.pull[short], skipPull)
	default:
		for i, s := range d.branches {
			w.barred[s] = w.barred[s] || n%2 == 0 || i != n/2
			w.value[s] += branchValue
		}
	}
}

// sideOf sorts the segments on one side of a node, from left to right.
func (l *layered) sideOf(v int, down bool, length func(s int) int) side {
	segments := l.up.of(v)
	if down {
		segments = l.down.of(v)
	}
	var d side
	for _, s := range segments {
		if l.branches(s, down) {
			d.branches = append(d.branches, s)
		} else {
			d.skips = append(d.skips, s)
		}
	}
	if len(d.branches) == 0 {
		d.promote(length)
	}
	slices.SortStableFunc(d.branches, func(s, t int) int {
		return l.pos[l.across(s, v)] - l.pos[l.across(t, v)]
	})
	return d
}

// promote makes the skip with the longest way on a branch.
func (d *side) promote(length func(s int) int) {
	best := 0
	for i, s := range d.skips {
		if length(s) > length(d.skips[best]) {
			best = i
		}
	}
	if len(d.skips) > 0 {
		d.branches = []int{d.skips[best]}
		d.skips = slices.Delete(d.skips, best, best+1)
	}
}

func (l *layered) across(s, v int) int { return l.segments[s].upper + l.segments[s].lower - v }

// branches tells whether a segment leads to a node that has no other neighbour
// on that side, directly or by a chain of bends.
func (l *layered) branches(s int, down bool) bool {
	if down {
		v := l.segments[s].lower
		if l.vertices[v].bend() {
			v = l.arcs[l.vertices[v].arc].to
		}
		return len(l.up.of(v)) == 1
	}
	v := l.segments[s].upper
	if l.vertices[v].bend() {
		v = l.arcs[l.vertices[v].arc].from
	}
	return len(l.down.of(v)) == 1
}

// nodesDown counts the nodes on the longest way down from each vertex, and
// nodesUp on the longest way up.
func (l *layered) nodesDown() []int {
	count := make([]int, len(l.vertices))
	for layer := len(l.layers) - 1; layer >= 0; layer-- {
		for _, v := range l.layers[layer] {
			for _, s := range l.down.of(v) {
				count[v] = max(count[v], count[l.segments[s].lower])
			}
			if l.vertices[v].kind == nodeVertex {
				count[v]++
			}
		}
	}
	return count
}

func (l *layered) nodesUp() []int {
	count := make([]int, len(l.vertices))
	for _, vertices := range l.layers {
		for _, v := range vertices {
			for _, s := range l.up.of(v) {
				count[v] = max(count[v], count[l.segments[s].upper])
			}
			if l.vertices[v].kind == nodeVertex {
				count[v]++
			}
		}
	}
	return count
}
