package render

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// graphPage is the graph's picture, with what its script shows of a box when
// it is chosen.
func graphPage(g *figure.Graph, theme Theme) (page, error) {
	type node struct {
		ID    string        `json:"id"`
		Title string        `json:"title"`
		Lines []string      `json:"lines"`
		Facts []figure.Fact `json:"facts"`
	}
	type link struct {
		Index int    `json:"index"`
		From  int    `json:"from"`
		To    int    `json:"to"`
		Label string `json:"label"` // what flows: its shape or its name
	}
	type module struct {
		Path  string        `json:"path"`
		Title string        `json:"title"`
		Facts []figure.Fact `json:"facts"`
	}
	data := struct {
		Nodes  []node   `json:"nodes"`
		Edges  []link   `json:"edges"`
		Groups []module `json:"groups"`
	}{[]node{}, []link{}, []module{}}
	for _, n := range g.Nodes {
		data.Nodes = append(data.Nodes, node{clean(n.ID), clean(n.Title), cleanAll(n.Lines), cleanFacts(n.Facts)})
	}
	for i, e := range g.Edges {
		if hasNode(g, e.From) && hasNode(g, e.To) {
			data.Edges = append(data.Edges, link{i, e.From, e.To, clean(cmp.Or(e.Label, e.Value))})
		}
	}
	for _, m := range g.Groups {
		data.Groups = append(data.Groups, module{clean(m.Path), clean(m.Title), cleanFacts(m.Facts)})
	}
	d := layOutGraph(g).(*graphDrawing)
	svg, err := drawSVG(bareGraph{d}, &g.About, theme, "")
	if err != nil {
		return page{}, err
	}
	return page{"graph.js", graphTools(g) + "<div id=\"stage\">\n" + svg + "</div>\n<aside id=\"side\" hidden></aside>\n", data}, nil
}

func cleanAll(lines []string) []string {
	out := make([]string, len(lines))
	for i, s := range lines {
		out[i] = clean(s)
	}
	return out
}

func cleanFacts(facts []figure.Fact) []figure.Fact {
	out := make([]figure.Fact, len(facts))
	for i, f := range facts {
		out[i] = figure.Fact{Name: clean(f.Name), Value: clean(f.Value)}
	}
	return out
}

func graphTools(g *figure.Graph) string {
	var b strings.Builder
	b.WriteString("<div class=\"tools\"><input id=\"search\" type=\"search\" placeholder=\"Find a layer\" aria-label=\"Find a layer\"><span id=\"found\" role=\"status\"></span>")
	b.WriteString("<span class=\"buttons\"><button id=\"out\" title=\"Zoom out\">−</button><button id=\"in\" title=\"Zoom in\">+</button><button id=\"fit\" title=\"Show all\">Fit</button></span>")
	b.WriteString("<span class=\"legend\">")
	for _, class := range g.Legend {
		fill, line := classInks(class)
		fmt.Fprintf(&b, "<span class=\"key\"><i style=\"background:var(--%s);border-color:var(--%s)\"></i>%s</span>",
			fill.shade().name, line.shade().name, escape(clean(class)))
	}
	b.WriteString("</span>" + htmlFacts(g.Totals) + "</div>\n")
	return b.String()
}

// bareGraph draws a graph without title, legend and facts, which its page has
// as text.
type bareGraph struct{ *graphDrawing }

func (d bareGraph) size() (w, h float64) {
	return length(d.W) + 2*bareMargin, length(d.H) + 2*bareMargin
}

const bareMargin = 8.0

func (d bareGraph) draw(c canvas) {
	d.x, d.y = bareMargin, bareMargin
	d.drawGraph(c)
}

// heatmapPage leaves all drawing to its script, which gets the raw maps.
func heatmapPage(h *figure.Heatmap) page {
	return drawnPage("heatmap.js", h, h.Colormap)
}

// drawnPage is one whose script draws, with the raw numbers and the colours.
func drawnPage(script string, fig figure.Figure, colormap string) page {
	data := struct {
		Figure     figure.Figure `json:"figure"`
		Colormap   string        `json:"colormap"`
		Colormaps  []hexColormap `json:"colormaps"`
		Visibility []float64     `json:"visibility"`
		Smallest   int           `json:"smallest"`
	}{Figure: fig, Colormap: colormapOr(colormap).Name, Smallest: smallestSide}
	for _, c := range Colormaps() {
		data.Colormaps = append(data.Colormaps, hexColormap{c.Name, c.Type, fmt.Sprintf("%x", flat(c))})
	}
	for i := range 256 {
		data.Visibility = append(data.Visibility, float64(int(1000*visibility(float64(i)/255)+0.5))/1000)
	}
	return page{script, "<noscript><p>This page is drawn by a script: allow it, or write the figure as PNG or SVG.</p></noscript>\n", data}
}

type hexColormap struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Colors string `json:"colors"` // 256 times RRGGBB
}

func flat(c *Colormap) []byte {
	out := make([]byte, 0, 768)
	for _, k := range c.Colors {
		out = append(out, k[:]...)
	}
	return out
}

// tablePage is a table that reads without its script, which sorts and filters.
func tablePage(t *figure.Table) page {
	var b strings.Builder
	b.WriteString("<div class=\"tools\"><input id=\"search\" type=\"search\" placeholder=\"Filter rows\" aria-label=\"Filter rows\"><span id=\"found\" role=\"status\"></span></div>\n")
	writeHTMLTable(&b, t, func(name string) string { return "<button>" + name + "</button>" })
	return page{"table.js", b.String(), struct{}{}}
}

// writeHTMLTable writes a table; head is what a column's name stands in.
func writeHTMLTable(b *strings.Builder, t *figure.Table, head func(name string) string) {
	b.WriteString("<div class=\"scroll\"><table>\n<thead><tr>")
	for _, c := range t.Columns {
		unit := ""
		if c.Unit != "" {
			unit = " <small>" + escape(clean(c.Unit)) + "</small>"
		}
		fmt.Fprintf(b, "<th scope=\"col\"%s>%s</th>", numberClass(c), head(escape(clean(c.Name))+unit))
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, r := range t.Rows {
		writeHTMLRow(b, t, r)
	}
	b.WriteString("</tbody></table></div>\n")
	if len(t.Totals) > 0 {
		b.WriteString("<div class=\"totals\">" + htmlFacts(t.Totals) + "</div>\n")
	}
}

func numberClass(c figure.Column) string {
	if c.Number {
		return " class=\"number\""
	}
	return ""
}

func writeHTMLRow(b *strings.Builder, t *figure.Table, r figure.Row) {
	depth := max(0, min(r.Depth, 30))
	class := ""
	if r.Group {
		class = " class=\"sum\""
	}
	fmt.Fprintf(b, "<tr data-depth=\"%d\"%s>", depth, class)
	for i, c := range t.Columns {
		var cell figure.Cell
		if i < len(r.Cells) {
			cell = r.Cells[i]
		}
		b.WriteString("<td" + numberClass(c))
		if c.Number {
			fmt.Fprintf(b, " data-value=\"%g\"", cell.Value)
		}
		if i == 0 && depth > 0 {
			fmt.Fprintf(b, " style=\"padding-left:%.1fem\"", 0.6+1.1*float64(depth))
		}
		fmt.Fprintf(b, ">%s</td>", escape(clean(cell.Text)))
	}
	b.WriteString("</tr>\n")
}
