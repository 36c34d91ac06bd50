package training

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz/training/findings"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// mostPlots is how many plots are drawn; more are no figure that anybody reads.
const mostPlots = 24

// A panel is a plot to be: the curves that share it.
type panel struct {
	title  string
	kind   role.Kind
	traces []*trace
}

// A trace is one metric of one run.
type trace struct {
	run   *subject
	curve track.Curve
	role  role.Role
	label string // in the legend
	hue   int
}

// dashes reports whether the trace is drawn dashed, as what was not trained on.
func (t *trace) dashes() bool { return t.role.Split == role.Validation || t.role.Split == role.Test }

// panels sorts the chosen metrics of all runs into plots, losses first, and says
// how many plots there would be more.
func (s *session) panels() (list []*panel, left int) {
	byKey := map[string]*panel{}
	for _, r := range s.runs {
		for _, c := range r.Curves {
			if !s.metrics.find(c.Name) {
				continue
			}
			t := &trace{run: r, curve: c, role: role.Of(c.Name)}
			if t.role.Split == role.Unsaid {
				t.role.Split = r.split
			}
			key := s.p.Plots.key(t)
			p := byKey[key]
			if p == nil {
				p = &panel{title: key, kind: t.role.Kind}
				byKey[key], list = p, append(list, p)
			}
			p.traces = append(p.traces, t)
		}
	}
	slices.SortStableFunc(list, func(a, b *panel) int {
		return cmp.Or(cmp.Compare(rank(a.kind), rank(b.kind)), strings.Compare(a.title, b.title))
	})
	if left = max(0, len(list)-mostPlots); left > 0 {
		list = list[:mostPlots]
	}
	s.dress(list)
	return list, left
}

func (p Plots) key(t *trace) string {
	name := t.curve.Name
	switch p {
	case byThing:
		return t.role.Thing
	case byFirst:
		first, _, _ := strings.Cut(name, "/")
		return first
	case byLast:
		return name[strings.LastIndexByte(name, '/')+1:]
	case byOne:
		return ""
	}
	return name
}

// rank is the order of the plots.
func rank(k role.Kind) int {
	return slices.Index([]role.Kind{role.Loss, role.Score, role.LearningRate, role.GradientNorm, role.Other, role.Progress}, k)
}

// dress names the traces and gives those that belong together one hue: a run's
// training and validation of one thing, over all plots where a plot has one
// thing.
func (s *session) dress(list []*panel) {
	bases := map[string]bool{}
	for _, r := range s.runs {
		bases[r.base] = true
	}
	hues := map[string]int{}
	for _, p := range list {
		alike, names := map[string]int{}, map[string]bool{}
		for _, t := range p.traces {
			alike[t.run.name+"\x00"+string(t.role.Split)]++
			names[t.curve.Name] = true
		}
		for _, t := range p.traces {
			several := alike[t.run.name+"\x00"+string(t.role.Split)] > 1
			t.label = labelOf(t, several, len(names) > 1 || t.run.split != role.Unsaid, len(bases) > 1)
			key := t.run.base
			if several && !(s.p.Plots == byThing && t.role.Every != "step") {
				key += "\x00" + t.role.Thing + "\x00" + t.role.Every
			}
			if hues[key] == 0 {
				hues[key] = len(hues) + 1
			}
			t.hue = hues[key]
		}
	}
}

// labelOf names a trace by its run, where there are several, and by its split or
// its metric, where the plot has several of one run.
func labelOf(t *trace, several, varied, manyRuns bool) string {
	var parts []string
	if manyRuns {
		parts = append(parts, t.run.base)
		if t.run.split == role.Unsaid {
			parts[0] = t.run.name
		}
	}
	switch {
	case several:
		parts = append(parts, t.curve.Name)
	case (varied || !manyRuns) && t.role.Split != role.Unsaid:
		parts = append(parts, string(t.role.Split))
	case varied:
		parts = append(parts, t.curve.Name)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return cmp.Or(t.run.name, t.curve.Name)
	}
	return strings.Join(parts, " · ")
}

// leftOut warns of plots that are not drawn.
func leftOut(about *figure.About, left int) {
	if left > 0 {
		about.Warn(fmt.Sprintf("%s more would not fit; choose metrics by --metric, or more to a plot by --plots.", findings.Plural(left, "plot")))
	}
}
