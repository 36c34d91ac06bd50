package layout

import "slices"

// Values of straight segments, and pulls of those that are not straight.
const (
	insideValue = 16.0 // between bends of one edge
	branchValue = 4.0  // between nodes
	mainBonus   = 4.0  // of the longest branch, per end, and far from where ways begin or end
	skipValue   = 1.0  // to a node that has a branch as well

	insidePull = 2.0
	branchPull = 1.0
	leafPull   = 0.2 // also of branches that are short beside others
	longPull   = 0.1 // of the end of a long edge
	skipPull   = 0.02
)

// weigher says which segments should be straight. A node with one branch
// continues it; with two, the longer one, so that the main path of a residual
// block is straight; with more, or two alike, it stands over their middle, as
// a hand would draw an inception block. Constants and the like stand beside.
type weigher struct {
	*layered
	nodesUp, nodesDown []int     // on the longest way up and down from a vertex
	leaf               []bool    // nodes with one segment
	fromUp, fromDown   []int     // segments of a node on a side, but for those of leaves
	value              []float64 // of a segment as a straight line
	pull               []float64 // of a segment that is none
	barred             []bool    // segments that must not be straight
}

func (l *layered) newWeigher() *weigher {
	m := len(l.segments)
	w := &weigher{layered: l, nodesUp: l.countUp(), nodesDown: l.countDown(), leaf: l.leaves(),
		value: make([]float64, m), pull: make([]float64, m), barred: make([]bool, m)}
	w.fromUp, w.fromDown = w.comers(false), w.comers(true)
	for s, seg := range l.segments {
		w.pull[s] = branchPull
		if l.vertices[seg.upper].bend() && l.vertices[seg.lower].bend() {
			w.value[s], w.pull[s] = insideValue, insidePull
		}
	}
	for v := range l.vertices {
		if l.vertices[v].kind == nodeVertex {
			w.weigh(v, true)
			w.weigh(v, false)
		}
	}
	for s, seg := range l.segments {
		if w.barred[s] {
			w.value[s] = 0
		} else if w.value[s] >= 2*branchValue {
			w.value[s] += mainBonus * (1 - 1/float64(min(w.nodesUp[seg.upper], w.nodesDown[seg.lower])))
		}
		w.value[s] *= seg.weight
		w.pull[s] *= seg.weight
	}
	return w
}

// weigh adds what a node thinks of the segments below it, or above.
func (w *weigher) weigh(v int, down bool) {
	f := w.fan(v, down)
	for _, s := range f.skips {
		w.value[s] += skipValue
		w.pull[s] = min(w.pull[s], skipPull)
	}
	for _, s := range f.leaves {
		w.barred[s] = true
		w.pull[s] = min(w.pull[s], leafPull)
	}
	switch n := len(f.branches); {
	case n == 0:
	case n == 1:
		s := f.branches[0]
		w.value[s] += branchValue
		if w.vertices[w.across(s, v)].bend() {
			w.pull[s] = min(w.pull[s], longPull)
		}
	case n == 2 && w.length(f.branches[0], down) != w.length(f.branches[1], down):
		long, short := f.branches[0], f.branches[1]
		if w.length(long, down) < w.length(short, down) {
			long, short = short, long
		}
		w.value[long] += branchValue + mainBonus
		w.value[short] += skipValue
		w.pull[short] = min(w.pull[short], skipPull)
	default:
		for i, s := range f.branches {
			w.barred[s] = w.barred[s] || n%2 == 0 || i != n/2
			w.value[s] += branchValue
		}
	}
}

// length counts the nodes on the longest way on from a segment.
func (w *weigher) length(s int, down bool) int {
	if down {
		return w.nodesDown[w.segments[s].lower]
	}
	return w.nodesUp[w.segments[s].upper]
}

// A fan is what a node sees above or below it: branches, to nodes for which it
// is the only one that counts on their other side; skips, to others; leaves, to
// nodes that go nowhere else.
type fan struct{ branches, skips, leaves []int }

// fan sorts the segments on one side of a node, branches from left to right.
// Where no branches are, there still is one.
func (w *weigher) fan(v int, down bool) fan {
	segments, back := w.up.of(v), w.fromDown
	if down {
		segments, back = w.down.of(v), w.fromUp
	}
	var f fan
	for _, s := range segments {
		switch end := w.endOf(s, down); {
		case w.leaf[end]:
			f.leaves = append(f.leaves, s)
		case back[end] == 1:
			f.branches = append(f.branches, s)
		default:
			f.skips = append(f.skips, s)
		}
	}
	if len(f.branches) == 0 && len(f.skips) > 0 {
		w.promote(&f, down)
	}
	if len(f.branches) > 2 {
		w.demote(&f, down)
	}
	if len(f.branches) == 0 {
		f.branches, f.leaves = f.leaves, nil
	}
	slices.SortStableFunc(f.branches, func(s, t int) int {
		return w.pos[w.across(s, v)] - w.pos[w.across(t, v)]
	})
	return f
}

// promote makes the skip with the longest way on a branch.
func (w *weigher) promote(f *fan, down bool) {
	best := 0
	for i, s := range f.skips {
		if w.length(s, down) > w.length(f.skips[best], down) {
			best = i
		}
	}
	f.branches = []int{f.skips[best]}
	f.skips = slices.Delete(f.skips, best, best+1)
}

// demote counts branches less than half as long as the longest among the
// leaves: what they bring is beside the main path.
func (w *weigher) demote(f *fan, down bool) {
	longest := 0
	for _, s := range f.branches {
		longest = max(longest, w.length(s, down))
	}
	f.branches = slices.DeleteFunc(f.branches, func(s int) bool {
		short := 2*w.length(s, down) < longest
		if short {
			f.leaves = append(f.leaves, s)
		}
		return short
	})
}

// endOf is the node at the end of the edge that a segment belongs to.
func (w *weigher) endOf(s int, down bool) int {
	if down {
		v := w.segments[s].lower
		if w.vertices[v].bend() {
			v = w.arcs[w.vertices[v].arc].to
		}
		return v
	}
	v := w.segments[s].upper
	if w.vertices[v].bend() {
		v = w.arcs[w.vertices[v].arc].from
	}
	return v
}

// comers counts for every node the segments below or above it, but for those
// of leaves.
func (w *weigher) comers(down bool) []int {
	count := make([]int, len(w.nodes))
	for v := range count {
		segments := w.up.of(v)
		if down {
			segments = w.down.of(v)
		}
		for _, s := range segments {
			if !w.leaf[w.endOf(s, down)] {
				count[v]++
			}
		}
	}
	return count
}

func (l *layered) across(s, v int) int { return l.segments[s].upper + l.segments[s].lower - v }

func (l *layered) leaves() []bool {
	leaf := make([]bool, len(l.vertices))
	for v := range leaf {
		leaf[v] = len(l.up.of(v))+len(l.down.of(v)) == 1
	}
	return leaf
}

// countDown counts the nodes on the longest way down from each vertex, itself
// included, and countUp on the longest way up.
func (l *layered) countDown() []int {
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

func (l *layered) countUp() []int {
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
