package layout

// orient turns round the arcs that close cycles, so that no cycle is left:
// those that lead a depth-first search back to a node it is still inside.
// Searching from the sources first, and in the order of the input, breaks a
// loop where a reader of the model would say that it goes back.
func (p *part) orient() {
	out := incidence(len(p.nodes), len(p.arcs), func(a int) int { return p.arcs[a].from })
	indegree := make([]int, len(p.nodes))
	for _, a := range p.arcs {
		indegree[a.to]++
	}
	s := search{part: p, out: out, state: make([]visit, len(p.nodes))}
	for v := range p.nodes {
		if indegree[v] == 0 {
			s.from(v)
		}
	}
	for v := range p.nodes {
		s.from(v)
	}
	for i := range p.arcs {
		if a := &p.arcs[i]; a.flipped {
			a.from, a.to = a.to, a.from
		}
	}
}

type visit byte

const (
	unseen visit = iota
	open
	done
)

type search struct {
	*part
	out   lists
	state []visit
}

func (s *search) from(root int) {
	if s.state[root] != unseen {
		return
	}
	type step struct{ node, next int }
	stack := []step{{node: root}}
	s.state[root] = open
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		arcs := s.out.of(top.node)
		if top.next == len(arcs) {
			s.state[top.node] = done
			stack = stack[:len(stack)-1]
			continue
		}
		a := &s.arcs[arcs[top.next]]
		top.next++
		switch s.state[a.to] {
		case open:
			a.flipped = true
		case unseen:
			s.state[a.to] = open
			stack = append(stack, step{node: a.to})
		}
	}
}

// lists holds one list of indices per node in two flat slices.
type lists struct{ start, items []int }

func (l lists) of(v int) []int { return l.items[l.start[v]:l.start[v+1]] }

// incidence files each of m items under the node that at gives for it.
func incidence(n, m int, at func(item int) int) lists {
	l := lists{start: make([]int, n+1), items: make([]int, m)}
	for i := 0; i < m; i++ {
		l.start[at(i)+1]++
	}
	for v := 0; v < n; v++ {
		l.start[v+1] += l.start[v]
	}
	next := append([]int(nil), l.start[:n]...)
	for i := 0; i < m; i++ {
		v := at(i)
		l.items[next[v]] = i
		next[v]++
	}
	return l
}
