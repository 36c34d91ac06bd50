package gradients

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// A loggedHistogram is those of one parameter, at some of the steps.
type loggedHistogram struct {
	row   int
	steps []float64
	at    []*track.HistogramBody
}

// drawnSteps is how many steps of a parameter are drawn over one another.
const drawnSteps = 5

// readHistograms makes statistics of the histograms of a parameter, where those
// were not logged themselves: of all, or evenly of mostColumns.
func (j *journal) readHistograms(ctx context.Context, g *grid, h *history, row int, e *entry) error {
	heads, err := j.run.Store.Records(ctx, j.run.Run, track.Histogram, e.histogram, 0, 0)
	if err != nil || len(heads) == 0 {
		return err
	}
	kept := loggedHistogram{row: row}
	heads = track.Evenly(heads, mostColumns)
	drawn := track.Evenly(heads, drawnSteps)
	for _, head := range heads {
		raw, err := j.run.Store.RecordBody(ctx, head)
		if err != nil {
			return err
		}
		body, err := track.ParseHistogram(raw)
		if err != nil {
			continue // the store takes none that is damaged
		}
		h.setHistogram(row, g.at(head.Step), body, e)
		if slices.Contains(drawn, head) {
			kept.steps, kept.at = append(kept.steps, head.Step), append(kept.at, body)
		}
	}
	h.histograms = append(h.histograms, kept)
	return nil
}

// setHistogram notes the statistics that a histogram tells, unless they were
// logged.
func (h *history) setHistogram(row, column int, body *track.HistogramBody, e *entry) {
	set := func(m gradlog.Measure, v float64) {
		if _, own := e.curves[m]; own || math.IsNaN(v) {
			return
		}
		cells := h.of(m)[row]
		if before := cells[column]; m == gradlog.Norm && before > v {
			v = before // the greatest of a column
		}
		cells[column] = v
	}
	n := body.Count()
	sum, squares := 0.0, 0.0
	for i, c := range body.Counts {
		middle := (body.Edges[i] + body.Edges[i+1]) / 2
		sum += c * middle
		squares += c * middle * middle
	}
	sum, squares = known(body.Sum, sum), known(body.SumSquares, squares)
	nonFinite := known(body.NonFinite, 0)
	norm := math.Sqrt(squares)
	if nonFinite > 0 {
		norm = math.Inf(1)
	}
	set(gradlog.Norm, norm)
	set(gradlog.NonFinite, nonFinite)
	if n == 0 {
		return
	}
	mean := sum / n
	set(gradlog.Mean, mean)
	set(gradlog.Std, math.Sqrt(max(0, squares/n-mean*mean)))
	set(gradlog.Min, known(body.Min, body.Edges[0]))
	set(gradlog.Max, known(body.Max, body.Edges[len(body.Edges)-1]))
	set(gradlog.Zeros, known(body.Zeros, math.NaN())/n)
}

func known(v *float64, otherwise float64) float64 {
	if v == nil {
		return otherwise
	}
	return *v
}

// loggedHistograms is a plot for each parameter with a curve for each of some
// steps.
func (h *history) loggedHistograms() figure.Figure {
	l := &figure.Lines{}
	l.Title = "How the numbers of the gradients lie"
	chosen := map[int]bool{}
	for _, row := range h.spread(mostHistograms) {
		chosen[row] = true
	}
	for _, k := range h.histograms {
		if !chosen[k.row] {
			continue
		}
		p := figure.Plot{Title: h.rows[k.row].name, X: figure.Axis{Title: "value"}, Y: figure.Axis{Title: "share in a bin", Unit: "%"}}
		for i, body := range k.at {
			p.Curves = append(p.Curves, outline(body, "step "+stepText(k.steps[i]), i+1))
		}
		l.Plots = append(l.Plots, p)
	}
	if len(chosen) < len(h.rows) {
		l.Add("shown", fmt.Sprintf("%d of %d parameters, evenly over the depth; --only chooses others", len(l.Plots), len(h.rows)))
	}
	l.Add("steps", fmt.Sprintf("up to %d, evenly over those logged", drawnSteps))
	return l
}

// outline draws a histogram as steps.
func outline(body *track.HistogramBody, name string, hue int) figure.Curve {
	c := figure.Curve{Name: name, Hue: hue}
	n := max(body.Count(), 1)
	for i, count := range body.Counts {
		share := 100 * count / n
		c.X, c.Y = append(c.X, body.Edges[i], body.Edges[i+1]), append(c.Y, share, share)
	}
	return c
}
