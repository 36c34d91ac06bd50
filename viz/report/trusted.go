package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz/trust"
)

// Agreement of maps by rank correlation on a coarse grid.
const (
	agree    = 0.6
	disagree = 0.3
	same     = 0.999
	coarse   = 14 // places on a side
)

// pairs returns the agreement of each pair of methods.
func (a *account) pairs() [][]float64 {
	var grids [][]float32
	for _, c := range a.cases {
		grids = append(grids, cells(c.Heat, c.Planes()))
	}
	out := make([][]float64, len(grids))
	for i := range grids {
		for j := range grids {
			out[i] = append(out[i], trust.RankCorrelation(grids[i], grids[j]))
		}
	}
	return out
}

// cells adds heat up over a coarse grid.
func cells(heat []float32, p model.Grid) []float32 {
	w, h := min(coarse, p.W), min(coarse, p.H)
	out := make([]float32, w*h)
	for i, v := range heat {
		out[i/p.W*h/p.H*w+i%p.W*w/p.W] += v
	}
	return out
}

// meanAgreement is the mean over the pairs of methods. Those whose map is that of
// another, as Grad-CAM's and LayerCAM's where nothing but a mean over places
// follows the layer, are no second opinion and are left out; their names are
// returned with that of the other. It is NaN where no two are left.
func (a *account) meanAgreement() (mean float64, doubles [][2]string) {
	pairs := a.pairs()
	var kept []int
	for i, c := range a.cases {
		twin := slices.IndexFunc(kept, func(j int) bool { return pairs[i][j] >= same })
		if twin >= 0 {
			doubles = append(doubles, [2]string{a.cases[kept[twin]].Method.Title, c.Method.Title})
			continue
		}
		kept = append(kept, i)
	}
	sum, n := 0.0, 0
	for k, i := range kept {
		for _, j := range kept[:k] {
			sum, n = sum+pairs[i][j], n+1
		}
	}
	if n == 0 {
		return math.NaN(), doubles
	}
	return sum / float64(n), doubles
}

func agreementWords(v float64, doubles [][2]string) string {
	words := ""
	for _, d := range doubles {
		words += fmt.Sprintf("%s and %s have the same map in this network and count as one. ", d[0], d[1])
	}
	if math.IsNaN(v) {
		return words + "So there is no second opinion on where the heat lies."
	}
	verdict, look := "agree", ""
	switch {
	case v < disagree:
		verdict = "disagree"
	case v < agree:
		verdict, look = "agree only in part", ": look at each of them"
	}
	return words + fmt.Sprintf("On where the heat lies, the methods %s (mean rank correlation %.2f; 1 is the same order of places, 0 none in common)%s.", verdict, v, look)
}

func (a *account) agreement() figure.Section {
	s := figure.Section{Title: "Do the methods agree?", Text: []string{
		"Each method has its own weakness, so a place that all of them name counts for more. The table has the rank correlation of each pair, on a grid of 14×14 places."}}
	t := &figure.Table{Columns: []figure.Column{{Name: "method"}}}
	pairs := a.pairs()
	for i, c := range a.cases {
		t.Columns = append(t.Columns, figure.Column{Name: c.Method.Title, Number: true})
		row := figure.Row{Cells: []figure.Cell{figure.Text(c.Method.Title)}}
		for _, v := range pairs[i] {
			row.Cells = append(row.Cells, number(v))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Figure = t
	return s
}

func number(v float64) figure.Cell {
	if math.IsNaN(v) {
		return figure.Cell{Text: "–", Value: v}
	}
	return figure.Cell{Text: fmt.Sprintf("%.2f", v), Value: v}
}

// trusted says in plain words what the tests of each map found.
func (a *account) trusted() figure.Section {
	s := figure.Section{Title: "How far to trust the maps"}
	s.Text = append(s.Text, "Four tests. Is the place that a map calls important really so: does the probability fall when that fifth of the picture is filled in from its surroundings, and not when the least important fifth is? "+
		"Does the map depend on what was learned: is it another one when all weights of the network are drawn anew? "+
		"Is it steady: how much does a little noise on the picture change it? "+
		"Is it about this class: is the map for the next class another one? "+
		"The first two numbers are probabilities of the class; the third and the last say how alike the maps are (1 the same, 0 unrelated); noise is how much of the map changes.")
	t := &figure.Table{Columns: []figure.Column{{Name: "method"},
		{Name: "top fifth filled in", Number: true}, {Name: "last fifth filled in", Number: true},
		{Name: "random weights", Number: true}, {Name: "noise", Number: true}, {Name: "next class", Number: true}}}
	for i, c := range a.cases {
		m := a.measured[i]
		most, least := filledIn(m["road"])
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{
			figure.Text(c.Method.Title), {Text: percent(most), Value: most}, {Text: percent(least), Value: least},
			number(m["randomized"].Value), {Text: percent(m["sensitivity"].Value), Value: m["sensitivity"].Value}, number(m["classes"].Value)}})
		s.Warnings = append(s.Warnings, a.doubts(i)...)
	}
	s.Figure = t
	if len(s.Warnings) == 0 {
		s.Text = append(s.Text, "No test speaks against these maps.")
	}
	return s
}

// filledIn is the probability of the class with what a map calls most, and
// least, important filled in.
func filledIn(road trust.Result) (most, least float64) {
	return road.Y[len(road.Y)-1], road.Least[len(road.Least)-1]
}

// doubted has the titles of the methods whose maps some test speaks against.
func (a *account) doubted() []string {
	var out []string
	for i, c := range a.cases {
		if len(a.doubts(i)) > 0 {
			out = append(out, c.Method.Title)
		}
	}
	return out
}

// doubts are what the tests hold against a map.
func (a *account) doubts(i int) []string {
	c, m := a.cases[i], a.measured[i]
	most, least := filledIn(m["road"])
	var out []string
	if w := c.Map().Warning; w != "" {
		return []string{w}
	}
	if most >= least {
		out = append(out, fmt.Sprintf("Filling in what %s calls most important changes the answer no more than filling in what it calls least important (%s against %s): on this picture its map does not tell what the answer rests on.", c.Method.Title, percent(most), percent(least)))
	}
	return append(out, trust.Suspicions(c.Method.Title, m["randomized"].Value, m["classes"].Value, m["sensitivity"].Value)...)
}

// caveats hold for every report.
func caveats() figure.Section {
	return figure.Section{Title: "When to distrust all of this", Text: []string{
		"If the heat lies where nothing of medical or practical meaning is, such as a rim, a label, a ruler, a mark or the edge of the picture, do not act on the answer, however sure it is: show the picture to whoever made the network.",
		"If the heat lies on the right place, that is no proof: the network may still read the wrong sign there. Compare with pictures of the other kind, and with what the network says when the place is covered.",
		"A map has limits of its own. Those that read a late layer have a few dozen places, so their edges mean little; those of single pixels are noisy. None of them shows how places work together, and none shows what is missing from the picture.",
		"The network knows only the classes it was taught, on pictures like those it was taught with. On another scanner, another population or another preparation its probabilities mean less, and the maps with them.",
	}}
}
