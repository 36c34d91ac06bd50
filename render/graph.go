package render

import (
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

var (
	nodeTitleFont  = lettering{size: figure.NodeTitleSize, bold: true, ink: text, align: center}
	nodeLineFont   = lettering{size: figure.NodeLineSize, ink: soft, align: center}
	groupTitleFont = lettering{size: figure.GroupTitleSize, bold: true, ink: soft}
	edgeLabelFont  = lettering{size: figure.EdgeLabelSize, ink: faint, align: center}
	legendFont     = lettering{size: factSize, ink: soft}
)

const (
	narrowest  = 420.0 // so that title and legend have room
	widestText = 900.0 // lines longer than this are hard to read
	arrow      = 6.5   // length of an arrowhead
)

// graphDrawing is a graph below its title, totals and legend.
type graphDrawing struct {
	*figure.Graph
	caption *caption
	totals  flow
	legend  []legendEntry
	legendH float64
	inner   float64 // width without margins
	x, y    float64 // where the graph's own coordinates begin
	depths  []int   // of the groups
}

type legendEntry struct {
	x, y  float64
	class string
	label string
}

func layOutGraph(g *figure.Graph) drawing {
	inner := max(length(g.W), narrowest)
	d := &graphDrawing{Graph: g, inner: inner, depths: groupDepths(g.Groups)}
	textWidth := min(inner, widestText)
	d.caption = layOutCaption(&g.About, textWidth)
	d.totals = flow{width: textWidth}
	d.totals.addFactsIn(g.Totals, totalNameFont, sumFont)
	d.layOutLegend(textWidth)
	d.x = margin + max(0, (d.inner-length(d.W))/2)
	d.y = margin + d.head()
	return d
}

// length brings a size into the range that can be drawn.
func length(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1e6)
}

func (d *graphDrawing) layOutLegend(width float64) {
	x, y := 0.0, 0.0
	for _, class := range d.Legend[:min(len(d.Legend), 40)] {
		label := legendFont.fit(class, 160)
		w := 16 + legendFont.width(label)
		if x > 0 && x+w > width {
			x, y = 0, y+18
		}
		d.legend = append(d.legend, legendEntry{x, y, class, label})
		x += w + 14
	}
	if len(d.legend) > 0 {
		d.legendH = y + 24
	}
	if d.Scale != nil {
		d.legendH += heatLegendH
	}
}

// head is the height of all above the graph.
func (d *graphDrawing) head() float64 {
	h := d.caption.above() + d.legendH
	if n := d.totals.height(); n > 0 {
		h += n + 8
	}
	return h + 6
}

func (d *graphDrawing) size() (w, h float64) {
	return d.inner + 2*margin, 2*margin + d.head() + length(d.H) + d.caption.below()
}

func (d *graphDrawing) draw(c canvas) {
	y := margin
	d.caption.drawAbove(c, margin, y)
	y += d.caption.above()
	if n := d.totals.height(); n > 0 {
		d.totals.draw(c, margin, y)
		y += n + 8
	}
	for _, e := range d.legend {
		fill, line := classInks(e.class)
		c.rect(figure.Box{X: margin + e.x, Y: y + e.y, W: 11, H: 11}, 3, paint{fill: fill, line: line, width: 1.2})
		c.text(margin+e.x+16, y+e.y+9.5, e.label, legendFont)
	}
	d.drawHeatLegend(c, y+d.legendH-heatLegendH)
	c.begin(group{class: "graph", index: -1})
	d.drawGraph(c)
	c.end()
	d.caption.drawBelow(c, margin, d.y+length(d.H))
}

func (d *graphDrawing) drawGraph(c canvas) {
	for _, i := range d.outerFirst() {
		d.drawGroup(c, i)
	}
	for i := range d.Edges {
		d.drawEdge(c, i)
	}
	for i := range d.Nodes {
		d.drawNode(c, i)
	}
	for i := range d.Edges {
		d.drawEdgeLabel(c, &d.Edges[i])
	}
}

// groupDepths counts how deep each group lies; those with parents that make
// no sense lie at the top.
func groupDepths(groups []figure.GraphGroup) []int {
	depths := make([]int, len(groups))
	for i := range groups {
		for p := groups[i].Parent; p >= 0 && p < len(groups) && depths[i] < 100; p = groups[p].Parent {
			depths[i]++
		}
	}
	return depths
}

func (d *graphDrawing) outerFirst() []int {
	order := make([]int, len(d.Groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return d.depths[a] - d.depths[b] })
	return order
}

// ground is the colour behind what lies in a group.
func (d *graphDrawing) ground(group int) ink {
	switch {
	case group < 0 || group >= len(d.Groups):
		return paper
	case d.depths[group]%2 == 1:
		return groupFillOdd
	}
	return groupFill
}

func (d *graphDrawing) place(b figure.Box) figure.Box {
	return figure.Box{X: finite(b.X) + d.x, Y: finite(b.Y) + d.y, W: length(b.W), H: length(b.H)}
}

// finite returns 0 for coordinates that no page has.
func finite(v float64) float64 {
	if !(math.Abs(v) <= 1e6) {
		return 0
	}
	return v
}

func (d *graphDrawing) drawGroup(c canvas, i int) {
	g := &d.Groups[i]
	b := d.place(g.Box)
	c.begin(group{class: "group", index: i, title: tooltip(g.Path, g.Facts)})
	c.rect(b, 9, paint{fill: d.ground(i), line: groupLine, width: 1})
	c.text(b.X+9, b.Y+14, groupTitleFont.fit(g.Title, b.W-18), groupTitleFont)
	c.end()
}

func (d *graphDrawing) drawNode(c canvas, i int) {
	n := &d.Nodes[i]
	b := d.place(n.Box)
	c.begin(group{class: "node", index: i, title: tooltip(n.ID, n.Facts)})
	d.drawBox(c, b, n)
	d.drawNodeText(c, b, n)
	c.end()
}

func (d *graphDrawing) drawBox(c canvas, b figure.Box, n *figure.GraphNode) {
	fill, line := classInks(n.Class)
	p := paint{fill: fill, line: line, width: 1.25}
	radius := 6.0
	switch n.Class {
	case "input", "output":
		radius = min(b.H/2, 14)
	case "unknown":
		p.dashed = true
	}
	if n.Fold != "" { // a stack, downwards, where no arrows end
		for _, off := range []float64{6, 3} {
			back := figure.Box{X: b.X + off, Y: b.Y + off, W: b.W, H: b.H}
			c.rect(back, radius, p)
		}
	}
	if d.heatColors(n) != nil {
		d.drawHeat(c, b, n)
		p.fill, radius = none, 0
	}
	c.rect(b, radius, p)
}

// drawNodeText centres title and lines in a box, in smaller letters if the box
// is too low for them.
func (d *graphDrawing) drawNodeText(c canvas, b figure.Box, n *figure.GraphNode) {
	lines := n.Lines[:min(len(n.Lines), 40)]
	need := figure.NodeTitleLine + float64(len(lines))*figure.NodeLineHeight
	k := min(1, max(b.H-2, 0)/need)
	if k <= 0.1 {
		return
	}
	titleFont, lineFont := nodeTitleFont, nodeLineFont
	titleFont.ink, lineFont.ink = d.nodeInks(n)
	titleFont.size *= k
	lineFont.size *= k
	x, y, room := b.X+b.W/2, b.Y+(b.H-k*need)/2, b.W-8
	c.text(x, y+12.2*k, titleFont.fit(n.Title, room), titleFont)
	y += figure.NodeTitleLine * k
	for _, line := range lines {
		c.text(x, y+9.6*k, lineFont.fit(line, room), lineFont)
		y += figure.NodeLineHeight * k
	}
}

func (d *graphDrawing) drawEdge(c canvas, i int) {
	e := &d.Edges[i]
	if len(e.Path) < 4 {
		return
	}
	points := make([][2]float64, 1+(len(e.Path)-1)/3*3)
	for j := range points {
		points[j] = [2]float64{finite(e.Path[j][0]) + d.x, finite(e.Path[j][1]) + d.y}
	}
	end := points[len(points)-1]
	ux, uy := direction(points)
	// The line ends inside the arrowhead, not at its tip.
	points[len(points)-1] = [2]float64{end[0] - ux*arrow*0.7, end[1] - uy*arrow*0.7}
	var line, head path
	line.move(points[0][0], points[0][1])
	for j := 1; j+2 < len(points); j += 3 {
		a, b, p := points[j], points[j+1], points[j+2]
		line.curve(a[0], a[1], b[0], b[1], p[0], p[1])
	}
	bx, by := end[0]-ux*arrow, end[1]-uy*arrow
	head.move(end[0], end[1]).line(bx-uy*arrow*0.45, by+ux*arrow*0.45).line(bx+uy*arrow*0.45, by-ux*arrow*0.45).close()
	c.begin(group{class: "edge", index: i, title: clean(strings.TrimSpace(e.Value + " " + e.Label))})
	c.path(&line, paint{line: edge, width: 1.2, dashed: e.Back})
	c.path(&head, paint{fill: edge})
	c.end()
}

// direction returns the unit vector in which a curve arrives at its end.
func direction(points [][2]float64) (x, y float64) {
	end := points[len(points)-1]
	for j := len(points) - 2; j >= 0; j-- {
		x, y = end[0]-points[j][0], end[1]-points[j][1]
		if n := math.Hypot(x, y); n > 0.01 {
			return x / n, y / n
		}
	}
	return 0, 1
}

func (d *graphDrawing) drawEdgeLabel(c canvas, e *figure.GraphEdge) {
	if e.Label == "" || len(e.Path) < 4 {
		return
	}
	label := edgeLabelFont.fit(e.Label, 160)
	at := middleOf(e.Path)
	if e.LabelAt != nil {
		at = *e.LabelAt
	}
	w := edgeLabelFont.width(label) + 6
	b := figure.Box{X: finite(at[0]) + d.x - w/2, Y: finite(at[1]) + d.y - 6, W: w, H: 12}
	c.rect(b, 3, paint{fill: d.ground(d.commonGroup(e))})
	c.text(b.X+w/2, b.Y+9.2, label, edgeLabelFont)
}

// middleOf returns the middle of a curve of n pieces: where the middle piece
// is at half its time.
func middleOf(p [][2]float64) (mid [2]float64) {
	pieces := (len(p) - 1) / 3
	q := p[3*(pieces/2):]
	if pieces%2 == 0 {
		return q[0]
	}
	for k := range mid {
		mid[k] = (q[0][k] + 3*q[1][k] + 3*q[2][k] + q[3][k]) / 8
	}
	return mid
}

// commonGroup returns the innermost group that holds both ends of an edge.
func (d *graphDrawing) commonGroup(e *figure.GraphEdge) int {
	a, b := d.groupOf(e.From), d.groupOf(e.To)
	for step := 0; a != b && a >= 0 && b >= 0 && step < 200; step++ {
		if d.depths[a] >= d.depths[b] {
			a = d.parent(a)
		} else {
			b = d.parent(b)
		}
	}
	if a != b {
		return -1
	}
	return a
}

func (d *graphDrawing) groupOf(node int) int {
	if node < 0 || node >= len(d.Nodes) || d.Nodes[node].Group >= len(d.Groups) {
		return -1
	}
	return max(d.Nodes[node].Group, -1)
}

func (d *graphDrawing) parent(group int) int {
	if p := d.Groups[group].Parent; p < len(d.Groups) && d.depths[group] > 0 {
		return p
	}
	return -1
}

// tooltip is a name and facts, a line each.
func tooltip(name string, facts []figure.Fact) string {
	lines := []string{clean(name)}
	for _, f := range facts[:min(len(facts), 20)] {
		lines = append(lines, middle(clean(f.Name+": "+f.Value), 120))
	}
	return strings.Join(lines, "\n")
}
