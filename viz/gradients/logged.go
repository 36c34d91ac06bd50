package gradients

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// mostColumns is how many columns the steps of a log are laid into.
const mostColumns = 200

// An entry is what is known of one parameter in a log.
type entry struct {
	parameter string
	arrival   int64
	curves    map[gradlog.Measure]track.Curve
	histogram string // the name of its histograms, empty without
}

// A journal is the gradients that one run has logged.
type journal struct {
	run     viz.Run
	entries []*entry // in the order of the network, as far as it is known
	total   *track.Curve
	ordered string // how that order was found
	low     float64
	high    float64
}

// openJournal finds out what of a run is of gradients.
func openJournal(ctx context.Context, run viz.Run) (*journal, error) {
	j := &journal{run: run, low: math.Inf(1), high: math.Inf(-1)}
	byName := map[string]*entry{}
	of := func(parameter string, arrival int64) *entry {
		e := byName[parameter]
		if e == nil {
			e = &entry{parameter: parameter, arrival: arrival, curves: map[gradlog.Measure]track.Curve{}}
			byName[parameter] = e
			j.entries = append(j.entries, e)
		}
		return e
	}
	curves, err := run.Store.Curves(ctx, run.Run)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(curves, func(a, b track.Curve) int { return cmp.Compare(a.Arrival(), b.Arrival()) })
	for _, c := range curves {
		known, ok := gradlog.Recognize(c.Name)
		switch {
		case !ok || c.Points == 0:
			continue
		case known.Parameter != "":
			of(known.Parameter, c.Arrival()).curves[known.Measure] = c
		case known.Measure == gradlog.Norm && j.total == nil:
			j.total = &c
		}
		j.low, j.high = min(j.low, c.Total.MinStep), max(j.high, c.Total.MaxStep)
	}
	if err := j.addHistograms(ctx, of); err != nil {
		return nil, err
	}
	// What has neither a norm nor a histogram, such as the norm of weights alone, is
	// no gradient.
	j.entries = slices.DeleteFunc(j.entries, func(e *entry) bool {
		_, norm := e.curves[gradlog.Norm]
		return !norm && e.histogram == ""
	})
	return j, j.order(ctx)
}

func (j *journal) addHistograms(ctx context.Context, of func(string, int64) *entry) error {
	lists, err := j.run.Store.RecordLists(ctx, j.run.Run, track.Histogram)
	if err != nil {
		return err
	}
	slices.SortStableFunc(lists, func(a, b track.RecordList) int { return cmp.Compare(a.Arrival(), b.Arrival()) })
	for _, l := range lists {
		if known, ok := gradlog.RecognizeHistogram(l.Name); ok {
			of(known.Parameter, l.Arrival()).histogram = l.Name
			j.low, j.high = min(j.low, l.First), max(j.high, l.Last)
		}
	}
	return nil
}

// order puts the parameters in the order that the run's settings list, those that
// they do not list behind the others; or else leaves them as they came: loggers go
// through a network from its input on.
func (j *journal) order(ctx context.Context) error {
	j.ordered = "as they came in the log"
	config, err := j.run.Store.Config(ctx, j.run.Run)
	if err != nil {
		return err
	}
	listed, ok := config[gradlog.OrderSetting].([]any)
	if !ok {
		return nil
	}
	place := map[string]int{}
	for i, name := range listed {
		place[fmt.Sprint(name)] = i
	}
	j.ordered = "as the run's settings list them"
	placeOf := func(e *entry) int {
		if at, ok := place[e.parameter]; ok {
			return at
		}
		return len(listed)
	}
	slices.SortStableFunc(j.entries, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(placeOf(a), placeOf(b)), cmp.Compare(a.arrival, b.arrival))
	})
	return nil
}

func (j *journal) empty() bool { return len(j.entries) == 0 && j.total == nil }

// parameters are the rows of a history.
func (j *journal) parameters() []parameter {
	var rows []parameter
	for _, e := range j.entries {
		p := parameter{name: e.parameter, matrix: namesMatrix(e.parameter)}
		p.layer = strings.TrimRight(e.parameter[:strings.LastIndexAny(e.parameter, "./")+1], "./")
		rows = append(rows, p)
	}
	if !slices.ContainsFunc(rows, func(p parameter) bool { return p.matrix }) {
		for i := range rows { // it names parameters in its own way
			rows[i].matrix = !namesOffset(rows[i].name)
		}
	}
	return rows
}

// namesMatrix and namesOffset tell the weights of a layer from biases and gains
// by what PyTorch, Keras and Flax call them.
func namesMatrix(name string) bool {
	lower := strings.ToLower(name)
	last := lower[strings.LastIndexAny(strings.TrimSuffix(lower, ":0"), "./")+1:]
	for _, word := range []string{"weight", "kernel"} {
		if strings.Contains(last, word) {
			return !namesNormalization(lower) && !namesEmbedding(lower)
		}
	}
	return false
}

func namesOffset(name string) bool {
	lower := strings.ToLower(name)
	for _, word := range []string{"bias", "beta", "gamma", "scale"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return namesNormalization(lower) || namesEmbedding(lower)
}

// namesEmbedding knows GPT-2's words too.
func namesEmbedding(lower string) bool {
	return strings.Contains(lower, "embed") && !strings.Contains(lower, "proj") || strings.Contains(lower, "wte") || strings.Contains(lower, "wpe")
}

func namesNormalization(lower string) bool {
	for _, part := range strings.FieldsFunc(lower, func(r rune) bool { return r == '.' || r == '/' || r == '_' }) {
		part = strings.TrimRight(part, "0123456789")
		if strings.Contains(part, "norm") || part == "bn" || part == "ln" || part == "gn" {
			return true
		}
	}
	return false
}

// read lays the log into columns.
func (j *journal) read(ctx context.Context, tell func(done, total int)) (*history, error) {
	h := newHistory(j.run.Name(), ofSteps, j.parameters(), measuresOf(j.entries)...)
	g, err := j.columns(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range g.columns {
		h.add(c)
	}
	if j.total != nil {
		if err := g.lay(ctx, j.run, *j.total, func(k int, s series.Summary) { h.total[k] = greatest(s) }); err != nil {
			return nil, err
		}
	}
	for i, e := range j.entries {
		tell(i, len(j.entries))
		if err := j.readEntry(ctx, g, h, i, e); err != nil {
			return h, err
		}
	}
	h.zoom = j.zoom(ctx, g.columns)
	h.facts = append(h.facts, figure.Fact{Name: "order of the parameters", Value: j.ordered})
	if len(g.columns) > 1 && g.wide {
		h.facts = append(h.facts, figure.Fact{Name: "columns", Value: fmt.Sprintf("%d of %s steps each: the greatest norm, the mean of what else there is", len(g.columns), brief(g.width))})
	}
	return h, nil
}

func (j *journal) readEntry(ctx context.Context, g *grid, h *history, row int, e *entry) error {
	for m, curve := range e.curves {
		rows := h.of(m)
		if err := g.lay(ctx, j.run, curve, func(k int, s series.Summary) {
			v := s.Mean()
			switch m {
			case gradlog.Norm:
				v = greatest(s)
			case gradlog.NonFinite, gradlog.Max:
				v = s.Max
			case gradlog.Min:
				v = s.Min
			}
			rows[row][k] = v
		}); err != nil {
			return err
		}
	}
	if e.histogram != "" {
		return j.readHistograms(ctx, g, h, row, e)
	}
	return nil
}

// greatest is the norm that stands for several: the greatest, or infinite where
// one is not finite.
func greatest(s series.Summary) float64 {
	if s.NonFinite > 0 {
		return math.Inf(1)
	}
	return s.Max
}

// measuresOf are those that any of the parameters has.
func measuresOf(entries []*entry) []gradlog.Measure {
	out := []gradlog.Measure{gradlog.Norm}
	for _, e := range entries {
		for m := range e.curves {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
		if e.histogram != "" {
			for _, m := range []gradlog.Measure{gradlog.Mean, gradlog.Std, gradlog.Min, gradlog.Max, gradlog.Zeros, gradlog.NonFinite} {
				if !slices.Contains(out, m) {
					out = append(out, m)
				}
			}
		}
	}
	return out
}
