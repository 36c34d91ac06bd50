package gradients

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/sketch"
	"github.com/tomo-viz/tomo/viz"
)

const (
	mostHistograms = 24
	binsPerDecade  = 4
)

// distributions is a plot for each parameter: how often its gradient holds
// numbers of which size, above zero and below.
func (h *history) distributions() (figure.Figure, error) {
	if h.histograms != nil {
		return h.loggedHistograms(), nil
	}
	if h.sketches == nil || len(h.rows) == 0 {
		return nil, viz.Userf("no histograms of gradients were logged; see --view flow and --view heatmap for what was")
	}
	l := &figure.Lines{}
	l.Title = "How large the numbers of the gradients are"
	rows := h.spread(mostHistograms)
	for _, i := range rows {
		l.Plots = append(l.Plots, sizes(h.rows[i].name, h.sketches[i]))
	}
	if len(rows) < len(h.rows) {
		l.Add("shown", fmt.Sprintf("%d of %d parameters, evenly over the depth; --only chooses others", len(rows), len(h.rows)))
	}
	l.Add("bins", fmt.Sprintf("%d to a power of ten, over the gradient of all samples", binsPerDecade))
	return l, nil
}

// sizes is a histogram over logarithms with one curve for each sign.
func sizes(title string, s *sketch.Sketch) figure.Plot {
	p := figure.Plot{Title: title, X: figure.Axis{Title: "size", Log: true}, Y: figure.Axis{Title: "share", Unit: "%"}}
	counts := [2]map[int]float64{{}, {}} // above zero and below, by bin
	first, last := math.MaxInt, math.MinInt
	s.Each(func(from, to float64, count uint64) {
		if from == 0 && to == 0 {
			return
		}
		sign, size := 0, (from+to)/2
		if size < 0 {
			sign, size = 1, -size
		}
		bin := int(math.Floor(math.Log10(size) * binsPerDecade))
		counts[sign][bin] += float64(count)
		first, last = min(first, bin), max(last, bin)
	})
	for sign, name := range []string{"above zero", "below zero"} {
		c := figure.Curve{Name: name, Hue: sign + 1}
		for bin := first; bin <= last && first <= last; bin++ { // steps, so that a lone bin is seen as one
			share := 100 * counts[sign][bin] / float64(max(s.N, 1))
			from, to := math.Pow(10, float64(bin)/binsPerDecade), math.Pow(10, float64(bin+1)/binsPerDecade)
			c.X, c.Y = append(c.X, from, to), append(c.Y, share, share)
		}
		p.Curves = append(p.Curves, c)
	}
	if s.Zero > 0 {
		p.X.Title = fmt.Sprintf("size; %.1f %% are 0", 100*float64(s.Zero)/float64(s.N))
	}
	if s.NotReal > 0 {
		p.Title += fmt.Sprintf(" (%s not finite)", figure.Thousands(int64(s.NotReal)))
	}
	return p
}
