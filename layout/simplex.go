package layout

import (
	"context"
	"errors"
	"math"
)

// A span asks for rank[head]-rank[tail] >= least, and costs weight times
// that difference.
type span struct {
	tail, head, least, weight int
}

// simplex finds ranks of least total cost by the network simplex method
// (Gansner, Koutsofios, North, Vo 1993, section 2). Its ranks satisfy all
// spans at any moment, so that it can stop when its budget of work is used up.
// Spans have to connect all nodes.
//
// A spanning tree of tight spans defines the ranks. Each node keeps its parent
// in the tree and, for the subtree below it, the node count and the surplus:
// the weights of the spans that leave the subtree minus those that enter. Were
// the span to the parent cut, shifting the subtree would change the cost by
// its surplus per rank, which is Gansner's cut value up to the sign.
type simplex struct {
	spans   []span
	out, in lists
	rank    []int

	parent  []int   // node, -1 for the root
	link    []int   // span to the parent
	tree    [][]int // spans in the tree, by node
	count   []int
	surplus []int

	mark  []int // stamp of the last visit
	stamp int
	side  []int // the nodes of the smaller side of a cut
	work  int   // spans looked at
}

// minimise returns ranks from 0 upwards. budget bounds the spans looked at.
func minimise(ctx context.Context, n int, spans []span, budget int) ([]int, error) {
	s := &simplex{spans: spans}
	s.out = incidence(n, len(spans), func(i int) int { return spans[i].tail })
	s.in = incidence(n, len(spans), func(i int) int { return spans[i].head })
	topological, err := s.longestPath(n)
	if err != nil {
		return nil, err
	}
	s.tighten(topological)
	if err := s.improve(ctx, budget); err != nil {
		return nil, err
	}
	s.balance(topological)
	lowest := math.MaxInt
	for _, r := range s.rank {
		lowest = min(lowest, r)
	}
	for v := range s.rank {
		s.rank[v] -= lowest
	}
	return s.rank, nil
}

// longestPath gives every node the least rank that its predecessors allow,
// and returns the nodes in topological order.
func (s *simplex) longestPath(n int) ([]int, error) {
	s.rank = make([]int, n)
	missing := make([]int, n)
	order := make([]int, 0, n)
	for v := 0; v < n; v++ {
		missing[v] = len(s.in.of(v))
		if missing[v] == 0 {
			order = append(order, v)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, e := range s.out.of(order[i]) {
			sp := s.spans[e]
			s.rank[sp.head] = max(s.rank[sp.head], s.rank[sp.tail]+sp.least)
			if missing[sp.head]--; missing[sp.head] == 0 {
				order = append(order, sp.head)
			}
		}
	}
	if len(order) < n {
		return nil, errors.New("layout: ranks ask for a cycle (this is a bug)")
	}
	return order, nil
}

// pull is what a node's spans pay per rank it moves down: less if negative.
func (s *simplex) pull(v int) int {
	sum := 0
	for _, e := range s.in.of(v) {
		sum += s.spans[e].weight
	}
	for _, e := range s.out.of(v) {
		sum -= s.spans[e].weight
	}
	return sum
}

// tighten moves nodes that hang more on their successors down to them.
func (s *simplex) tighten(topological []int) {
	for i := len(topological) - 1; i >= 0; i-- {
		v := topological[i]
		if s.pull(v) >= 0 {
			continue
		}
		s.rank[v] = s.lowest(v)
	}
}

// near is how many ranks a node goes up to begin a parallel branch.
const near = 8

// balance chooses among equally good ranks. A node that could be anywhere on a
// long way goes down to those that it feeds, since all that leave one node
// share a line; then those close to what feeds them go up there, so that
// parallel branches begin side by side.
func (s *simplex) balance(topological []int) {
	for i := len(topological) - 1; i >= 0; i-- {
		if v := topological[i]; s.free(v) {
			s.rank[v] = s.lowest(v)
		}
	}
	for _, v := range topological {
		if up := s.highest(v); s.free(v) && s.rank[v]-up <= near {
			s.rank[v] = up
		}
	}
}

// free tells whether v has neighbours on both sides that pull alike.
func (s *simplex) free(v int) bool {
	return len(s.in.of(v)) > 0 && len(s.out.of(v)) > 0 && s.pull(v) == 0
}

// highest and lowest are the ranks that the neighbours of v allow.
func (s *simplex) highest(v int) int {
	up := math.MinInt
	for _, e := range s.in.of(v) {
		up = max(up, s.rank[s.spans[e].tail]+s.spans[e].least)
	}
	return up
}

func (s *simplex) lowest(v int) int {
	down := math.MaxInt
	for _, e := range s.out.of(v) {
		down = min(down, s.rank[s.spans[e].head]-s.spans[e].least)
	}
	return down
}

func (s *simplex) slack(e int) int {
	sp := s.spans[e]
	return s.rank[sp.head] - s.rank[sp.tail] - sp.least
}

// improve exchanges tree spans until no cut would lower the cost.
func (s *simplex) improve(ctx context.Context, budget int) error {
	n := len(s.rank)
	if n < 2 {
		return nil
	}
	if budget < len(s.spans) {
		return ctx.Err() // not even the tree is worth building
	}
	s.grow()
	s.hang()
	for from, pivots := 0, 0; s.work < budget; pivots++ {
		if pivots%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		v := s.leaving(from)
		if v < 0 {
			break
		}
		s.exchange(v)
		from = v + 1
	}
	return nil
}

// gain is how much the cost falls per rank when the subtree of v moves away
// from its parent.
func (s *simplex) gain(v int) int {
	if s.parent[v] < 0 {
		return 0
	}
	if s.spans[s.link[v]].tail == v {
		return -s.surplus[v]
	}
	return s.surplus[v]
}

// leaving finds the node whose link to its parent should be cut: the best of
// the first few found, going round from the given node.
func (s *simplex) leaving(from int) int {
	const enough = 20
	best, bestGain, found := -1, 0, 0
	n := len(s.rank)
	for i := 0; i < n && found < enough; i++ {
		v := (from + i) % n
		s.work++
		if g := s.gain(v); g > 0 {
			found++
			if g > bestGain {
				best, bestGain = v, g
			}
		}
	}
	return best
}

// exchange cuts v from its parent, shifts one side until another span gets
// tight, and hangs the subtree of v on that.
func (s *simplex) exchange(v int) {
	cut := s.link[v]
	up := s.spans[cut].tail == v // the subtree of v moves up, away from its parent
	below := 2*s.count[v] <= len(s.rank)
	if below {
		s.collect(v, s.parent[v])
	} else {
		s.collect(s.parent[v], v)
		up = !up
	}
	entering, shift := s.entering(up)
	if up {
		shift = -shift
	}
	for _, u := range s.side {
		s.rank[u] += shift
	}
	s.rehang(v, entering, below)
}

// collect puts into side what the tree connects to v without passing barred.
func (s *simplex) collect(v, barred int) {
	s.stamp++
	s.side = append(s.side[:0], v)
	s.mark[v] = s.stamp
	for i := 0; i < len(s.side); i++ {
		u := s.side[i]
		for _, e := range s.tree[u] {
			w := s.other(e, u)
			if s.mark[w] == s.stamp || i == 0 && w == barred {
				continue
			}
			s.mark[w] = s.stamp
			s.side = append(s.side, w)
		}
	}
}

// entering finds the span between the two sides that gets tight first when
// side moves up or down, and how far that is.
func (s *simplex) entering(up bool) (best, shift int) {
	best, shift = -1, math.MaxInt
	for _, u := range s.side {
		list := s.out.of(u)
		if up {
			list = s.in.of(u)
		}
		s.work += len(list) + 1
		for _, e := range list {
			other := s.other(e, u)
			if s.mark[other] == s.stamp {
				continue
			}
			if d := s.slack(e); d < shift || d == shift && e < best {
				best, shift = e, d
			}
		}
	}
	return best, shift
}
