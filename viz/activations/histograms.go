package activations

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
)

// bins is how many a histogram has.
const bins = 60

// histograms is a plot for each layer: how often its units put out which
// numbers.
func histograms(c *census) figure.Figure {
	l := &figure.Lines{}
	l.Title = "How often the layers put out which numbers"
	for i, layer := range c.layers {
		sum := whole(c.units[i])
		p := figure.Plot{Title: layer.Name, X: figure.Axis{Title: "value"}, Y: figure.Axis{Title: "share", Unit: "%"}}
		if zeros := float64(sum.Zero) / float64(max(sum.N, 1)); zeros > 0.1 { // they would dwarf the rest
			p.X.Title = fmt.Sprintf("value; %.0f %% are 0 and not drawn", 100*zeros)
			sum.N, sum.Zero = sum.N-sum.Zero, 0
		}
		edges, counts := sum.Histogram(bins)
		if dead, stuck := c.tally(i); dead+stuck > 0 {
			p.Title += fmt.Sprintf(" (%d units: %d dead, %d saturated)", len(c.units[i]), dead, stuck)
		}
		curve := figure.Curve{Name: "share of the numbers", Hue: 1}
		for b, n := range counts { // steps, so that a lone bin is seen as one
			share := 100 * n / float64(sum.N)
			curve.X = append(curve.X, edges[b], edges[b+1])
			curve.Y = append(curve.Y, share, share)
		}
		p.Curves = append(p.Curves, curve)
		l.Plots = append(l.Plots, p)
	}
	l.Add("bins", fmt.Sprint(bins))
	c.explain(&l.About)
	return l
}
