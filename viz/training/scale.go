package training

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// fence is how many times the distance of the quartiles a value may lie from them
// before it counts as far out (Tukey, Exploratory Data Analysis, 1977).
const fence = 3.0

// scaleToBulk ends the upright axis at the last values that are not far out, and
// says on the plot how many are.
func scaleToBulk(p *figure.Plot) {
	var values []float64
	for _, c := range p.Curves {
		for _, list := range []figure.Doubles{c.Y, c.Low, c.High} {
			for _, v := range list {
				if !math.IsNaN(v) && !math.IsInf(v, 0) {
					values = append(values, v)
				}
			}
		}
	}
	q1, q3 := curve.Quantile(values, 0.25), curve.Quantile(values, 0.75)
	least, most := q1-fence*(q3-q1), q3+fence*(q3-q1)
	low, high := math.Inf(1), math.Inf(-1)
	above, below := 0, 0
	top, bottom := math.Inf(-1), math.Inf(1)
	for _, v := range values {
		switch {
		case v > most:
			above, top = above+1, max(top, v)
		case v < least:
			below, bottom = below+1, min(bottom, v)
		default:
			low, high = min(low, v), max(high, v)
		}
	}
	if above+below == 0 || !(low < high) {
		return
	}
	p.Y.Range = &[2]float64{low, high}
	mark := func(at float64, n int, where string, end float64) {
		if n > 0 {
			p.Notes = append(p.Notes, figure.Note{X: math.NaN(), Y: at, Text: fmt.Sprintf("%s %s, up to %s", findings.Plural(n, "value"), where, findings.Figure(end))})
		}
	}
	mark(high, above, "above", top)
	mark(low, below, "below", bottom)
}
