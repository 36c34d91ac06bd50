package layout

import (
	"context"
	"math/rand/v2"
	"testing"
)

// ordered takes a connected graph up to the order of its layers.
func ordered(t testing.TB, g Graph) *layered {
	t.Helper()
	parts := split(g, Options{}.withDefaults())
	if len(parts) != 1 {
		t.Fatalf("%d parts", len(parts))
	}
	p := parts[0]
	p.orient()
	ranks, err := p.rank(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.layer(ranks)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.order(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

func flat(nodes int, edges ...[2]int) Graph {
	var g Graph
	for range nodes {
		g.Nodes = append(g.Nodes, Node{30, 20, None})
	}
	for _, e := range edges {
		g.Edges = append(g.Edges, Edge{From: e[0], To: e[1]})
	}
	return g
}

// complete is the graph in which every one of m nodes feeds every one of n.
func complete(m, n int) Graph {
	g := flat(m + n)
	for i := range m {
		for j := range n {
			g.Edges = append(g.Edges, Edge{From: i, To: m + j})
		}
	}
	return g
}

// TestKnownCrossings checks counts that are known: two layers of K(m,n) cross
// C(m,2)·C(n,2) times in any order, and planar ones need not at all.
func TestKnownCrossings(t *testing.T) {
	tree := flat(31)
	for v := 1; v < 31; v++ {
		tree.Edges = append(tree.Edges, Edge{From: (v - 1) / 2, To: v})
	}
	for _, c := range []struct {
		name string
		g    Graph
		want int
	}{
		{"a chain", flat(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 3}), 0},
		{"K(2,2)", complete(2, 2), 1},
		{"K(3,3)", complete(3, 3), 9},
		{"K(4,5)", complete(4, 5), 60},
		{"a binary tree", tree, 0},
		{"a twisted pair", flat(6, [2]int{0, 3}, [2]int{0, 4}, [2]int{1, 2}, [2]int{1, 5}, [2]int{2, 5}, [2]int{3, 5}, [2]int{4, 5}), 0},
		{"a cube", flat(8, [2]int{0, 1}, [2]int{0, 2}, [2]int{0, 4}, [2]int{1, 3}, [2]int{2, 3}, [2]int{1, 5}, [2]int{4, 5},
			[2]int{2, 6}, [2]int{4, 6}, [2]int{3, 7}, [2]int{5, 7}, [2]int{6, 7}), 2},
		{"resnet", resnet(2, 2, 2).Graph, 0},
		{"inception", inception(4).Graph, 0},
		{"unet", unet(5).Graph, 0},
	} {
		l := ordered(t, c.g)
		counter := newCounter(l)
		if got := counter.crossings(); got != c.want {
			t.Errorf("%s: %d crossings, want %d", c.name, got, c.want)
		}
	}
}

// TestCounter compares with counting all pairs.
func TestCounter(t *testing.T) {
	for seed := range uint64(40) {
		g, _ := randomGraph(2 * seed)
		for i := range g.Nodes {
			g.Nodes[i].Group = None
			g.Edges = append(g.Edges, Edge{From: 0, To: i})
		}
		g.Groups = nil
		l := ordered(t, g)
		want := 0
		for i, a := range l.segments {
			for _, b := range l.segments[:i] {
				if l.vertices[a.upper].layer == l.vertices[b.upper].layer &&
					(l.pos[a.upper]-l.pos[b.upper])*(l.pos[a.lower]-l.pos[b.lower]) < 0 {
					want++
				}
			}
		}
		counter := newCounter(l)
		if got := counter.crossings(); got != want {
			t.Fatalf("seed %d: %d crossings, want %d", seed, got, want)
		}
	}
}

// TestNearLeastCrossings compares with the least over all orders of two layers
// of five. The heuristic may miss it now and then, not often.
func TestNearLeastCrossings(t *testing.T) {
	const n = 5
	sum, least := 0, 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 5))
		g := flat(2 * n)
		var links [n][n]bool
		for range 12 {
			links[r.IntN(n)][r.IntN(n)] = true
		}
		for i := range n { // connected
			links[i][i], links[i][(i+1)%n] = true, true
		}
		for i := range n {
			for j := range n {
				if links[i][j] {
					g.Edges = append(g.Edges, Edge{From: i, To: n + j})
				}
			}
		}
		counter := newCounter(ordered(t, g))
		sum += counter.crossings()
		least += leastCrossings(links)
	}
	if float64(sum) > 1.03*float64(least) {
		t.Errorf("%d crossings, the least is %d", sum, least)
	}
}

func leastCrossings(links [5][5]bool) int {
	best := 1 << 30
	for _, upper := range permutations(5) {
		for _, lower := range permutations(5) {
			n := 0
			for a := range upper {
				for b := range a {
					for c := range lower {
						for d := range c {
							// a is right of b, c right of d: a-d and b-c cross
							if links[upper[a]][lower[d]] && links[upper[b]][lower[c]] {
								n++
							}
						}
					}
				}
			}
			best = min(best, n)
		}
	}
	return best
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for at := 0; at <= len(p); at++ {
			q := append(append(append([]int{}, p[:at]...), n-1), p[at:]...)
			all = append(all, q)
		}
	}
	return all
}

// TestExchangeSaving checks the saving that exchange expects of each swap
// against counting again, on graphs with groups.
func TestExchangeSaving(t *testing.T) {
	swaps := 0
	for seed := range uint64(30) {
		g, _ := randomGraph(3 * seed)
		if len(g.Groups) > len(g.Nodes) {
			continue
		}
		for i := range g.Nodes {
			g.Edges = append(g.Edges, Edge{From: 0, To: i})
		}
		for i := range g.Groups { // one level: borders inside an item are not weighed
			g.Groups[i].Parent = None
			v := i % len(g.Nodes)
			g.Nodes[v].Group = i
			g.Edges = append(g.Edges, Edge{From: 0, To: v})
		}
		l := ordered(t, g)
		s := newSweeper(l)
		x := exchanger{layered: l}
		for layer := range l.layers {
			children := l.cells[l.cellAt(0, layer)].children
			for i := 0; i+1 < len(children); i++ {
				if !x.adjacent(children[i], children[i+1]) {
					continue
				}
				before, saving := s.crossings(), x.saving()
				x.swap()
				for again := range l.layers {
					l.number(again)
				}
				if got := before - s.crossings(); got != saving {
					t.Fatalf("seed %d: swap saves %d, expected %d", seed, got, saving)
				}
				swaps++
			}
		}
	}
	if swaps < 100 {
		t.Errorf("only %d swaps", swaps)
	}
}
