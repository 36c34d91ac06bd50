package layout

// align chooses the segments to draw as straight vertical lines and joins
// their ends into blocks: columns of vertices that share one centre line. In
// each gap between layers it takes the set of greatest value in which no two
// segments cross or share an end, and none crosses a group's border, so that
// blocks and groups keep one order from left to right.
func (l *layered) align(value []float64) (block []int, blocks int) {
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
	return block, blocks
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
