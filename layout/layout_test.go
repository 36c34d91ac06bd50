package layout

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

func draw(t *testing.T, g Graph, opt Options) Result {
	t.Helper()
	res, err := Layered(t.Context(), g, opt)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestEmpty(t *testing.T) {
	for name, g := range map[string]Graph{
		"nothing":         {},
		"a node":          {Nodes: []Node{{W: 10, H: 5, Group: None}}},
		"a point":         {Nodes: []Node{{Group: None}}},
		"an empty group":  {Groups: []Group{{Parent: None, TitleW: 50, TitleH: 10}}},
		"nested nothing":  {Groups: []Group{{Parent: 1}, {Parent: None}, {Parent: 0}}},
		"points in touch": {Nodes: []Node{{Group: None}, {Group: None}}, Edges: []Edge{{From: 0, To: 1}, {From: 0, To: 0}}},
	} {
		for _, problem := range problems(g, Options{}, draw(t, g, Options{})) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func TestRefusals(t *testing.T) {
	node := []Node{{W: 1, H: 1, Group: None}}
	deep := make([]Group, deepest+2)
	for i := range deep {
		deep[i].Parent = i - 1
	}
	for _, c := range []struct {
		g    Graph
		opt  Options
		want string
	}{
		{Graph{Nodes: []Node{{Group: 3}}}, Options{}, "node 0 is in group 3, but there are 0 groups"},
		{Graph{Nodes: []Node{{Group: -2}}}, Options{}, "node 0 is in group -2"},
		{Graph{Nodes: node, Edges: []Edge{{From: 0, To: 1}}}, Options{}, "edge 0 joins nodes 0 and 1, but there are 1 nodes"},
		{Graph{Nodes: node, Edges: []Edge{{From: -1}}}, Options{}, "edge 0 joins nodes -1 and 0"},
		{Graph{Nodes: []Node{{W: math.NaN(), Group: None}}}, Options{}, "node 0: NaN"},
		{Graph{Nodes: []Node{{H: -1, Group: None}}}, Options{}, "node 0: -1"},
		{Graph{Nodes: []Node{{W: math.Inf(1), Group: None}}}, Options{}, "node 0: +Inf"},
		{Graph{Nodes: node, Edges: []Edge{{Weight: math.Inf(1)}}}, Options{}, "edge 0: +Inf"},
		{Graph{Groups: []Group{{Parent: 0}}}, Options{}, "group 0 is inside itself"},
		{Graph{Groups: []Group{{Parent: 1}, {Parent: 2}, {Parent: 1}}}, Options{}, "is inside itself"},
		{Graph{Groups: []Group{{Parent: 5}}}, Options{}, "group 0 is in group 5, but there are 1 groups"},
		{Graph{Groups: []Group{{Parent: None, TitleW: -3}}}, Options{}, "group 0: -3"},
		{Graph{Groups: deep}, Options{}, "more than 256 groups deep"},
		{Graph{}, Options{NodeGap: -1}, "options: -1"},
		{Graph{}, Options{Direction: 7}, "unknown direction 7"},
	} {
		_, err := Layered(t.Context(), c.g, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Layered(ctx, resnet(2, 2).Graph, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// countdown is cancelled when it has been asked a number of times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancelledAnywhere cancels at many of the points at which the context is
// asked.
func TestCancelledAnywhere(t *testing.T) {
	g := scattered().Graph
	for after := 0; ; after += 1 + after/4 {
		ctx := &countdown{t.Context(), after}
		_, err := Layered(ctx, g, Options{})
		if err == nil {
			if after < 10 {
				t.Errorf("asked %d times only", after)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

// TestResidual checks that the main path is one vertical line and every skip
// edge swings out beside it.
func TestResidual(t *testing.T) {
	n := resnet(2, 3, 2)
	res := draw(t, n.Graph, Options{})
	main := res.Nodes[0].X
	for v, p := range res.Nodes {
		beside := strings.HasSuffix(n.path(v), "downsample")
		if !beside && p.X != main {
			t.Errorf("%s %q is at %v, the main path at %v", n.path(v), n.names[v], p.X, main)
		}
	}
	for i, e := range n.Edges {
		if e.To == e.From+1 && res.Nodes[e.From].X == res.Nodes[e.To].X && bends(res.Edges[i]) > 0 {
			t.Errorf("edge %d of the main path is not straight: %v", i, res.Edges[i].Points)
		}
		skip := n.names[e.To] == "+" && n.path(e.From) != n.path(e.To) && !strings.HasSuffix(n.path(e.From), "downsample")
		if skip && bends(res.Edges[i]) != 2 {
			t.Errorf("skip edge %d has %d bends, want 2: %v", i, bends(res.Edges[i]), res.Edges[i].Points)
		}
	}
}

// path is the dotted path of the group of a node.
func (n *net) path(v int) string {
	path := ""
	for g := n.Nodes[v].Group; g != None; g = n.Groups[g].Parent {
		path = n.titles[g] + "." + path
	}
	return strings.TrimSuffix(path, ".")
}

// bends counts the pieces of a path that move sideways.
func bends(p Path) int {
	n := 0
	for i := 3; i < len(p.Points); i += 3 {
		if p.Points[i].X != p.Points[i-3].X {
			n++
		}
	}
	return n
}

// TestFan checks that parallel branches stay in the order of the input and
// that what splits and joins them stands over their middle.
func TestFan(t *testing.T) {
	n := inception(3)
	res := draw(t, n.Graph, Options{})
	for v := range n.Nodes {
		var heads []float64
		for _, e := range n.Edges {
			if e.From == v && strings.Contains(n.path(e.To), "branch") && !strings.Contains(n.path(v), "branch") {
				heads = append(heads, res.Nodes[e.To].X)
			}
		}
		if len(heads) == 0 {
			continue
		}
		mean := 0.0
		for i, x := range heads {
			mean += x / float64(len(heads))
			if i > 0 && x < heads[i-1] {
				t.Errorf("branches of %q stand at %v", n.names[v], heads)
			}
		}
		if math.Abs(mean-res.Nodes[v].X) > 1 {
			t.Errorf("%q at %v is not over the middle %v of its branches", n.names[v], res.Nodes[v].X, mean)
		}
	}
}

// TestPorts checks that long edges of one port share a line, and those of
// another do not.
func TestPorts(t *testing.T) {
	g := flat(6, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 3}, [2]int{3, 4}, [2]int{4, 5}, [2]int{0, 3}, [2]int{0, 4}, [2]int{0, 5})
	g.Edges[7].Port = 1
	res := draw(t, g, Options{})
	start := func(e int) Point { return res.Edges[e].Points[0] }
	if start(5) != start(6) || res.Edges[5].Points[3] != res.Edges[6].Points[3] {
		t.Errorf("edges of one port part at once: %v, %v", res.Edges[5].Points, res.Edges[6].Points)
	}
	if start(6) == start(7) {
		t.Errorf("edges of two ports start at one point %v", start(6))
	}
}

// TestDirection checks that both directions draw the same but for the axes.
func TestDirection(t *testing.T) {
	g := flat(4, [2]int{0, 1}, [2]int{0, 2}, [2]int{1, 3}, [2]int{2, 3})
	for i := range g.Nodes {
		g.Nodes[i].W, g.Nodes[i].H = 20, 20
	}
	down, right := draw(t, g, Options{}), draw(t, g, Options{Direction: LeftRight})
	right.transpose()
	for v := range g.Nodes {
		if down.Nodes[v] != right.Nodes[v] {
			t.Errorf("node %d at %v and %v", v, down.Nodes[v], right.Nodes[v])
		}
	}
}

// TestReversed checks that just the edge that closes a loop is turned round.
func TestReversed(t *testing.T) {
	g := flat(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 1}, [2]int{2, 3})
	for i, p := range draw(t, g, Options{}).Edges {
		if p.Reversed != (i == 2) {
			t.Errorf("edge %d reversed: %v", i, p.Reversed)
		}
	}
}

// TestStacked checks that groups follow each other where edges only go one
// way, though one of them has a branch that ends late.
func TestStacked(t *testing.T) {
	n := newNet()
	a := n.op("a", "first")
	late := a
	for range 6 {
		late = n.op("late", "first", late)
	}
	n.op("b", "second", a)
	res := draw(t, n.Graph, Options{})
	if first, second := res.Groups[0], res.Groups[1]; first.Y+first.H > second.Y {
		t.Errorf("second %v is not below first %v", second, first)
	}
}

// TestLoose checks that what has no edges is arranged in a block and not in one
// row.
func TestLoose(t *testing.T) {
	res := draw(t, weights(8).Graph, Options{})
	if aspect := res.W / res.H; aspect < 0.5 || aspect > 4 {
		t.Errorf("%v wide and %v high", res.W, res.H)
	}
	res = draw(t, flat(100), Options{})
	if aspect := res.W / res.H; aspect < 0.5 || aspect > 4 {
		t.Errorf("%v wide and %v high", res.W, res.H)
	}
}

// TestFarEdges draws more bends than the budget has, so that the longest edges
// go round the outside.
func TestFarEdges(t *testing.T) {
	const nodes, extra = 2_500, 120
	g := flat(nodes)
	for v := 1; v < nodes; v++ {
		g.Edges = append(g.Edges, Edge{From: v - 1, To: v})
	}
	for i := range extra {
		g.Edges = append(g.Edges, Edge{From: i * 3, To: nodes - 1 - i*2, LabelW: float64(i % 2 * 30), LabelH: 10})
	}
	res := draw(t, g, Options{})
	c := checker{g: g, opt: Options{}.withDefaults(), res: res}
	far := 0
	for i := nodes - 1; i < len(g.Edges); i++ {
		c.edge(i)
		if res.Edges[i].Points[0].X == res.Nodes[g.Edges[i].From].X {
			far++ // its port is the centre, where else the chain goes on
		}
	}
	for _, problem := range c.found {
		t.Error(problem)
	}
	if far < 10 || far == extra {
		t.Errorf("%d of %d edges go round the outside", far, extra)
	}
}

// TestLarge draws what is larger and more tangled than any model.
func TestLarge(t *testing.T) {
	g, opt := tangle(1_500, 2_000, 100)
	c := checker{g: g, opt: opt, res: draw(t, g, opt)}
	c.sizes()
	c.nodes()
	c.groups()
	for _, problem := range c.found {
		t.Error(problem)
	}
}
