package attribution

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/model"
)

// TestSlopesAreDerivatives compares with differences of the scores.
func TestSlopesAreDerivatives(t *testing.T) {
	logits := []float32{0.3, -1.2, 2.1, 0.9}
	for _, activation := range []string{"softmax", "sigmoid", "none"} {
		m := &model.Model{Head: &model.Head{Activation: activation, Classes: len(logits)}}
		for name, target := range map[string]Target{
			"logit": OfClass(m, 3, Logit), "probability": OfClass(m, 3, Probability), "contrast": OfContrast(m, 3),
		} {
			slope := target.Slope(logits)
			for i := range logits {
				const step = 1e-2
				up, down := append([]float32{}, logits...), append([]float32{}, logits...)
				up[i], down[i] = up[i]+step, down[i]-step
				want := (target.Score(up) - target.Score(down)) / (float64(up[i]) - float64(down[i]))
				if math.Abs(float64(slope[i])-want) > 1e-4 {
					t.Errorf("%s, %s: d target / d logit %d is %v, want %v", activation, name, i, slope[i], want)
				}
			}
		}
	}
}

// TestContrast prefers the nearest logits, whatever their order.
func TestContrast(t *testing.T) {
	got := contrastWith([]float32{5, 1, 4.9, -3, 4, 8.5}, 0)
	for i, want := range []float32{1, 0, -0.2, 0, -0.2, -0.2} {
		if math.Abs(float64(got[i]-want)) > 1e-6 {
			t.Errorf("logit %d weighs %v, want %v", i, got[i], want)
		}
	}
}
