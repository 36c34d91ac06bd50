package layout

// spinePull holds together where parallel branches part and where they meet.
const spinePull = 4.0

// spine pairs every node where branches part with the node where they have all
// met again, its immediate postdominator. Held in one line, these keep a chain
// of unequal modules from drifting sideways.
func (w *weigher) spine() [][2]int {
	after := w.postdominators()
	var pairs [][2]int
	for v := range w.nodes {
		c := after[v]
		if c < len(w.nodes) && len(w.fan(v, true).branches) > 1 && len(w.fan(c, false).branches) > 1 {
			pairs = append(pairs, [2]int{v, c})
		}
	}
	return pairs
}

// postdominators gives for every node the first that all ways down from it
// pass, or len(nodes) if there is none (Cooper, Harvey, Kennedy 2001; layers
// make one pass from the bottom up enough).
func (l *layered) postdominators() []int {
	n := len(l.nodes)
	after, depth := make([]int, n+1), make([]int, n+1)
	meet := func(a, b int) int {
		for a != b {
			if depth[a] < depth[b] {
				a, b = b, a
			}
			a = after[a]
		}
		return a
	}
	out := incidence(n, len(l.arcs), func(i int) int { return l.arcs[i].from })
	for layer := len(l.layers) - 1; layer >= 0; layer-- {
		for _, v := range l.layers[layer] {
			if l.vertices[v].kind != nodeVertex {
				continue
			}
			after[v] = n
			for i, a := range out.of(v) {
				if to := l.arcs[a].to; i == 0 {
					after[v] = to
				} else {
					after[v] = meet(after[v], to)
				}
			}
			depth[v] = depth[after[v]] + 1
		}
	}
	return after
}
