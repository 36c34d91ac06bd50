package training

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// mostEvidence is how many plots a section has.
const mostEvidence = 3

// evidence draws the curves that a verdict rests on, with marks at what was
// found.
func evidence(v *findings.Verdict, rule findings.Rule) *figure.Lines {
	l := &figure.Lines{}
	drawn := map[string]bool{}
	for _, p := range v.Pairs[:min(len(v.Pairs), mostEvidence)] {
		plot := figure.Plot{Title: p.Thing, X: figure.Axis{Title: "step"}}
		if p.Train.Len() > 0 {
			plot.Curves = append(plot.Curves, curveOf(p.Train, "training", false))
		}
		plot.Curves = append(plot.Curves, curveOf(p.Val, "validation", true))
		plot.Notes = append(plot.Notes, figure.Note{X: p.BestStep, Y: p.Best, Text: "best"})
		if s, ok := p.Suggested(rule); ok {
			plot.Notes = append(plot.Notes, figure.Note{X: s.Step, Y: math.NaN(), Text: "early stop"})
		}
		plot.Notes = append(plot.Notes, marks(v, p.Train.Name, p.Val.Name)...)
		drawn[p.Train.Name], drawn[p.Val.Name] = true, true
		l.Plots = append(l.Plots, plot)
	}
	for _, s := range v.Losses {
		if len(l.Plots) < mostEvidence && !drawn[s.Name] {
			plot := figure.Plot{Title: s.Name, X: figure.Axis{Title: "step"}, Curves: []figure.Curve{curveOf(s, "training", false)}}
			plot.Notes = marks(v, s.Name)
			l.Plots = append(l.Plots, plot)
		}
	}
	if len(l.Plots) == 0 {
		return nil
	}
	return l
}

func curveOf(s findings.Series, name string, dashed bool) figure.Curve {
	c := figure.Curve{Name: name, X: s.Step, Y: s.Mean, Hue: 1, Dashed: dashed}
	for i := range s.Max {
		if s.Count[i] > 1 { // buckets: their greatest values are seen, too
			c.Low, c.High = s.Mean, s.Max
			break
		}
	}
	return c
}

var markWords = map[findings.Kind]string{
	findings.KindNonFinite: "not finite", findings.KindDivergence: "rises again", findings.KindPlateau: "plateau",
	findings.KindSpikes: "spike", findings.KindWarmUp: "warm-up ends",
}

// marks are lines at the steps of findings: those in these metrics, and those
// that concern all.
func marks(v *findings.Verdict, metrics ...string) []figure.Note {
	var out []figure.Note
	for _, f := range v.Findings {
		word := markWords[f.Kind]
		everywhere := f.Kind == findings.KindNonFinite || f.Kind == findings.KindWarmUp
		for _, m := range metrics {
			if word != "" && (f.Metric == m || everywhere) {
				out = append(out, figure.Note{X: f.Step, Y: math.NaN(), Text: word})
				break
			}
		}
	}
	return out
}
