package trust

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// report puts together what is known.
func (c *comparison) report() *figure.Report {
	ranks := meanRanks(c.marks, c.metrics)
	order := make([]int, len(c.methods))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(ranks[i], ranks[j]) })
	r := &figure.Report{Sections: []figure.Section{
		c.short(order, ranks),
		{Title: "The maps", Text: []string{c.mapsText()}, Figure: c.maps(order)},
		{Title: "The numbers", Text: []string{tableText}, Figure: c.table(order, ranks)},
		{Title: "The curves behind them", Text: []string{curvesText}, Figure: c.curves(order)},
		c.meaning(),
	}}
	r.Title = "Which map to trust"
	r.Subtitle = fmt.Sprintf("%d methods on %s, measured on %s", len(c.methods), c.Model.Name, count(c.pictures, "picture"))
	attribution.Describe(&r.About, c.Model)
	return r
}

const (
	tableText  = "Best first, by the mean of the ranks in the columns marked with ●. The others are shown and warned of, but do not rank: a map that is flat, or one of chance, can do well in them."
	curvesText = "The probability of the class while pixels go, hottest first (deletion, ROAD), or come back (insertion): a faithful map makes it fall or rise soon. On the right, how alike the map is to that of the same network with more and more of its weights drawn anew, from the answer down: a map that stays the same does not show what was learned."
)

func (c *comparison) short(order []int, ranks []float64) figure.Section {
	s := figure.Section{Title: "In short"}
	best := c.methods[order[0]]
	words := fmt.Sprintf("%s ranks first of %d methods on %s (mean rank %.1f).", best.Title, len(order), count(c.pictures, "picture"), ranks[order[0]])
	if best.Baseline {
		words = fmt.Sprintf("No method beats the baseline %s on %s: do not trust any of these maps.", best.Title, count(c.pictures, "picture"))
	}
	var worse []string
	for _, i := range order[slices.IndexFunc(order, func(i int) bool { return c.methods[i].Baseline })+1:] {
		if !c.methods[i].Baseline {
			worse = append(worse, c.methods[i].Title)
		}
	}
	if len(worse) > 0 && c.hasBaseline() && !best.Baseline {
		words += fmt.Sprintf(" %s did no better than a baseline.", list(worse))
	}
	s.Text = append(s.Text, words)
	if c.pictures < 5 {
		s.Text = append(s.Text, "Few pictures make the ranks a matter of luck; give a folder of twenty or more to rely on them.")
	}
	if c.masked == 0 {
		s.Text = append(s.Text, "Without masks of what should matter, nothing here says that the network looks at the right thing: only how well each map tells what the network looks at.")
	} else if c.masked < c.pictures {
		s.Text = append(s.Text, fmt.Sprintf("%s of %d have a mask; the columns on masks are of those alone.", count(c.masked, "picture"), c.pictures))
	}
	s.Warnings = c.warnings(order)
	return s
}

func (c *comparison) hasBaseline() bool {
	return slices.ContainsFunc(c.methods, func(m Method) bool { return m.Baseline })
}

func (c *comparison) mapsText() string {
	if c.pictures > len(c.panels) {
		return fmt.Sprintf("Of the first %d pictures, the best method first.", len(c.panels))
	}
	return "The best method first."
}

func (c *comparison) maps(order []int) *figure.Heatmap {
	h := &figure.Heatmap{Colormap: c.terms.Colormap, Opacity: c.terms.Opacity}
	for _, p := range c.panels {
		shown := p
		shown.Maps = nil
		for _, i := range order {
			shown.Maps = append(shown.Maps, p.Maps[i])
		}
		h.Panels = append(h.Panels, shown)
	}
	return h
}

func (c *comparison) table(order []int, ranks []float64) *figure.Table {
	t := &figure.Table{Columns: []figure.Column{{Name: "method"}, {Name: "mean rank", Number: true}}}
	for _, m := range c.metrics {
		e := m.entry()
		name := e.title
		if e.ranks {
			name = "● " + name
		}
		name += map[bool]string{true: " ↑", false: " ↓"}[e.higher]
		t.Columns = append(t.Columns, figure.Column{Name: name, Number: true})
	}
	for _, i := range order {
		name := c.methods[i].Title
		if c.methods[i].Baseline {
			name += " (baseline)"
		}
		row := figure.Row{Cells: []figure.Cell{figure.Text(name), number(ranks[i], 1)}}
		for _, m := range c.metrics {
			row.Cells = append(row.Cells, number(c.marks[i].mean(m), 3))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func number(v float64, digits int) figure.Cell {
	if math.IsNaN(v) {
		return figure.Cell{Text: "–", Value: v}
	}
	return figure.Cell{Text: fmt.Sprintf("%.*f", digits, v), Value: v}
}

func (c *comparison) curves(order []int) *figure.Lines {
	share := figure.Axis{Title: "share of the pixels", Range: &[2]float64{0, 1}}
	score := figure.Axis{Title: "probability of the class"}
	plots := map[Metric]figure.Plot{
		"deletion":   {Title: "Deletion", X: share, Y: score},
		"insertion":  {Title: "Insertion", X: share, Y: score},
		"road":       {Title: "ROAD, most relevant first", X: share, Y: score},
		"randomized": {Title: "Weights drawn anew", X: figure.Axis{Title: "stage, from the answer down"}, Y: figure.Axis{Title: "rank correlation of the maps"}},
	}
	l := &figure.Lines{}
	for _, m := range c.metrics {
		p, ok := plots[m]
		if !ok {
			continue
		}
		for _, i := range order {
			if r := c.marks[i].curve(m); r != nil {
				p.Curves = append(p.Curves, figure.Curve{Name: c.methods[i].Title, X: r.X, Y: r.Y, Faint: c.methods[i].Baseline, Marked: len(r.X) < 12})
			}
		}
		l.Plots = append(l.Plots, p)
	}
	return l
}

func (c *comparison) meaning() figure.Section {
	s := figure.Section{Title: "What the numbers mean"}
	for _, m := range c.metrics {
		e := m.entry()
		s.Text = append(s.Text, fmt.Sprintf("%s: %s.", e.title, e.help))
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// list joins names as prose does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
