package arch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A line goes from box to box.
type line struct{ from, to int }

// edges joins the boxes that data flows between, and none with itself. One line
// stands for all values that go the same way.
func (d *drawing) edges() {
	for i := range d.s.model.Net.Nodes {
		if to := d.box[i]; to >= 0 {
			for _, v := range d.s.model.Net.Nodes[i].Reads() {
				d.connect(v, to)
			}
		}
	}
	for i, v := range d.s.model.Net.Outputs {
		d.connect(v, d.outputs[i])
	}
	for _, l := range d.lines {
		d.fig.Edges = append(d.fig.Edges, d.edge(l, d.carried[l]))
	}
}

func (d *drawing) connect(v ir.ValueID, to int) {
	v = d.s.origin(v)
	l := line{d.source(v), to}
	if l.from < 0 || l.from == to {
		return
	}
	if d.carried[l] == nil {
		d.lines = append(d.lines, l)
	}
	if !slices.Contains(d.carried[l], v) {
		d.carried[l] = append(d.carried[l], v)
	}
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

func (d *drawing) edge(l line, values []ir.ValueID) figure.GraphEdge {
	var texts []string
	for _, v := range values[:min(len(values), 5)] {
		texts = append(texts, d.s.model.Net.Values[v].Name+" "+d.s.model.Types[v].Shape.String())
	}
	e := figure.GraphEdge{From: l.from, To: l.to, Value: strings.Join(texts, ", ")}
	if n := len(values); n > 1 {
		e.Label = fmt.Sprintf("%d values", n)
		if n > len(texts) {
			e.Value += fmt.Sprintf(" and %d more", n-len(texts))
		}
	}
	return e
}
