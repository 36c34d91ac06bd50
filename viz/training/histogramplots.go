package training

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/training/bins"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// percentiles draws the median, and bands that hold what lies within one, one and
// a half, two and all deviations of a normal distribution, as TensorBoard does.
func (h *stack) percentiles() figure.Plot {
	p := figure.Plot{Title: h.title, X: figure.Axis{Title: "step"}, Y: figure.Axis{Title: "value"}}
	for _, band := range []struct {
		name      string
		low, high float64
	}{
		{"all", 0, 1}, {"7 to 93 %", 0.07, 0.93}, {"16 to 84 %", 0.16, 0.84}, {"31 to 69 %", 0.31, 0.69},
	} {
		c := figure.Curve{Name: band.name, Hue: 1, Faint: true}
		for i, body := range h.at {
			c.X, c.Y = append(c.X, h.steps[i]), append(c.Y, bins.Quantile(body, 0.5))
			c.Low, c.High = append(c.Low, bins.Quantile(body, band.low)), append(c.High, bins.Quantile(body, band.high))
		}
		p.Curves = append(p.Curves, c)
	}
	median := p.Curves[0]
	median.Name, median.Faint, median.Low, median.High = "median", false, nil, nil
	p.Curves = append(p.Curves, median)
	return p
}

// overlay draws the histograms of some steps over each other.
func (h *stack) overlay() figure.Plot {
	p := figure.Plot{Title: h.title, X: figure.Axis{Title: "value"}, Y: figure.Axis{Title: "share of the values", Unit: "%"}}
	for i, shares := range h.densities() {
		c := figure.Curve{Name: "step " + findings.Figure(h.steps[i])}
		for k, share := range shares {
			c.X, c.Y = append(c.X, h.middle(k)), append(c.Y, 100*share)
		}
		p.Curves = append(p.Curves, c)
	}
	return p
}

// offset stands each histogram on its step: one unit of height is the distance of
// two steps, for the greatest share of all.
func (h *stack) offset() figure.Plot {
	p := figure.Plot{Title: h.title, X: figure.Axis{Title: "value"}, Y: figure.Axis{Title: "step, with a histogram standing on each"}}
	all, most := h.densities(), 0.0
	for _, shares := range all {
		for _, share := range shares {
			most = math.Max(most, share)
		}
	}
	height := 1.0
	if n := len(h.steps); n > 1 && h.steps[n-1] > h.steps[0] {
		height = 2 * (h.steps[n-1] - h.steps[0]) / float64(n-1)
	}
	for i := len(all) - 1; i >= 0; i-- { // the first in front
		c := figure.Curve{Hue: 1, Name: "step " + findings.Figure(h.steps[i]), Faint: i > 0 && i < len(all)-1}
		for k, share := range all[i] {
			y := h.steps[i]
			if most > 0 {
				y += height * share / most
			}
			c.X, c.Y = append(c.X, h.middle(k)), append(c.Y, y)
			c.Low, c.High = append(c.Low, h.steps[i]), append(c.High, y)
		}
		p.Curves = append(p.Curves, c)
	}
	if most > 0 {
		p.Notes = []figure.Note{{X: h.low, Y: math.NaN(), Text: fmt.Sprintf("the highest is %.0f %% in %s", 100*most, findings.Figure((h.high-h.low)/cells))}}
	}
	return p
}
