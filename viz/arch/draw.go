package arch

import (
	"context"
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A drawing collects boxes and edges before they are laid out.
type drawing struct {
	s     *network
	fig   *figure.Graph
	box   []int // by NodeID: the box that stands for the node, -1 for none
	group map[*module]int
	from  map[ir.ValueID]int // the box of each input
	// outputs are the boxes of the outputs.
	outputs []int
	lines   []line                // in the order in which they were found
	carried map[line][]ir.ValueID // the values that flow along them
	joined  int                   // operators that share a box with others
}

// draw makes boxes of the open modules' nodes and of the folded modules, and
// lays them out.
func draw(ctx context.Context, s *network, root *module, p Params) (*drawing, error) {
	d := &drawing{s: s, fig: &figure.Graph{}, box: make([]int, len(s.nodes)), group: map[*module]int{root: -1}, from: map[ir.ValueID]int{}, carried: map[line][]ir.ValueID{}}
	for i := range d.box {
		d.box[i] = -1
	}
	for _, v := range s.model.Net.Inputs {
		d.from[v] = d.port("input", v)
	}
	d.boxes(root)
	for _, v := range s.model.Net.Outputs {
		d.outputs = append(d.outputs, d.port("output", v))
	}
	d.edges()
	d.fig.Legend = legend(d.fig.Nodes)
	d.fig.Totals = totals(s)
	if d.joined > 0 {
		d.fig.Add("drawn together", fmt.Sprintf("%s operators, with the one that they follow; --max-nodes %d shows each", figure.Thousands(int64(d.joined)), s.operators))
	}
	return d, place(ctx, d.fig, p)
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
		case p.inner == nil && m.steps == nil:
			d.operator(p.at, d.group[m])
		case p.inner == nil:
			if ids := m.steps[p.at]; ids != nil {
				d.step(ids, d.group[m])
			}
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
		Path: m.path, Title: moduleWithin(m.path, d.path(parent)), Parent: parent, Facts: moduleFacts(d.s, m),
	})
	d.boxes(m)
}

func (d *drawing) operator(id ir.NodeID, group int) {
	n, f := &d.s.model.Net.Nodes[id], &d.s.nodes[id]
	d.box[id] = d.add(figure.GraphNode{
		ID: n.Name, Title: n.Op, Class: f.class, Group: group,
		Lines: d.text([]string{nodeWithin(n, d.path(group))}, id, f.sums), Facts: nodeFacts(d.s, id),
	})
}

func (d *drawing) folded(m *module, group int) {
	i := d.add(figure.GraphNode{
		ID: "module " + m.path, Title: moduleWithin(m.path, d.path(group)), Class: "group", Group: group, Fold: m.path,
		Lines: d.text([]string{fmt.Sprintf("%d operators", m.sums.nodes)}, m.last, m.sums), Facts: moduleFacts(d.s, m),
	})
	m.walk(func(inner *module) {
		for _, id := range inner.nodes {
			d.box[id] = i
		}
	})
}

// text says what a box is called, puts out, holds and costs.
func (d *drawing) text(names []string, last ir.NodeID, t sums) []string {
	lines := slices.DeleteFunc(names, func(s string) bool { return s == "" })
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

// path is that of an open module by its group.
func (d *drawing) path(group int) string {
	if group < 0 {
		return ""
	}
	return d.fig.Groups[group].Path
}

// legend lists the classes that occur, in the order in which legends have them.
func legend(nodes []figure.GraphNode) []string {
	var out []string
	for _, class := range figure.NodeClasses() {
		if slices.ContainsFunc(nodes, func(n figure.GraphNode) bool { return n.Class == class }) {
			out = append(out, class)
		}
	}
	return out
}
