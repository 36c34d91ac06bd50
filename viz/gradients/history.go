package gradients

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/sketch"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// A history is what is known of the parameters' gradients at several moments.
type history struct {
	title    string // whose it is
	moments  moments
	rows     []parameter
	columns  []column
	measures map[gradlog.Measure][][]float64 // by row and column; NaN where nothing is known
	// total is the norm over all parameters together, by column, NaN if not known;
	// loss likewise.
	total, loss []float64

	// What only a source that runs the network knows; see batches.go.
	model *model.Model
	net   *trainable
	// whole is each parameter's gradient over all data, and how its numbers lie.
	whole    []gradlog.Stats
	sketches []*sketch.Sketch
	signal   []float64 // gradient signal-to-noise ratio, by row; nil if not asked for
	// flow is the norm of the gradient with respect to what each layer of net puts
	// out, by layer and column, as of one sample.
	flow    [][]float64
	dead    []gate
	samples int

	// What only a log knows.
	histograms []loggedHistogram
	zoom       zoom // nil where columns are single moments
	facts      []figure.Fact
	warnings   []string
}

// moments are what the columns are.
type moments string

const (
	ofBatches     moments = "batch"
	ofCheckpoints moments = "checkpoint"
	ofSteps       moments = "step"
)

// A column is one moment, or the steps from one to another.
type column struct {
	name     string
	from, to float64 // steps; NaN where there are none
}

// newHistory makes room for some measures.
func newHistory(title string, of moments, rows []parameter, measures ...gradlog.Measure) *history {
	h := &history{title: title, moments: of, rows: rows, measures: map[gradlog.Measure][][]float64{}}
	for _, m := range measures {
		h.measures[m] = make([][]float64, len(rows))
	}
	return h
}

// add begins a column, of which nothing is known yet.
func (h *history) add(c column) int {
	h.columns = append(h.columns, c)
	for _, rows := range h.measures {
		for i := range rows {
			rows[i] = append(rows[i], math.NaN())
		}
	}
	h.total, h.loss = append(h.total, math.NaN()), append(h.loss, math.NaN())
	for i := range h.flow {
		h.flow[i] = append(h.flow[i], math.NaN())
	}
	return len(h.columns) - 1
}

// set notes a measure of a parameter in the last column.
func (h *history) set(m gradlog.Measure, row int, value float64) {
	if rows := h.measures[m]; rows != nil {
		rows[row][len(h.columns)-1] = value
	}
}

// setStats notes what is known of a gradient in the last column.
func (h *history) setStats(row int, s gradlog.Stats) {
	h.set(gradlog.Norm, row, s.Norm)
	h.set(gradlog.Mean, row, s.Mean)
	h.set(gradlog.Std, row, s.Std)
	h.set(gradlog.Min, row, s.Min)
	h.set(gradlog.Max, row, s.Max)
	h.set(gradlog.Zeros, row, s.Zeroed())
	h.set(gradlog.NonFinite, row, float64(s.NonFinite))
}

// of returns a measure by row and column; nil if it is not known at all.
func (h *history) of(m gradlog.Measure) [][]float64 { return h.measures[m] }

// at is one number of a measure, NaN if it is not known.
func (h *history) at(m gradlog.Measure, row, column int) float64 {
	rows := h.measures[m]
	if rows == nil {
		return math.NaN()
	}
	return rows[row][column]
}

// typical is the median of what is finite.
func typical(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the least of the finite values that at least the share q of them
// does not exceed; NaN without any.
func quantile(values []float64, q float64) float64 {
	var known []float64
	for _, v := range values {
		if finite(v) {
			known = append(known, v)
		}
	}
	if len(known) == 0 {
		return math.NaN()
	}
	slices.Sort(known)
	return known[max(0, int(math.Ceil(q*float64(len(known))))-1)]
}

// matrices are the rows that are weights of layers.
func (h *history) matrices() []int {
	var out []int
	for i, p := range h.rows {
		if p.matrix {
			out = append(out, i)
		}
	}
	return out
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
