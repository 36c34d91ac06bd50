package gradients

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track/gradlog"
)

// band are the quantiles that a band reaches from and to.
var band = [2]float64{0.05, 0.95}

// depthPlots are norms by depth: of the parameters' gradients, of the gradients
// with respect to what layers put out, and against the weights.
func (h *history) depthPlots() *figure.Lines {
	l := &figure.Lines{}
	l.Title = "How the gradient flows"
	if h.moments == ofSteps {
		if p, ok := h.totalPlot(); ok {
			l.Plots = append(l.Plots, p)
		}
	}
	if len(h.rows) == 0 {
		return l
	}
	weights, others := h.depthCurves(h.of(gradlog.Norm))
	p := figure.Plot{Title: "Gradient of the parameters", X: depthAxis, Y: figure.Axis{Title: "2-norm", Log: true}}
	p.Curves = append(p.Curves, weights...)
	p.Curves = append(p.Curves, others...)
	p.Notes = h.ends(weights)
	l.Plots = append(l.Plots, p)
	if h.flow != nil {
		l.Plots = append(l.Plots, h.outputsPlot())
	}
	if ratio := h.ratios(); ratio != nil {
		curves, _ := h.depthCurves(ratio)
		l.Plots = append(l.Plots, figure.Plot{Title: "Gradient against weights", X: depthAxis, Y: figure.Axis{Title: "norm of gradient / norm of weights", Log: true}, Curves: curves})
	}
	if updates := h.of(gradlog.Update); updates != nil {
		curves, _ := h.depthCurves(updates)
		l.Plots = append(l.Plots, figure.Plot{
			Title: "Step against weights", X: depthAxis, Y: figure.Axis{Title: "norm of step / norm of weights", Log: true}, Curves: curves,
			Notes: []figure.Note{{X: math.NaN(), Y: usualUpdate, Text: "usual"}},
		})
	}
	l.Add("curves", fmt.Sprintf("median over the %s, the band from 5 to 95 %%", h.plural()))
	return l
}

var depthAxis = figure.Axis{Title: "parameters, in the order of the network"}

// plural are the moments, counted.
func (h *history) plural() string {
	text := fmt.Sprintf("%d %s", len(h.columns), h.moments)
	if h.moments == ofBatches && len(h.columns) != 1 {
		return text + "es"
	}
	if len(h.columns) != 1 {
		text += "s"
	}
	return text
}

// depthCurves are the medians of a measure by the number of the parameter, of
// weights and of what else there is.
func (h *history) depthCurves(values [][]float64) (weights, others []figure.Curve) {
	w := figure.Curve{Name: "weights", Hue: 1, Marked: true}
	o := figure.Curve{Name: "biases, gains, embeddings", Hue: 2, Faint: true, Marked: true}
	for i, p := range h.rows {
		c := &o
		if p.matrix {
			c = &w
		}
		addBand(c, float64(i+1), values[i])
	}
	if len(w.X) > 0 {
		weights = []figure.Curve{w}
	}
	if len(o.X) > 0 {
		others = []figure.Curve{o}
	}
	return weights, others
}

func addBand(c *figure.Curve, x float64, values []float64) {
	c.X, c.Y = append(c.X, x), append(c.Y, typical(values))
	c.Low, c.High = append(c.Low, quantile(values, band[0])), append(c.High, quantile(values, band[1]))
}

// ends name the first and the last layer, and the least and the greatest norm.
func (h *history) ends(curves []figure.Curve) []figure.Note {
	if len(curves) == 0 || len(curves[0].X) == 0 {
		return nil
	}
	c := curves[0]
	least, greatest := 0, 0
	for i, y := range c.Y {
		if y < c.Y[least] || math.IsNaN(c.Y[least]) {
			least = i
		}
		if y > c.Y[greatest] || math.IsNaN(c.Y[greatest]) {
			greatest = i
		}
	}
	var notes []figure.Note
	noted := map[int]bool{}
	for _, i := range []int{least, greatest, 0, len(c.X) - 1} {
		if !noted[i] && c.Y[i]-c.Y[i] == 0 {
			noted[i] = true
			notes = append(notes, figure.Note{X: c.X[i], Y: c.Y[i], Text: h.rows[int(c.X[i])-1].name})
		}
	}
	return notes
}

// outputsPlot is the gradient with respect to what each layer puts out.
func (h *history) outputsPlot() figure.Plot {
	c := figure.Curve{Name: "outputs", Hue: 3, Marked: true}
	for i := range h.net.layers {
		addBand(&c, float64(i+1), h.flow[i])
	}
	p := figure.Plot{
		Title: "Gradient of what layers put out", X: figure.Axis{Title: "layers with weights, in the order of the network"},
		Y: figure.Axis{Title: "2-norm, of one sample", Log: true}, Curves: []figure.Curve{c},
	}
	for _, i := range []int{0, len(c.X) - 1} {
		if i >= 0 && c.Y[i]-c.Y[i] == 0 {
			p.Notes = append(p.Notes, figure.Note{X: c.X[i], Y: c.Y[i], Text: h.net.layers[i].name})
		}
	}
	return p
}

// ratios are the norms of gradients against those of their weights; nil if the
// latter are not known.
func (h *history) ratios() [][]float64 {
	weights := h.of(gradlog.WeightNorm)
	if weights == nil {
		return nil
	}
	out := make([][]float64, len(h.rows))
	for i, norms := range h.of(gradlog.Norm) {
		out[i] = make([]float64, len(norms))
		for k, n := range norms {
			if out[i][k] = n / weights[i][k]; weights[i][k] == 0 { // a bias begins at zero
				out[i][k] = math.NaN()
			}
		}
	}
	return out
}

// totalPlot is the norm of all gradients by step, where it was logged.
func (h *history) totalPlot() (figure.Plot, bool) {
	c, known := figure.Curve{Name: "all gradients", Hue: 4}, false
	for k, t := range h.total {
		c.X, c.Y = append(c.X, h.columns[k].from), append(c.Y, t)
		known = known || finite(t)
	}
	return figure.Plot{Title: "Norm of all gradients", X: figure.Axis{Title: "step"}, Y: figure.Axis{Title: "2-norm", Log: true}, Curves: []figure.Curve{c}}, known
}
