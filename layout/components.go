package layout

// strongComponents numbers the strongly connected components (Tarjan 1972) of
// n nodes and gives their sizes.
func strongComponents(n int, arcs [][2]int) (component, size []int) {
	out := incidence(n, len(arcs), func(i int) int { return arcs[i][0] })
	component = make([]int, n)
	index, low := make([]int, n), make([]int, n) // 0: not seen
	onStack := make([]bool, n)
	var stack []int
	type step struct{ node, next int }
	var path []step
	seen := 0
	enter := func(v int) {
		seen++
		index[v], low[v] = seen, seen
		stack = append(stack, v)
		onStack[v] = true
		path = append(path, step{node: v})
	}
	closeAt := func(v int) {
		count := 0
		for {
			w := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			onStack[w] = false
			component[w] = len(size)
			count++
			if w == v {
				size = append(size, count)
				return
			}
		}
	}
	for root := 0; root < n; root++ {
		if index[root] > 0 {
			continue
		}
		enter(root)
		for len(path) > 0 {
			top := &path[len(path)-1]
			v := top.node
			if list := out.of(v); top.next < len(list) {
				w := arcs[list[top.next]][1]
				top.next++
				if index[w] == 0 {
					enter(w)
				} else if onStack[w] {
					low[v] = min(low[v], index[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				u := path[len(path)-1].node
				low[u] = min(low[u], low[v])
			}
			if low[v] == index[v] {
				closeAt(v)
			}
		}
	}
	return component, size
}
