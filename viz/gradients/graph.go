package gradients

import (
	"context"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/arch"
)

// mostBoxes is how many boxes the architecture is drawn with, before modules are
// folded.
const mostBoxes = 60

// painted is the network's architecture with each box in the colour of its
// parameters' gradient.
func (h *history) painted(ctx context.Context) (figure.Figure, error) {
	if h.model == nil {
		return nil, viz.Userf("--view graph paints a network's architecture, which a log does not hold; give a model and data")
	}
	d, err := arch.Draw(ctx, h.model, mostBoxes)
	if err != nil {
		return nil, err
	}
	norms := make([]float64, len(d.Figure.Nodes))
	low, high := math.Inf(1), math.Inf(-1)
	for i, p := range h.rows {
		box := d.Boxes[p.node]
		if box < 0 {
			continue
		}
		norm := normOf(h, i)
		norms[box] = math.Hypot(norms[box], norm)
		d.Figure.Nodes[box].Facts = append(d.Figure.Nodes[box].Facts, figure.Fact{Name: "gradient of " + p.name, Value: brief(norm)})
	}
	for _, norm := range norms {
		if v := math.Log10(norm); finite(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		low, high = 0, 1
	}
	low = max(low, high-mostDecades)
	for box, norm := range norms {
		if norm != 0 {
			heat(&d.Figure.Nodes[box], math.Log10(norm), low, high, norm)
		}
	}
	g := d.Figure
	g.Title, g.Legend = "Gradients of "+h.model.Name, nil
	g.Scale = &figure.HeatScale{Name: "log10 of the 2-norm of the parameters' gradient", Low: low, High: high, Colormap: "viridis"}
	g.Add("colour", "of all parameters of a box together; boxes without keep that of their kind")
	if h.of(gradlog.NonFinite) != nil && h.anyBroken() {
		g.Warn("Some gradients hold NaN or infinite numbers, which their norms leave out; --view verdict says where they come from.")
	}
	return g, nil
}

// heat paints a box and writes the norm into it.
func heat(n *figure.GraphNode, v, low, high, norm float64) {
	share := 1.0
	if high > low {
		share = max(0, min(1, (v-low)/(high-low)))
	}
	if !math.IsNaN(share) {
		n.Heat = &share
	}
	if len(n.Lines) > 0 {
		n.Lines[len(n.Lines)-1] = fmt.Sprintf("norm %.2g", norm) // short, for narrow boxes; the rest is in its facts
	}
}

func (h *history) anyBroken() bool {
	for i := range h.rows {
		for k := range h.columns {
			if h.broken(i, k) {
				return true
			}
		}
	}
	return false
}
