package training

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// Bounds of what a report draws. What is judged is never thinned.
const (
	mostEvidence = 3       // plots of a section
	mostPlaces   = 1 << 18 // of the curves of all sections together
	leastPlaces  = 16      // of a curve, however many there are
)

// An evidence draws what verdicts rest on.
type evidence struct {
	places  int  // of a curve, at most
	thinned bool // some curve had more
}

// newEvidence shares what is drawn among trainings, each of which may have
// mostEvidence plots of two curves.
func newEvidence(trainings int) *evidence {
	return &evidence{places: max(leastPlaces, mostPlaces/(2*mostEvidence*max(trainings, 1)))}
}

// draw shows the curves of a verdict with marks at what was found.
func (e *evidence) draw(v *findings.Verdict, rule findings.Rule) *figure.Lines {
	l := &figure.Lines{}
	drawn := map[string]bool{}
	for _, p := range v.Pairs[:min(len(v.Pairs), mostEvidence)] {
		plot := figure.Plot{Title: p.Thing, X: figure.Axis{Title: "step"}}
		if p.Train.Len() > 0 {
			plot.Curves = append(plot.Curves, e.curveOf(p.Train, "training", false))
		}
		plot.Curves = append(plot.Curves, e.curveOf(p.Val, "validation", true))
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
			plot := figure.Plot{Title: s.Name, X: figure.Axis{Title: "step"}, Curves: []figure.Curve{e.curveOf(s, "training", false)}}
			plot.Notes = marks(v, s.Name)
			l.Plots = append(l.Plots, plot)
		}
	}
	if len(l.Plots) == 0 {
		return nil
	}
	return l
}

func (e *evidence) curveOf(s findings.Series, name string, dashed bool) figure.Curve {
	if s.Len() > e.places {
		s, e.thinned = thin(s, e.places), true
	}
	c := figure.Curve{Name: name, X: s.Step, Y: s.Mean, Hue: 1, Dashed: dashed}
	for i := range s.Max {
		if s.Count[i] > 1 { // buckets: their greatest values are seen, too
			c.Low, c.High = s.Mean, s.Max
			break
		}
	}
	return c
}

// thin joins neighbouring places, of which there are more, to so many: the middle
// of their steps, the mean of all their points and the greatest of them.
func thin(s findings.Series, places int) findings.Series {
	n := s.Len()
	out := findings.Series{Name: s.Name}
	for k := range places {
		from, to := k*n/places, (k+1)*n/places
		mean, greatest, count := 0.0, math.Inf(-1), 0.0
		for i := from; i < to; i++ {
			count += s.Count[i]
			share := s.Count[i] / count // the sum of all might overflow
			mean = mean*(1-share) + s.Mean[i]*share
			greatest = max(greatest, s.Max[i])
		}
		out.Step, out.Mean = append(out.Step, s.Step[from]/2+s.Step[to-1]/2), append(out.Mean, mean)
		out.Max, out.Count = append(out.Max, greatest), append(out.Count, count)
	}
	return out
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
