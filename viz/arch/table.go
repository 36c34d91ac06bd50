package arch

import (
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
)

// tabulate writes the tree of modules as rows, in the order of computation:
// layer, operator, what it puts out, what it holds and costs, and what feeds
// it. Keras's summary has the same columns.
func tabulate(s *network, root *module) *figure.Table {
	t := &figure.Table{
		Columns: []figure.Column{
			{Name: "layer"}, {Name: "operator"}, {Name: "output"},
			{Name: "parameters", Number: true}, {Name: "MACs", Number: true}, {Name: "connected to"},
		},
		Totals: totals(s),
	}
	r := &rows{s: s, table: t}
	for _, v := range s.model.Net.Inputs {
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{
			figure.Text(s.model.Net.Values[v].Name), figure.Text("input"), figure.Text(s.model.Types[v].Shape.String()),
			{}, {}, {},
		}})
	}
	r.add(root, 0)
	return t
}

type rows struct {
	s     *network
	table *figure.Table
}

func (r *rows) add(m *module, depth int) {
	inner := slices.Clone(m.children)
	nodes := slices.Clone(m.nodes)
	slices.Sort(nodes)
	slices.SortFunc(inner, func(a, b *module) int { return int(a.first - b.first) })
	for len(nodes) > 0 || len(inner) > 0 {
		if len(inner) == 0 || len(nodes) > 0 && nodes[0] < inner[0].first {
			r.node(nodes[0], depth)
			nodes = nodes[1:]
			continue
		}
		r.module(inner[0], depth)
		r.add(inner[0], depth+1)
		inner = inner[1:]
	}
}

func (r *rows) node(id ir.NodeID, depth int) {
	n := &r.s.model.Net.Nodes[id]
	r.row(figure.Row{Depth: depth}, n.Name, n.Op, id, r.s.nodes[id].sums, list(r.feeds(n), 3))
}

func (r *rows) module(m *module, depth int) {
	r.row(figure.Row{Depth: depth, Group: true}, m.path, "", m.last, m.sums, "")
}

func (r *rows) row(row figure.Row, name, op string, last ir.NodeID, t sums, from string) {
	shape := ""
	if v := r.s.model.Net.Nodes[last].Output(0); v != ir.None {
		shape = r.s.model.Types[v].Shape.String()
	}
	row.Cells = []figure.Cell{
		figure.Text(name), figure.Text(op), figure.Text(shape),
		count(t.params), count(t.macs), figure.Text(from),
	}
	r.table.Rows = append(r.table.Rows, row)
}

// count leaves nothing blank, so that what counts stands out.
func count(n int64) figure.Cell {
	if n == 0 {
		return figure.Cell{}
	}
	return figure.Count(n)
}

// feeds names the shown nodes and inputs that a node reads from, looking
// through what is hidden.
func (r *rows) feeds(n *ir.Node) []string {
	var names []string
	for _, v := range n.Reads() {
		v = r.s.origin(v)
		value := &r.s.model.Net.Values[v]
		switch {
		case value.Const != nil || value.Missing != "":
		case value.Producer == ir.None:
			names = append(names, value.Name)
		case !r.s.nodes[value.Producer].hidden:
			names = append(names, r.s.model.Net.Nodes[value.Producer].Name)
		}
	}
	return slices.Compact(names)
}
