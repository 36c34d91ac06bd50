package gradients

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// A field is a column of the table.
type field struct {
	name, unit string
	value      func(h *history, row int) float64
	// count tells whole numbers.
	count bool
}

// fields are those of the table; what no row has a number for is left out.
var fields = []field{
	{name: "numbers", count: true, value: func(h *history, i int) float64 {
		if h.rows[i].shape == nil {
			return math.NaN()
		}
		return float64(lengthOf(h.rows[i].shape))
	}},
	{name: "norm", value: normOf},
	{name: "least", value: func(h *history, i int) float64 { return quantile(h.of(gradlog.Norm)[i], 0) }},
	{name: "greatest", value: func(h *history, i int) float64 { return quantile(h.of(gradlog.Norm)[i], 1) }},
	{name: "of weights", value: func(h *history, i int) float64 {
		w := h.of(gradlog.WeightNorm)
		if w == nil {
			return math.NaN()
		}
		if w := typical(w[i]); w > 0 {
			return normOf(h, i) / w
		}
		return math.NaN()
	}},
	{name: "step of weights", value: func(h *history, i int) float64 { return h.median(gradlog.Update, i) }},
	{name: "mean", value: func(h *history, i int) float64 {
		return h.sum(i, gradlog.Mean, func(s gradlog.Stats) float64 { return s.Mean })
	}},
	{name: "std", value: func(h *history, i int) float64 {
		return h.sum(i, gradlog.Std, func(s gradlog.Stats) float64 { return s.Std })
	}},
	{name: "min", value: func(h *history, i int) float64 {
		return h.sum(i, gradlog.Min, func(s gradlog.Stats) float64 { return s.Min })
	}},
	{name: "5 %", value: func(h *history, i int) float64 { return h.quantileOf(i, 0.05) }},
	{name: "median", value: func(h *history, i int) float64 { return h.quantileOf(i, 0.5) }},
	{name: "95 %", value: func(h *history, i int) float64 { return h.quantileOf(i, 0.95) }},
	{name: "max", value: func(h *history, i int) float64 {
		return h.sum(i, gradlog.Max, func(s gradlog.Stats) float64 { return s.Max })
	}},
	{name: "zeros", unit: "%", value: func(h *history, i int) float64 { return 100 * h.sum(i, gradlog.Zeros, gradlog.Stats.Zeroed) }},
	{name: "not finite", count: true, value: func(h *history, i int) float64 {
		sum, known := 0.0, false
		for k := range h.columns {
			if v := h.at(gradlog.NonFinite, i, k); !math.IsNaN(v) {
				sum, known = sum+v, true
			}
		}
		if !known {
			return math.NaN()
		}
		return sum
	}},
	{name: "cosine", value: func(h *history, i int) float64 { return h.median(gradlog.Turn, i) }},
	{name: "signal to noise", value: func(h *history, i int) float64 {
		if h.signal == nil {
			return math.NaN()
		}
		return h.signal[i]
	}},
}

func normOf(h *history, row int) float64 {
	return h.sum(row, gradlog.Norm, func(s gradlog.Stats) float64 { return s.Norm })
}

// sum is a number of the gradient over all data, or the median of a measure over
// the moments where that is not known.
func (h *history) sum(row int, m gradlog.Measure, of func(gradlog.Stats) float64) float64 {
	if h.whole != nil {
		return of(h.whole[row])
	}
	return h.median(m, row)
}

func (h *history) median(m gradlog.Measure, row int) float64 {
	if rows := h.of(m); rows != nil {
		return typical(rows[row])
	}
	return math.NaN()
}

func (h *history) quantileOf(row int, q float64) float64 {
	if h.sketches == nil {
		return math.NaN()
	}
	return h.sketches[row].Quantile(q)
}

// table is a line for each parameter, below one for its layer.
func (h *history) table() *figure.Table {
	t := &figure.Table{Columns: []figure.Column{{Name: "layer, parameter"}, {Name: "shape"}}}
	t.Title = "Gradients of the parameters"
	used := h.usedFields()
	for _, f := range used {
		t.Columns = append(t.Columns, figure.Column{Name: f.name, Unit: f.unit, Number: true})
	}
	layer := ""
	for i, p := range h.rows {
		if p.layer != layer && p.layer != "" {
			layer = p.layer
			t.Rows = append(t.Rows, h.layerRow(layer, used))
		}
		row := figure.Row{Cells: []figure.Cell{figure.Text(within(p.name, layer)), figure.Text(shapeText(p.shape))}}
		if p.layer != "" {
			row.Depth = 1
		}
		for _, f := range used {
			row.Cells = append(row.Cells, f.cell(f.value(h, i)))
		}
		t.Rows = append(t.Rows, row)
	}
	if h.whole != nil {
		t.Add("norm, mean and so on", "of the gradient over all samples; least and greatest are the norms of single batches")
		t.Add("quantiles", "within 0.8 %")
	} else {
		t.Add("norm, mean and so on", fmt.Sprintf("medians over the %s", h.plural()))
	}
	if h.of(gradlog.Turn) != nil {
		t.Add("cosine", fmt.Sprintf("of the angle between the gradients of one %s and the next, median", h.moments))
	}
	if h.signal != nil {
		t.Add("signal to noise", "median over a parameter's numbers of mean² / variance of the gradient of one sample (arXiv 2001.07384)")
	}
	return t
}

func (h *history) usedFields() []field {
	var used []field
	for _, f := range fields {
		for i := range h.rows {
			if v := f.value(h, i); !math.IsNaN(v) {
				used = append(used, f)
				break
			}
		}
	}
	return used
}

// layerRow sums up a layer's parameters: how many numbers they have, and the norm
// of their gradients together.
func (h *history) layerRow(layer string, used []field) figure.Row {
	row := figure.Row{Group: true, Cells: []figure.Cell{figure.Text(layer), figure.Text("")}}
	for _, f := range used {
		total, known := 0.0, false
		for i, p := range h.rows {
			if v := f.value(h, i); p.layer == layer && !math.IsNaN(v) {
				known = true
				switch {
				case f.count:
					total += v
				case f.name == "norm":
					total = math.Hypot(total, v)
				default:
					known = false
				}
			}
		}
		if !known {
			total = math.NaN()
		}
		row.Cells = append(row.Cells, f.cell(total))
	}
	return row
}

func (f field) cell(v float64) figure.Cell {
	switch {
	case math.IsNaN(v):
		return figure.Cell{Value: v}
	case f.count:
		return figure.Count(int64(v))
	case f.unit == "%":
		return figure.Cell{Text: fmt.Sprintf("%.1f", v), Value: v}
	}
	return figure.Cell{Text: brief(v), Value: v}
}

// brief writes a number in three digits.
func brief(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// within is what a name adds to its layer's.
func within(name, layer string) string {
	if rest, ok := strings.CutPrefix(name, layer); ok && layer != "" && rest != "" {
		return strings.TrimLeft(rest, "./")
	}
	return name
}

func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "×")
}
