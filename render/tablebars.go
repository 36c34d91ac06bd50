package render

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
)

// Sizes of the bars beside the numbers of a column.
const (
	barLane  = 120.0 // room for the longest bar to either side of zero
	laneGap  = 10.0
	barInset = 4.5 // above and below, in a row
)

// A barScale is how long the bars of a column are: the longest fills the room. Zero
// lies in its middle where there are numbers of both signs, and else at an end.
type barScale struct{ zero, perUnit float64 }

// barScales are those of a table's columns, zero for such without bars.
func barScales(t *figure.Table) []barScale {
	out := make([]barScale, len(t.Columns))
	for i, c := range t.Columns {
		if !c.Bars {
			continue
		}
		low, high := 0.0, 0.0
		for _, r := range t.Rows {
			if i >= len(r.Cells) || r.Group {
				continue
			}
			if v := r.Cells[i].Value; v-v == 0 {
				low, high = min(low, v), max(high, v)
			}
		}
		if high > low {
			longest := max(high, -low)
			switch {
			case low == 0:
				out[i] = barScale{0, barLane / longest}
			case high == 0:
				out[i] = barScale{barLane, barLane / longest}
			default:
				out[i] = barScale{barLane / 2, barLane / 2 / longest}
			}
		}
	}
	return out
}

// drawBar draws the bar of a cell, red to the right of zero and blue to the left.
func (s barScale) drawBar(c canvas, x, y, v float64) {
	length := min(math.Abs(v)*s.perUnit, barLane)
	if !(length > 0) {
		return
	}
	b := figure.Box{X: x + s.zero, Y: y + barInset, W: length, H: rowHeight - 2*barInset}
	colour := firstCurve + 7
	if v < 0 {
		b.X, colour = b.X-length, firstCurve
	}
	c.rect(b, 0, paint{fill: colour})
}
