package saliency

import (
	"strings"

	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// isRow reports whether the input is a row of features [1, F].
func (p *probe) isRow() bool { return p.Input.Rank() == 2 }

// mostFeatures is how many LIME and KernelSHAP solve for.
const mostFeatures = 1000

// suitsRows refuses what has no meaning for features, which have ranges of their
// own and no neighbours.
func (p Params) suitsRows(e *entry, a *attribution.Answer) error {
	switch {
	case e.name == "rise":
		return viz.Userf("RISE hides neighbouring places together, and features are no neighbours; take occlusion, lime or kernelshap")
	case (e.name == "lime" || e.name == "kernelshap") && a.Input.Len() > mostFeatures:
		return viz.Userf("%s hides features one by one and solves for at most %d, and %s takes %d; take occlusion or ig", e.title, mostFeatures, a.Model.Name, a.Input.Len())
	case e.compares && (p.Baseline == "black" || p.Baseline == "white" || p.Baseline == "blurred"):
		return viz.Userf("--baseline %s is a picture, and %s takes rows of features; take zero, mean (of all rows) or random (another row)", p.Baseline, a.Model.Name)
	case strings.HasPrefix(e.name, "lrp") && p.FirstRule == "box":
		return viz.Userf("--first-rule box needs the least and the greatest input there can be, and of features they are not known; take wsquare, flat or same")
	}
	return nil
}

// rowBaseline is zero, the mean of each feature over all rows, or one of the other
// rows drawn at random; zero, too, where there are no others.
func (p *probe) rowBaseline() []float32 {
	rows, out := p.options.rows, make([]float32, p.Input.Len())
	switch {
	case p.options.Baseline == "zero" || len(rows) < 2:
	case p.options.Baseline == "random":
		other := p.random.IntN(len(rows) - 1)
		if other >= p.options.row {
			other++
		}
		copy(out, rows[other])
	default:
		for i := range out {
			sum := 0.0
			for _, row := range rows {
				sum += float64(row[i])
			}
			out[i] = float32(sum / float64(len(rows)))
		}
	}
	return out
}

// featureRanges are the least and the greatest number of each feature.
func (o Options) featureRanges() (low, high []float32) {
	low, high = append([]float32(nil), o.rows[0]...), append([]float32(nil), o.rows[0]...)
	for _, row := range o.rows {
		for i, v := range row {
			low[i], high[i] = min(low[i], v), max(high[i], v)
		}
	}
	return low, high
}
