package report

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/trust"
)

func (a *account) panel() figure.HeatPanel {
	return figure.HeatPanel{Name: a.subject.Name, Image: a.subject.Seen}
}

func (a *account) picture() figure.Section {
	p := a.panel()
	p.Predictions = attribution.Shown(a.ranked, []int{a.class})
	p.Truth = attribution.Truth(a.model, a.subject.Label, a.ranked)
	return figure.Section{
		Title: "The picture and the answer",
		Text: []string{"Below is the part of the picture that the network was given, and what it answers. " +
			"The probabilities are the network's own: they say how it weighs the classes that it knows against one another, not how often it is right, and they say nothing of what it was never taught."},
		Figure: &figure.Heatmap{Panels: []figure.HeatPanel{p}, Colormap: string(a.params.Colormap), Opacity: a.params.Opacity},
	}
}

func (a *account) where() figure.Section {
	s := figure.Section{Title: fmt.Sprintf("Where it looks for “%s”", a.name)}
	s.Text = append(s.Text, fmt.Sprintf("Bright places are those that speak for “%s”. Grad-CAM and LayerCAM read a late layer (%s) and show regions; integrated gradients and SmoothGrad go down to single pixels and show edges.", a.name, a.layer))
	p := a.panel()
	for _, c := range a.cases {
		m := c.Map()
		if c.Method.Signed { // what speaks for the class alone
			m.Low = 0
		}
		p.Maps = append(p.Maps, m)
	}
	s.Figure = &figure.Heatmap{Panels: []figure.HeatPanel{p}, Colormap: string(a.params.Colormap), Opacity: a.params.Opacity}
	return s
}

// numbers has how much of each map's heat lies in each region.
func (a *account) numbers() figure.Section {
	t := &figure.Table{Columns: []figure.Column{{Name: "part of the picture"}, {Name: "its area", Number: true}}}
	for _, c := range a.cases {
		t.Columns = append(t.Columns, figure.Column{Name: c.Method.Title, Number: true})
	}
	for _, r := range a.regions {
		row := figure.Row{Cells: []figure.Cell{figure.Text(r.name), {Text: percent(r.share), Value: r.share}}}
		for _, c := range a.cases {
			v := trust.ShareOf(c.Heat, r.area)
			row.Cells = append(row.Cells, figure.Cell{Text: percent(v), Value: v})
		}
		t.Rows = append(t.Rows, row)
	}
	return figure.Section{Title: "Where the heat lies", Figure: t,
		Text: []string{"How much of each map's heat lies in parts of the picture. What exceeds the part's area is more than chance would put there."}}
}
