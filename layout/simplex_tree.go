package layout

// grow builds a spanning tree of tight spans as Prim's algorithm does,
// shifting the whole tree until the nearest span out of it is tight. While it
// grows, ranks inside are kept relative to offset, so that a shift is free.
func (s *simplex) grow() {
	n := len(s.rank)
	s.tree = make([][]int, n)
	s.mark = make([]int, n)
	inside := make([]bool, n)
	offset := 0
	var down, up heap // spans that leave the tree at their head, at their tail
	add := func(v int) {
		inside[v] = true
		s.rank[v] -= offset
		for _, e := range s.out.of(v) {
			if h := s.spans[e].head; !inside[h] {
				down.push(float64(s.rank[h]-s.rank[v]-s.spans[e].least), e)
			}
		}
		for _, e := range s.in.of(v) {
			if t := s.spans[e].tail; !inside[t] {
				up.push(float64(s.rank[v]-s.rank[t]-s.spans[e].least), e)
			}
		}
	}
	add(0)
	for joined := 1; joined < n; joined++ {
		s.dropInner(&down, inside)
		s.dropInner(&up, inside)
		var next entry
		if len(up) == 0 || len(down) > 0 && down[0].key-float64(offset) <= up[0].key+float64(offset) {
			next = down.pop()
			offset = int(next.key)
		} else {
			next = up.pop()
			offset = -int(next.key)
		}
		sp := s.spans[next.item]
		s.tree[sp.tail] = append(s.tree[sp.tail], next.item)
		s.tree[sp.head] = append(s.tree[sp.head], next.item)
		if inside[sp.tail] {
			add(sp.head)
		} else {
			add(sp.tail)
		}
	}
	for v := range s.rank {
		s.rank[v] += offset
	}
}

// dropInner drops from the top of h the spans that are inside the tree by now.
func (s *simplex) dropInner(h *heap, inside []bool) {
	for len(*h) > 0 {
		sp := s.spans[(*h)[0].item]
		if !inside[sp.tail] || !inside[sp.head] {
			return
		}
		h.pop()
	}
}

// hang roots the tree at node 0 and sums up its subtrees.
func (s *simplex) hang() {
	n := len(s.rank)
	s.parent, s.link = make([]int, n), make([]int, n)
	s.count, s.surplus = make([]int, n), make([]int, n)
	order := make([]int, 1, n) // parents first
	s.parent[0], s.link[0] = -1, -1
	for i := 0; i < len(order); i++ {
		v := order[i]
		s.count[v], s.surplus[v] = 1, -s.pull(v)
		for _, e := range s.tree[v] {
			if e == s.link[v] {
				continue
			}
			w := s.other(e, v)
			s.parent[w], s.link[w] = v, e
			order = append(order, w)
		}
	}
	for i := n - 1; i > 0; i-- {
		v := order[i]
		s.count[s.parent[v]] += s.count[v]
		s.surplus[s.parent[v]] += s.surplus[v]
	}
}

// rehang moves the subtree of v from its parent to the other end of the span
// entering, turning round the parents on the way. inside tells whether the
// marked nodes are the subtree or all the rest.
func (s *simplex) rehang(v, entering int, inside bool) {
	q, p := s.spans[entering].tail, s.spans[entering].head
	if (s.mark[q] == s.stamp) != inside {
		q, p = p, q
	}
	count, surplus := s.count[v], s.surplus[v]
	top := s.meet(s.parent[v], p)
	for a := s.parent[v]; a != top; a = s.parent[a] {
		s.count[a] -= count
		s.surplus[a] -= surplus
	}
	for a := p; a != top; a = s.parent[a] {
		s.count[a] += count
		s.surplus[a] += surplus
	}
	s.unlink(s.link[v])
	s.tree[q] = append(s.tree[q], entering)
	s.tree[p] = append(s.tree[p], entering)

	parent, link := p, entering
	lostCount, lostSurplus := 0, 0 // what hung below on the way from q
	for u := q; ; {
		up, upLink := s.parent[u], s.link[u]
		oldCount, oldSurplus := s.count[u], s.surplus[u]
		s.count[u], s.surplus[u] = count-lostCount, surplus-lostSurplus
		s.parent[u], s.link[u] = parent, link
		if u == v {
			return
		}
		lostCount, lostSurplus = oldCount, oldSurplus
		parent, link, u = u, upLink, up
	}
}

// meet is the nearest node above both, found by climbing from both in turn.
func (s *simplex) meet(a, b int) int {
	s.stamp++
	for {
		s.work++
		if a >= 0 {
			if s.mark[a] == s.stamp {
				return a
			}
			s.mark[a] = s.stamp
			a = s.parent[a]
		}
		a, b = b, a
	}
}

// unlink removes a span from the tree.
func (s *simplex) unlink(e int) {
	for _, v := range [2]int{s.spans[e].tail, s.spans[e].head} {
		list := s.tree[v]
		for i, f := range list {
			if f == e {
				list[i] = list[len(list)-1]
				s.tree[v] = list[:len(list)-1]
				break
			}
		}
	}
}

func (s *simplex) other(e, v int) int { return s.spans[e].tail + s.spans[e].head - v }
