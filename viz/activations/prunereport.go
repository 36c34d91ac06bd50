package activations

import (
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// report says what can go, shows the accuracy as channels do, and lists them in
// their order.
func (c *pruning) report() figure.Figure {
	r := &figure.Report{}
	layer := c.layers[0]
	r.Title = "Pruning " + layer.Name
	what := "accuracy"
	if !c.labelled() {
		what = "agreement"
		r.Warn("The pictures have no labels, so what is counted is how many answers stay what they were: agreement with the whole network, right or wrong. Put pictures into folders that are named like their classes to see the accuracy.")
	}
	n := c.spare()
	text := fmt.Sprintf("%d of %d channels can be put to zero, those that contribute least first, and no more than %.0f %% of the pictures are lost.", n, len(c.weights), tolerated)
	if n > 0 {
		text += " They are " + numbers(c.orders[0].channels[:n]) + "."
	}
	r.Sections = []figure.Section{
		{Title: "What can go", Text: []string{text}, Facts: []figure.Fact{
			{Name: what + " of the whole network", Value: c.percent(c.orders[0].right[0])},
			{Name: "pictures", Value: fmt.Sprint(c.orders[0].judged)},
			{Name: "channels that contribute nothing", Value: fmt.Sprint(c.useless())},
		}},
		{Title: "As channels are taken away", Figure: c.curves(what)},
		{Title: "The channels in their order", Figure: c.channelTable(what)},
	}
	r.Add("contribution", "Σ activation × gradient of the right class's log-odds (Molchanov et al. 2017), mean over the pictures of the class that gains most by the channel")
	r.Add("ablation", "the channel's output is put to zero and what follows runs again, for every picture and step")
	return r
}

func (c *pruning) percent(right int) string {
	return fmt.Sprintf("%.1f %%", 100*float64(right)/float64(c.orders[0].judged))
}

func (c *pruning) useless() int {
	n := 0
	for _, w := range c.weights {
		if w == 0 {
			n++
		}
	}
	return n
}

// numbers lists channels, of many the first.
func numbers(channels []int) string {
	const most = 40
	var words []string
	for _, k := range channels[:min(len(channels), most)] {
		words = append(words, fmt.Sprint(k))
	}
	text := strings.Join(words, ", ")
	if more := len(channels) - most; more > 0 {
		text += fmt.Sprintf(" and %d more, in the order of the table", more)
	}
	return text
}

func (c *pruning) curves(what string) figure.Figure {
	l := &figure.Lines{}
	p := figure.Plot{X: figure.Axis{Title: "channels taken away"}, Y: figure.Axis{Title: what, Unit: "%", Range: &[2]float64{0, 100}}}
	for i, name := range []string{"least contribution first", "at random, to compare with"} {
		curve := figure.Curve{Name: name, Marked: i == 0, Faint: i == 1}
		for step, right := range c.orders[i].right {
			curve.X = append(curve.X, float64(c.counts[step]))
			curve.Y = append(curve.Y, 100*float64(right)/float64(c.orders[i].judged))
		}
		p.Curves = append(p.Curves, curve)
	}
	l.Plots = []figure.Plot{p}
	return l
}

func (c *pruning) channelTable(what string) figure.Figure {
	t := &figure.Table{Columns: []figure.Column{
		{Name: "taken", Number: true}, {Name: "channel", Number: true}, {Name: "contribution", Number: true}, {Name: what + " after it", Unit: "%", Number: true}}}
	after := map[int]string{}
	value := map[int]float64{}
	for step, right := range c.orders[0].right {
		after[c.counts[step]] = fmt.Sprintf("%.1f", 100*float64(right)/float64(c.orders[0].judged))
		value[c.counts[step]] = 100 * float64(right) / float64(c.orders[0].judged)
	}
	for at, k := range c.orders[0].channels {
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{
			figure.Count(int64(at + 1)), {Text: fmt.Sprint(k), Value: float64(k)},
			{Text: brief(c.weights[k]), Value: c.weights[k]}, {Text: after[at+1], Value: value[at+1]}}})
	}
	return t
}
