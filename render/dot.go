package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// writeDOT writes a graph in Graphviz's language, with clusters for groups.
// The places of boxes are left to Graphviz.
func writeDOT(w io.Writer, fig figure.Figure, opt Options) error {
	g := fig.(*figure.Graph)
	out := bufio.NewWriter(w)
	d := newDOTWriter(out, g, opt.Theme)
	d.writeHead()
	d.writeMembers(-1, 1)
	for i := range g.Groups { // those whose parents go in a circle
		d.writeGroup(i, 1)
	}
	for _, e := range g.Edges {
		if hasNode(g, e.From) && hasNode(g, e.To) {
			fmt.Fprintf(d, "  n%d -> n%d [label=%s];\n", e.From, e.To, quote(e.Label))
		}
	}
	fmt.Fprintln(d, "}")
	return out.Flush()
}

type dotWriter struct {
	*bufio.Writer
	g       *figure.Graph
	theme   Theme
	nodes   map[int][]int // in each group, -1 being the top
	groups  map[int][]int
	written []bool // of the groups
}

func newDOTWriter(out *bufio.Writer, g *figure.Graph, theme Theme) *dotWriter {
	d := &dotWriter{out, g, theme, map[int][]int{}, map[int][]int{}, make([]bool, len(g.Groups))}
	for i, n := range g.Nodes {
		d.nodes[d.known(n.Group)] = append(d.nodes[d.known(n.Group)], i)
	}
	for i, s := range g.Groups {
		d.groups[d.known(s.Parent)] = append(d.groups[d.known(s.Parent)], i)
	}
	return d
}

func hasNode(g *figure.Graph, node int) bool { return node >= 0 && node < len(g.Nodes) }

func (d *dotWriter) writeHead() {
	fmt.Fprintf(d, "digraph %s {\n", quote(d.g.Title))
	fmt.Fprintf(d, "  graph [rankdir=TB, bgcolor=%s, fontname=\"Helvetica\", fontsize=11, fontcolor=%s, label=%s, labelloc=t];\n",
		quote(paper.in(d.theme)), quote(text.in(d.theme)), quote(d.g.Title))
	fmt.Fprintf(d, "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11, fontcolor=%s];\n", quote(text.in(d.theme)))
	fmt.Fprintf(d, "  edge [fontname=\"Helvetica\", fontsize=9, color=%s, fontcolor=%s];\n", quote(edge.in(d.theme)), quote(faint.in(d.theme)))
}

// writeMembers writes the nodes of a group and the groups in it.
func (d *dotWriter) writeMembers(group, depth int) {
	for _, i := range d.nodes[group] {
		n := &d.g.Nodes[i]
		fill, line := classInks(n.Class)
		label := strings.Join(append([]string{n.Title}, n.Lines...), "\n")
		fmt.Fprintf(d, "%sn%d [label=%s, fillcolor=%s, color=%s, tooltip=%s];\n", strings.Repeat("  ", min(depth, 40)),
			i, quote(label), quote(fill.in(d.theme)), quote(line.in(d.theme)), quote(n.ID))
	}
	for _, i := range d.groups[group] {
		d.writeGroup(i, depth)
	}
}

// writeGroup writes a group as a cluster, once.
func (d *dotWriter) writeGroup(i, depth int) {
	if d.written[i] {
		return
	}
	d.written[i] = true
	pad := strings.Repeat("  ", min(depth, 40))
	fmt.Fprintf(d, "%ssubgraph cluster_%d {\n%s  label=%s; style=rounded; color=%s;\n",
		pad, i, pad, quote(d.g.Groups[i].Title), quote(groupLine.in(d.theme)))
	d.writeMembers(i, depth+1)
	fmt.Fprintln(d, pad+"}")
}

// known returns a group's index, -1 if there is no such group.
func (d *dotWriter) known(group int) int {
	if group < 0 || group >= len(d.g.Groups) {
		return -1
	}
	return group
}

var dotEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// quote writes a quoted string of DOT, a line break for each line.
func quote(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = middle(clean(lines[i]), 200)
	}
	return `"` + dotEscaper.Replace(strings.Join(lines, "\n")) + `"`
}
