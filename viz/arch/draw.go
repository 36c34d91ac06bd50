package arch

import (
	"context"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/layout"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A drawing collects boxes and edges before they are laid out.
type drawing struct {
	s     *network
	fig   *figure.Graph
	box   []int // by NodeID: the box that stands for the node, -1 for none
	group map[*module]int
	from  map[ir.ValueID]int // the box that makes a value
}

// draw makes boxes of the open modules' nodes and of the folded modules, and
// lays them out.
func draw(ctx context.Context, s *network, root *module, p Params) (*figure.Graph, error) {
	d := &drawing{s: s, fig: &figure.Graph{}, box: make([]int, len(s.nodes)), group: map[*module]int{root: -1}, from: map[ir.ValueID]int{}}
	for i := range d.box {
		d.box[i] = -1
	}
	d.inputs()
	d.boxes(root)
	d.outputs()
	d.edges()
	d.fig.Legend = legend(d.fig.Nodes)
	d.fig.Totals = totals(s)
	return d.fig, place(ctx, d.fig, p)
}

// boxes adds what an open module holds, in the order of computation.
func (d *drawing) boxes(m *module) {
	type part struct {
		at    ir.NodeID
		inner *module
	}
	var parts []part
	for _, id := range m.nodes {
		parts = append(parts, part{at: id})
	}
	for _, c := range m.children {
		parts = append(parts, part{c.first, c})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return int(a.at - b.at) })
	for _, p := range parts {
		switch {
		case p.inner == nil:
			d.operator(p.at, d.group[m])
		case p.inner.open:
			d.openModule(p.inner, d.group[m])
		default:
			d.folded(p.inner, d.group[m])
		}
	}
}

func (d *drawing) openModule(m *module, parent int) {
	d.group[m] = len(d.fig.Groups)
	d.fig.Groups = append(d.fig.Groups, figure.GraphGroup{
		Path: m.path, Title: m.path, Parent: parent, Facts: moduleFacts(d.s, m),
	})
	d.boxes(m)
}

func (d *drawing) operator(id ir.NodeID, group int) {
	n, f := &d.s.model.Net.Nodes[id], &d.s.nodes[id]
	d.box[id] = d.add(figure.GraphNode{
		ID: n.Name, Title: n.Op, Class: f.class, Group: group,
		Lines: d.lines(shorten(n.Name), id, f.sums), Facts: nodeFacts(d.s, id),
	})
}

func (d *drawing) folded(m *module, group int) {
	i := d.add(figure.GraphNode{
		ID: "module " + m.path, Title: m.name, Class: "group", Group: group, Fold: m.path,
		Lines: d.lines(fmt.Sprintf("%d operators", m.sums.nodes), m.last, m.sums), Facts: moduleFacts(d.s, m),
	})
	m.walk(func(inner *module) {
		for _, id := range inner.nodes {
			d.box[id] = i
		}
	})
}

// lines says what a box is called, puts out, holds and costs.
func (d *drawing) lines(name string, last ir.NodeID, t sums) []string {
	lines := []string{name}
	if out := d.s.model.Net.Nodes[last].Output(0); out != ir.None && d.s.model.Types[out].Shape != nil {
		lines = append(lines, d.s.model.Types[out].Shape.String())
	}
	cost := ""
	if t.params > 0 {
		cost = countText(t.params) + " params"
	}
	if t.macs > 0 {
		if cost != "" {
			cost += " · "
		}
		cost += countText(t.macs) + " MACs"
	}
	if cost != "" {
		lines = append(lines, cost)
	}
	return lines
}

func (d *drawing) inputs() {
	for _, v := range d.s.model.Net.Inputs {
		d.from[v] = d.port("input", v)
	}
}

// outputs adds a box for each output; its edge comes from what makes it.
func (d *drawing) outputs() {
	for _, v := range d.s.model.Net.Outputs {
		to := d.port("output", v)
		if from := d.source(v); from >= 0 {
			d.edge(from, to, v)
		}
	}
}

func (d *drawing) port(class string, v ir.ValueID) int {
	value := &d.s.model.Net.Values[v]
	return d.add(figure.GraphNode{
		ID: class + " " + value.Name, Title: value.Name, Class: class, Group: -1,
		Lines: []string{d.s.model.Types[v].Shape.String()}, Facts: valueFacts(d.s, v),
	})
}

func (d *drawing) add(n figure.GraphNode) int {
	if n.Title == "" {
		n.Title = n.Class
	}
	d.fig.Nodes = append(d.fig.Nodes, n)
	return len(d.fig.Nodes) - 1
}

// source returns the box that a value comes from, -1 for constants.
func (d *drawing) source(v ir.ValueID) int {
	if i, ok := d.from[v]; ok {
		return i
	}
	if p := d.s.model.Net.Values[v].Producer; p != ir.None {
		return d.box[p]
	}
	return -1
}

// edges draws every value once between two boxes, and none inside a box.
func (d *drawing) edges() {
	type line struct {
		from, to int
		value    ir.ValueID
	}
	drawn := map[line]bool{}
	for i := range d.s.model.Net.Nodes {
		to := d.box[i]
		if to < 0 {
			continue
		}
		for _, v := range d.s.model.Net.Nodes[i].Reads() {
			l := line{d.source(v), to, v}
			if l.from >= 0 && l.from != to && !drawn[l] {
				drawn[l] = true
				d.edge(l.from, to, v)
			}
		}
	}
}

func (d *drawing) edge(from, to int, v ir.ValueID) {
	name := d.s.model.Net.Values[v].Name + " " + d.s.model.Types[v].Shape.String()
	d.fig.Edges = append(d.fig.Edges, figure.GraphEdge{From: from, To: to, Value: name})
}

// place lays the boxes out and writes where everything is.
func place(ctx context.Context, fig *figure.Graph, p Params) error {
	g := layout.Graph{}
	for i := range fig.Nodes {
		n := &fig.Nodes[i]
		n.W, n.H = figure.NodeSize(n.Title, n.Lines)
		g.Nodes = append(g.Nodes, layout.Node{W: n.W, H: n.H, Group: n.Group})
	}
	for _, e := range fig.Edges {
		g.Edges = append(g.Edges, layout.Edge{From: e.From, To: e.To})
	}
	for _, gr := range fig.Groups {
		width := figure.TextWidth(gr.Title, figure.GroupTitleSize, true) + 2*figure.NodePadX
		g.Groups = append(g.Groups, layout.Group{Parent: gr.Parent, TitleW: width, TitleH: figure.GroupTitleLine})
	}
	opt := layout.Options{}
	if p.Direction == "left-right" {
		opt.Direction = layout.LeftRight
	}
	r, err := layout.Layered(ctx, g, opt)
	if err != nil {
		return err
	}
	fig.W, fig.H = r.W, r.H
	for i, c := range r.Nodes {
		n := &fig.Nodes[i]
		n.X, n.Y = c.X-n.W/2, c.Y-n.H/2
	}
	for i, path := range r.Edges {
		fig.Edges[i].Back = path.Reversed
		for _, pt := range path.Points {
			fig.Edges[i].Path = append(fig.Edges[i].Path, [2]float64{pt.X, pt.Y})
		}
	}
	for i, box := range r.Groups {
		fig.Groups[i].Box = figure.Box{X: box.X, Y: box.Y, W: box.W, H: box.H}
	}
	return nil
}

// classOrder is the order of the legend.
var classOrder = []string{"input", "conv", "linear", "norm", "activation", "pool", "attention", "embedding", "recurrent", "math", "shape", "control", "group", "unknown", "output"}

func legend(nodes []figure.GraphNode) []string {
	var out []string
	for _, class := range classOrder {
		if slices.ContainsFunc(nodes, func(n figure.GraphNode) bool { return n.Class == class }) {
			out = append(out, class)
		}
	}
	return out
}

// shorten cuts the middle out of a long name; its end tells nodes apart.
func shorten(name string) string {
	const most = 34
	r := []rune(name)
	if len(r) <= most {
		return name
	}
	return string(r[:8]) + "…" + string(r[len(r)-most+9:])
}
