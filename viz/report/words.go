package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz/trust"
)

// sections put an account into words. One that is not whole has the answer, and
// the maps that there are, and nothing that weighs them against one another.
func (a *account) sections() []figure.Section {
	if !a.whole {
		out := []figure.Section{a.picture()}
		if len(a.cases) > 0 {
			out = append(out, a.where(), a.numbers())
		}
		return out
	}
	return []figure.Section{a.short(), a.picture(), a.where(), a.numbers(), a.agreement(), a.trusted()}
}

// probability is that of the explained class.
func (a *account) probability() float64 {
	for _, p := range a.ranked {
		if p.Class == a.class {
			return p.Score
		}
	}
	return math.NaN()
}

func (a *account) short() figure.Section {
	s := figure.Section{Title: "In short"}
	s.Text = append(s.Text, a.answerWords())
	where, warnings := a.whereWords()
	s.Text = append(s.Text, where)
	agreement, doubles := a.meanAgreement()
	s.Text = append(s.Text, agreementWords(agreement, doubles))
	if doubted := a.doubted(); len(doubted) > 0 {
		s.Text = append(s.Text, fmt.Sprintf("Tests speak against %d of the %d maps (%s); which, and why, stands below.", len(doubted), len(a.cases), strings.Join(doubted, ", ")))
	}
	s.Warnings = warnings
	if agreement < disagree {
		s.Warnings = append(s.Warnings, "The methods point to different places. Trust none of the maps before you know why.")
	}
	s.Facts = []figure.Fact{{Name: "answer", Value: a.ranked[0].Label}, {Name: "explained", Value: a.name}, {Name: "probability", Value: percent(a.probability())}}
	return s
}

// answerWords say what the network answers, and how sure it is.
func (a *account) answerWords() string {
	best := a.ranked[0]
	words := fmt.Sprintf("The network takes this picture for “%s”, with a probability of %s", labelOf(best), percent(best.Score))
	if len(a.ranked) > 1 {
		words += fmt.Sprintf("; next is “%s” with %s", labelOf(a.ranked[1]), percent(a.ranked[1].Score))
	}
	words += fmt.Sprintf(". It can answer with nothing but one of its %d classes, whatever the picture shows.", len(a.ranked))
	if best.Class != a.class {
		words += fmt.Sprintf(" This report explains “%s”, which it gives %s.", a.name, percent(a.probability()))
	}
	switch p := a.probability(); {
	case math.IsNaN(p):
		words += " The numbers it puts out are not finite: something is wrong with the network or with how the picture was prepared."
	case best.Class == a.class && p < 0.5:
		words += " That is an unsure answer: what the maps show is a leaning and no decision."
	}
	return words
}

func labelOf(p figure.Prediction) string {
	if p.Label == "" {
		return fmt.Sprintf("class %d", p.Class)
	}
	return p.Label
}

// heat is the mean of the methods' heat, each adding up to one.
func (a *account) heat() []float32 {
	out := make([]float32, len(a.cases[0].Heat))
	for _, c := range a.cases {
		total := 0.0
		for _, v := range c.Heat {
			total += float64(v)
		}
		if total == 0 {
			continue
		}
		for i, v := range c.Heat {
			out[i] += v / float32(total) / float32(len(a.cases))
		}
	}
	return out
}

// Heat counts as gathered in a region if it lies there this many times as
// densely as by chance.
const gathered = 1.5

// whereWords say where the heat of all methods together lies, and what is wrong
// with that.
func (a *account) whereWords() (words string, warnings []string) {
	heat := a.heat()
	var parts []string
	for _, r := range a.regions {
		share := trust.ShareOf(heat, r.area)
		times := share / r.share
		if r.kind == given || times >= 1.2 && share >= 0.1 {
			parts = append(parts, fmt.Sprintf("%s lies on %s, which takes up %s of the picture (%s)", percent(share), r.name, percent(r.share), chance(times)))
		}
		switch {
		case r.kind == given && times < 1:
			warnings = append(warnings, fmt.Sprintf("Less heat lies on what should matter (%s) than would by chance (%s): the answer seems to rest on something else.", percent(share), percent(r.share)))
		case r.kind == given && share < 0.5 && times < gathered:
			warnings = append(warnings, fmt.Sprintf("Only %s of the heat lies on what should matter, little more than by chance.", percent(share)))
		case r.kind == rim && times >= gathered && share >= 0.35:
			warnings = append(warnings, fmt.Sprintf("%s of the heat lies on the rim of what is seen and not inside it. In a scan of the head the rim is skull and scalp, not brain: check whether the network has learnt an outline, a frame or how the picture was taken.", percent(share)))
		case r.kind == ground && share >= 0.3:
			warnings = append(warnings, fmt.Sprintf("%s of the heat lies on the empty ground, where there is nothing to see: the network may have learnt from noise, marks or the way the picture was cut.", percent(share)))
		case r.kind == margin && times >= gathered && share >= 0.5:
			warnings = append(warnings, fmt.Sprintf("%s of the heat lies at the edges of the picture, where marks, labels and frames are.", percent(share)))
		}
	}
	x, y, spread := centre(heat, a.cases[0].Planes())
	words = fmt.Sprintf("The centre of the heat of all maps together is %s of the picture.", place(x, y))
	if spread > scattered { // a ring has its centre where there is nothing
		words = "The heat of all maps together has no single place: it is spread over the picture, or lies in several."
	}
	if len(parts) > 0 {
		words += " Of the heat " + strings.Join(parts, "; ") + "."
	}
	return words, warnings
}

func chance(times float64) string {
	switch {
	case times >= 1.2:
		return fmt.Sprintf("%.1f times as much as by chance", times)
	case times <= 0.8:
		return "less than by chance"
	}
	return "about as by chance"
}

// Heat is scattered if it lies about its centre this far, as a share of how far
// heat lies that is everywhere alike.
const scattered = 0.85

// centre is the centre of the heat, in shares of width and height, and how far
// it is spread about it: 1 as if it were everywhere alike.
func centre(heat []float32, p model.Grid) (x, y, spread float64) {
	var total, squares float64
	for i, v := range heat {
		u, w := (float64(i%p.W)+0.5)/float64(p.W), (float64(i/p.W)+0.5)/float64(p.H)
		x += float64(v) * u
		y += float64(v) * w
		squares += float64(v) * (u*u + w*w)
		total += float64(v)
	}
	if total == 0 {
		return 0.5, 0.5, 1
	}
	x, y = x/total, y/total
	// A unit square has a variance of 1/12 in each direction.
	return x, y, math.Sqrt(max(squares/total-x*x-y*y, 0) * 6)
}

func place(x, y float64) string {
	third := func(t float64, names [3]string) string { return names[max(0, min(2, int(3*t)))] }
	name := strings.TrimSpace(third(y, [3]string{"top", "", "bottom"}) + " " + third(x, [3]string{"left", "", "right"}))
	if name == "" {
		return "in the middle"
	}
	return "towards the " + name
}

func percent(v float64) string {
	switch {
	case math.IsNaN(v):
		return "no number"
	case v > 0 && v < 0.005:
		return "less than 1 %"
	case v < 1 && v >= 0.995:
		return "more than 99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}
