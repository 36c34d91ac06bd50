package gradients

import (
	"fmt"
	"math"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// wellSaid is the verdict where no rule finds anything, with what it rests on.
func (h *history) wellSaid() finding {
	o, w, hasO, hasW := h.slopes(0, len(h.columns))
	var parts []string
	if hasO {
		parts = append(parts, o.words())
	}
	if hasW {
		parts = append(parts, w.words())
	}
	if len(parts) == 0 {
		if len(h.matrices()) == 0 && len(h.rows) > 0 {
			return finding{unknown, "No weights are known by their names, so nothing is said about the depth.", nowhere}
		}
		if len(h.rows) == 0 {
			return finding{healthy, "The norm of all gradients is finite and does not jump; of single layers nothing is known.", nowhere}
		}
		return finding{healthy, fmt.Sprintf("All gradients are finite; there are fewer than %d layers to compare over the depth.", fewLayers), nowhere}
	}
	return finding{healthy, capital(strings.Join(parts, "; ")) + ".", nowhere}
}

// report is the verdict in words, with the figures that show it.
func (h *history) report() *figure.Report {
	found := h.judge()
	r := &figure.Report{}
	r.Title = "Gradients: " + headline(found)
	s := figure.Section{Title: "Verdict"}
	for _, f := range found {
		s.Text = append(s.Text, capital(string(f.verdict))+": "+f.text)
	}
	s.Facts = h.numbers()
	r.Findings = h.findings(found)
	r.Sections = append(r.Sections, s)
	r.Sections = append(r.Sections, figure.Section{Title: "Flow", Figure: h.depthPlots()})
	if len(h.columns) > 1 && len(h.rows) > 0 {
		r.Sections = append(r.Sections, figure.Section{Title: "Over the " + h.plural(), Figure: h.choose(h.spread(mostReported)).matrix()})
	}
	return r
}

// findings are those of what is wrong, for programs.
func (h *history) findings(found []finding) []figure.Finding {
	var out []figure.Finding
	for _, f := range found {
		severity := f.verdict.severity()
		if severity == "" {
			continue
		}
		one := figure.Finding{Subject: h.title, Kind: strings.ReplaceAll(string(f.verdict), " ", "-"), Severity: severity, Text: f.text}
		if f.step == f.step {
			one.Metric, one.Step = f.metric, &f.step
		}
		out = append(out, one)
	}
	return out
}

// mostReported is how many rows the heatmap of a report has.
const mostReported = 60

// headline names the verdicts, each once.
func headline(found []finding) string {
	var words []string
	seen := map[verdict]bool{}
	for _, f := range found {
		if !seen[f.verdict] {
			seen[f.verdict] = true
			words = append(words, string(f.verdict))
		}
	}
	return strings.Join(words, ", ")
}

// numbers are those that a reader asks for first.
func (h *history) numbers() []figure.Fact {
	var out []figure.Fact
	add := func(name string, v float64, format string, args ...any) { // unless v is not known
		if !math.IsNaN(v) {
			out = append(out, figure.Fact{Name: name, Value: fmt.Sprintf(format, args...)})
		}
	}
	total, loss := typical(h.total), typical(h.loss)
	add("norm of all gradients", total, "%s, median over the %s", brief(total), h.plural())
	if silent := h.silent(); silent > 0 {
		add("no gradient at all", 0, "in %d of the %s: their answers are so certain that the loss is flat", silent, h.plural())
	}
	add("loss", loss, "%s, median over the %s", brief(loss), h.plural())
	if ratios := h.ratios(); ratios != nil {
		var all []float64
		for _, i := range h.matrices() {
			all = append(all, typical(ratios[i]))
		}
		if r := typical(all); r > 0 {
			add("gradient / weights", r, "%s; plain descent moves weights by %g of their norm at a rate of %s", brief(r), usualUpdate, brief(usualUpdate/r))
		}
	}
	if updates := h.of(gradlog.Update); updates != nil {
		var all []float64
		for _, i := range h.matrices() {
			all = append(all, typical(updates[i]))
		}
		add("step / weights", typical(all), "%s; about %g is usual of a single step", brief(typical(all)), usualUpdate)
	}
	if h.of(gradlog.Turn) != nil {
		var all []float64
		for i := range h.rows {
			all = append(all, h.median(gradlog.Turn, i))
		}
		add("cosine", typical(all), "%.2f between the gradients of one %s and the next, median", typical(all), h.moments)
	}
	if dead, units := h.allDead(); units > 0 {
		add("dead ReLUs", 0, "%d of %d channels (%.0f %%) are zero for all %d samples", dead, units, 100*float64(dead)/float64(units), h.samples)
	}
	return out
}

// silent is in how many moments every gradient is exactly zero.
func (h *history) silent() int {
	n := 0
	for _, norm := range h.total {
		if norm == 0 {
			n++
		}
	}
	return n
}

func (h *history) allDead() (dead, units int) {
	for i := range h.dead {
		d, u := h.dead[i].deadUnits()
		dead, units = dead+d, units+u
	}
	return dead, units
}
