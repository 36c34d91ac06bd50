package layout

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

const tolerance = 1e-6 // of coordinates around 1e3

// TestInvariants draws random graphs of every kind and checks what must hold
// for any drawing.
func TestInvariants(t *testing.T) {
	for seed := range uint64(150) {
		g, opt := randomGraph(seed)
		res, err := Layered(context.Background(), g, opt)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, problem := range problems(g, opt, res) {
			t.Errorf("seed %d: %s", seed, problem)
		}
		if seed%5 == 0 {
			if again, _ := Layered(context.Background(), g, opt); !reflect.DeepEqual(res, again) {
				t.Errorf("seed %d: two drawings differ", seed)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d: %d nodes, %d edges, %d groups", seed, len(g.Nodes), len(g.Edges), len(g.Groups))
		}
	}
}

// TestNetInvariants checks the same on graphs like networks.
func TestNetInvariants(t *testing.T) {
	for name, n := range map[string]*net{
		"resnet": resnet(2, 3), "inception": inception(3), "transformer": transformer(3), "unet": unet(4),
		"densenet": densenet(2, 5), "scattered": scattered(), "weights": weights(5),
		"diffusion": diffusion(2), "pyramid": pyramid(), "labelled": labelled(resnet(2, 1)),
	} {
		for _, dir := range []Direction{TopDown, LeftRight} {
			opt := Options{Direction: dir}
			res, err := Layered(context.Background(), n.Graph, opt)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range problems(n.Graph, opt, res) {
				t.Errorf("%s: %s", name, problem)
			}
			if name == "scattered" { // a module used again and again cannot be kept clear of
				continue
			}
			c := checker{g: n.Graph, opt: opt.withDefaults(), res: res}
			for i := range n.Edges {
				c.clearOfBoxes(i)
			}
			for _, problem := range c.found {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
}

func randomGraph(seed uint64) (Graph, Options) {
	r := rand.New(rand.NewPCG(seed, 7))
	var g Graph
	nodes, groups := 1+r.IntN(40), r.IntN(9)
	for i := range groups {
		gr := Group{Parent: r.IntN(i+1) - 1}
		if r.IntN(2) == 0 {
			gr.TitleW, gr.TitleH = r.Float64()*150, 14
		}
		g.Groups = append(g.Groups, gr)
	}
	for i := range nodes {
		n := Node{W: 10 + r.Float64()*90, H: 10 + r.Float64()*40, Group: r.IntN(groups+1) - 1}
		if seed%3 == 0 && groups > 0 { // as in models: neighbours are in one group
			n.Group = i*(groups+1)/nodes - 1
		}
		if r.IntN(12) == 0 {
			n.W, n.H = n.W*4, n.H*5
		}
		g.Nodes = append(g.Nodes, n)
	}
	for range r.IntN(2 * nodes) {
		e := Edge{From: r.IntN(nodes), To: r.IntN(nodes), Port: r.IntN(2)}
		if seed%2 == 0 { // without cycles
			e.From, e.To = min(e.From, e.To), max(e.From, e.To)
		}
		if r.IntN(8) == 0 {
			e.LabelW, e.LabelH = 60*r.Float64(), 15
		}
		if r.IntN(8) == 0 {
			e.Weight = 5 * r.Float64()
		}
		g.Edges = append(g.Edges, e)
	}
	opt := Options{Direction: Direction(r.IntN(2))}
	if r.IntN(2) == 0 {
		opt = Options{opt.Direction, 5 + r.Float64()*20, 10 + r.Float64()*40, 3 + r.Float64()*10, r.Float64() * 20}
	}
	return g, opt
}

// problems lists what is wrong with a drawing.
func problems(g Graph, opt Options, res Result) []string {
	c := checker{g: g, opt: opt.withDefaults(), res: res}
	c.sizes()
	c.nodes()
	c.groups()
	for i := range g.Edges {
		c.edge(i)
	}
	return c.found
}

type checker struct {
	g     Graph
	opt   Options
	res   Result
	found []string
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

func (c *checker) node(i int) Rect {
	n, p := c.g.Nodes[i], c.res.Nodes[i]
	return Rect{p.X - n.W/2, p.Y - n.H/2, n.W, n.H}
}

func (r Rect) contains(s Rect, pad float64) bool {
	pad -= tolerance
	return s.X-r.X >= pad && s.Y-r.Y >= pad && r.X+r.W-s.X-s.W >= pad && r.Y+r.H-s.Y-s.H >= pad
}

// apart tells whether boxes are at least a distance apart in one direction.
func (r Rect) apart(s Rect, gap float64) bool {
	gap -= tolerance
	return s.X-r.X-r.W >= gap || r.X-s.X-s.W >= gap || s.Y-r.Y-r.H >= gap || r.Y-s.Y-s.H >= gap
}

func (c *checker) sizes() {
	all := Rect{0, 0, c.res.W, c.res.H}
	if !finite(c.res.W) || !finite(c.res.H) {
		c.report("size %v x %v", c.res.W, c.res.H)
	}
	for i := range c.g.Nodes {
		if !all.contains(c.node(i), 0) {
			c.report("node %d at %v is outside the drawing", i, c.node(i))
		}
	}
	for i, e := range c.res.Edges {
		for _, p := range e.Points {
			if !all.contains(Rect{p.X, p.Y, 0, 0}, -20) { // loops' control points lie outside
				c.report("edge %d leaves the drawing at %v", i, p)
			}
		}
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (c *checker) nodes() {
	gap := min(c.opt.NodeGap, c.opt.LayerGap)
	for i := range c.g.Nodes {
		for j := range i {
			if !c.node(i).apart(c.node(j), gap) {
				c.report("nodes %d %v and %d %v are too close", i, c.node(i), j, c.node(j))
			}
		}
	}
}

// inside tells whether group g is or is inside group outer.
func (c *checker) inside(g, outer int) bool {
	for ; g != None; g = c.g.Groups[g].Parent {
		if g == outer {
			return true
		}
	}
	return false
}

func (c *checker) groups() {
	for i, gr := range c.g.Groups {
		box := c.res.Groups[i]
		if box.W < gr.TitleW-tolerance || box.H < gr.TitleH-tolerance {
			c.report("group %d %v has no room for its title", i, box)
		}
		for v, n := range c.g.Nodes {
			member := c.inside(n.Group, i)
			room := box
			room.Y += gr.TitleH
			room.H -= gr.TitleH
			if member && !room.contains(c.node(v), c.opt.GroupPad) {
				c.report("group %d %v does not contain node %d %v", i, box, v, c.node(v))
			}
			if !member && !box.apart(c.node(v), 0) {
				c.report("group %d %v overlaps foreign node %d %v", i, box, v, c.node(v))
			}
		}
		for j := range i {
			other := c.res.Groups[j]
			switch {
			case c.inside(i, j):
				if !other.contains(box, c.opt.GroupPad) {
					c.report("group %d %v is not inside %d %v", i, box, j, other)
				}
			case !c.inside(j, i) && !box.apart(other, 0):
				c.report("groups %d %v and %d %v overlap", i, box, j, other)
			}
		}
	}
}

// edge checks that an edge joins the borders of its nodes, runs one way, and
// passes over no node.
func (c *checker) edge(i int) {
	e, path := c.g.Edges[i], c.res.Edges[i]
	points := path.Points
	if len(points) < 4 || len(points)%3 != 1 {
		c.report("edge %d has %d points", i, len(points))
		return
	}
	if !onBorder(c.node(e.From), points[0]) || !onBorder(c.node(e.To), points[len(points)-1]) {
		c.report("edge %d from %v to %v does not join its nodes", i, points[0], points[len(points)-1])
	}
	if e.From != e.To {
		c.direction(i)
	}
	for at := 0; at+3 < len(points); at += 3 {
		for step := range 21 {
			p := bezier(points[at:at+4], float64(step)/20)
			for v := range c.g.Nodes {
				if c.node(v).contains(Rect{p.X, p.Y, 0, 0}, 1e-3) {
					c.report("edge %d passes over node %d at %v", i, v, p)
					return
				}
			}
		}
	}
	if e.LabelW > 0 {
		label := Rect{path.Label.X - e.LabelW/2, path.Label.Y - e.LabelH/2, e.LabelW, e.LabelH}
		for v := range c.g.Nodes {
			if !label.apart(c.node(v), 0) {
				c.report("the label %v of edge %d is over node %d %v", label, i, v, c.node(v))
			}
		}
	}
}

// clearOfBoxes checks that an edge passes over no box that holds neither end.
func (c *checker) clearOfBoxes(i int) {
	e, points := c.g.Edges[i], c.res.Edges[i].Points
	for g, box := range c.res.Groups {
		if c.inside(c.g.Nodes[e.From].Group, g) || c.inside(c.g.Nodes[e.To].Group, g) {
			continue
		}
		for at := 0; at+3 < len(points); at += 3 {
			for step := range 21 {
				p := bezier(points[at:at+4], float64(step)/20)
				if box.contains(Rect{p.X, p.Y, 0, 0}, 1e-3) {
					c.report("edge %d passes over group %d at %v", i, g, p)
					return
				}
			}
		}
	}
}

func (c *checker) direction(i int) {
	points := c.res.Edges[i].Points
	for j := 1; j < len(points); j++ {
		d := points[j].Y - points[j-1].Y
		if c.opt.Direction == LeftRight {
			d = points[j].X - points[j-1].X
		}
		if c.res.Edges[i].Reversed {
			d = -d
		}
		if d < -tolerance {
			c.report("edge %d turns back at %v", i, points[j])
		}
	}
}

func onBorder(r Rect, p Point) bool {
	return r.contains(Rect{p.X, p.Y, 0, 0}, 0) && !r.contains(Rect{p.X, p.Y, 0, 0}, 1e-3)
}

func bezier(p []Point, t float64) Point {
	s := 1 - t
	a, b, c, d := s*s*s, 3*s*s*t, 3*s*t*t, t*t*t
	return Point{a*p[0].X + b*p[1].X + c*p[2].X + d*p[3].X, a*p[0].Y + b*p[1].Y + c*p[2].Y + d*p[3].Y}
}
