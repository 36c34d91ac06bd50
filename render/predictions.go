package render

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
)

var (
	headingFont    = lettering{size: 11.5, bold: true, ink: text}
	labelFont      = lettering{size: 11, ink: text}
	explainedFont  = lettering{size: 11, bold: true, ink: accent}
	percentFont    = lettering{size: 11, ink: soft, align: right}
	percentBigFont = lettering{size: 11, bold: true, ink: accent, align: right}
)

const (
	barsHead         = 22.0
	predictionHeight = 33.0
)

// drawPredictions draws what the network answered as bars, best first. The
// classes that maps explain are marked, and shown even if they come late.
func drawPredictions(c canvas, b figure.Box, p *figure.HeatPanel) {
	explained := map[int]bool{}
	for _, m := range p.Maps {
		explained[m.Class] = true
	}
	c.text(b.X, b.Y+10, "Predictions", headingFont)
	y := b.Y + barsHead
	room := max(1, int((b.H-barsHead)/predictionHeight))
	shown, skipped := choosePredictions(p.Predictions, explained, room)
	for i, pred := range shown {
		if skipped && i == len(shown)-1 {
			for k := range 3 {
				c.rect(figure.Box{X: b.X + 10 + 5*float64(k), Y: y - 4, W: 2, H: 2}, 1, paint{fill: faint})
			}
			y += 3
		}
		drawPrediction(c, figure.Box{X: b.X, Y: y, W: b.W, H: predictionHeight}, pred, explained[pred.Class])
		y += predictionHeight
	}
}

// choosePredictions picks the best n; if an explained class is not among them,
// the best such takes the last place, and skipped is true.
func choosePredictions(all []figure.Prediction, explained map[int]bool, n int) (shown []figure.Prediction, skipped bool) {
	if len(all) <= n {
		return all, false
	}
	shown = slices.Clone(all[:n])
	for i, p := range all {
		if explained[p.Class] {
			if i >= n {
				shown[n-1] = p
			}
			return shown, i >= n
		}
	}
	return shown, false
}

func drawPrediction(c canvas, b figure.Box, p figure.Prediction, explained bool) {
	label, percent, color := labelFont, percentFont, bar
	if explained {
		label, percent, color = explainedFont, percentBigFont, accent
		var mark path
		mark.move(b.X, b.Y+2.5).line(b.X+6, b.Y+6.5).line(b.X, b.Y+10.5).close()
		c.path(&mark, paint{fill: accent})
	}
	value := percentText(p.Score)
	x, w := b.X+11, b.W-11
	c.text(b.X+b.W, b.Y+10.5, value, percent)
	c.text(x, b.Y+10.5, label.fit(className(p.Label, p.Class), w-percent.width(value)-8), label)
	c.rect(figure.Box{X: x, Y: b.Y + 16, W: w, H: 6}, 3, paint{fill: track})
	if share := max(0, min(p.Score, 1)); share > 0 {
		c.rect(figure.Box{X: x, Y: b.Y + 16, W: max(share*w, 2), H: 6}, 3, paint{fill: color})
	}
}

// percentText writes a probability for people.
func percentText(score float64) string {
	switch p := 100 * score; {
	case math.IsNaN(p):
		return "no number"
	case p > 0 && p < 0.05:
		return "< 0.1 %"
	case p < 100 && p >= 99.95:
		return "> 99.9 %"
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}
