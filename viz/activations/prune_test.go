package activations

import (
	"fmt"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/viz"
)

// TestPruningOfKnownUnits: the channels that no class listens to go first and
// cost nothing; without any the network names the first class.
func TestPruningOfKnownUnits(t *testing.T) {
	r := runView(t, handMade(t), colours(), viz.Values{"view": {"pruning"}, "layer": {"relu"}, "steps": {"4"}}).(*figure.Report)
	curve := r.Sections[1].Figure.(*figure.Lines).Plots[0].Curves[0]
	// Without the red one both logits of red pictures are 0, which is named red.
	if want := "[100 100 100 100 50]"; fmt.Sprint(curve.Y) != want {
		t.Errorf("the accuracy goes %v, want %s", curve.Y, want)
	}
	first := map[string]bool{}
	for _, row := range r.Sections[2].Figure.(*figure.Table).Rows[:2] {
		first[row.Cells[1].Text] = true
		if row.Cells[2].Value != 0 {
			t.Errorf("channel %s contributes %v", row.Cells[1].Text, row.Cells[2].Value)
		}
	}
	if !first[fmt.Sprint(silent)] || !first[fmt.Sprint(idle)] {
		t.Errorf("%v go first, want the silent and the idle one", first)
	}
}

// TestPruningAgainstChance: in the lab's network, taking away what contributes
// least loses fewer pictures than chance does; on average over the
// steps, by 5 % of the pictures at least.
func TestPruningAgainstChance(t *testing.T) {
	m := teach(t, lab.Cheater)
	images := labImages(lab.Pictures(99, 120, lab.Misleading))
	r := runView(t, m, images, viz.Values{"view": {"pruning"}, "layer": {"features.5"}, "steps": {"8"}}).(*figure.Report)
	curves := r.Sections[1].Figure.(*figure.Lines).Plots[0].Curves
	t.Logf("by contribution %.1f, at random %.1f", curves[0].Y, curves[1].Y)
	area := func(c figure.Curve) (sum float64) {
		for _, y := range c.Y {
			sum += y / float64(len(c.Y))
		}
		return sum
	}
	if curves[0].Y[0] < 90 || curves[0].Y[0] != curves[1].Y[0] {
		t.Errorf("the whole network names %.1f and %.1f %% rightly", curves[0].Y[0], curves[1].Y[0])
	}
	if area(curves[0]) < area(curves[1])+5 {
		t.Errorf("by contribution %.1f %% stay on average, at random %.1f %%", area(curves[0]), area(curves[1]))
	}
}

// TestLogOdds: its slope is its derivative.
func TestLogOdds(t *testing.T) {
	target := logOdds(handMade(t), 0)
	logits := []float32{1.5, -0.5, 2, 0.25}
	slope := target.Slope(logits)
	for c := range logits {
		up, down := append([]float32{}, logits...), append([]float32{}, logits...)
		up[c] += 1e-2
		down[c] -= 1e-2
		want := (target.Score(up) - target.Score(down)) / 2e-2
		if math.Abs(float64(slope[c])-want) > 1e-4 {
			t.Errorf("class %d: the slope is %v, want %v", c, slope[c], want)
		}
	}
}
