package train

import (
	"math"
	"testing"
)

// TestOptimizers follows each optimizer for three steps under a gradient of 1,
// where its steps can be worked out by hand.
func TestOptimizers(t *testing.T) {
	cases := []struct {
		name string
		o    Optimizer
		want []float64 // the parameter after each step, from 1 at rate 0.1
	}{
		{"sgd", &SGD{}, []float64{0.9, 0.8, 0.7}},
		// velocities 1, 1.9, 2.71
		{"momentum", &SGD{Momentum: 0.9}, []float64{0.9, 0.71, 0.439}},
		// steps 1 + 0.9·velocity: 1.9, 2.71, 3.439
		{"nesterov", &SGD{Momentum: 0.9, Nesterov: true}, []float64{0.81, 0.539, 0.1951}},
		// gradients 1 + 0.5·w: 1.5, 1.425, 1.35375
		{"decay", &SGD{Decay: 0.5}, []float64{0.85, 0.7075, 0.572125}},
		// Under a constant gradient both corrected means are exactly its own.
		{"adam", &Adam{}, []float64{0.9, 0.8, 0.7}},
		// w·(1 - 0.1·0.5) - 0.1
		{"adamw", &Adam{Decay: 0.5}, []float64{0.85, 0.7075, 0.572125}},
	}
	for _, c := range cases {
		w := []float32{1}
		for step, want := range c.want {
			c.o.Step(0, w, []float32{1}, 0.1)
			if math.Abs(float64(w[0])-want) > 1e-6 {
				t.Errorf("%s: after step %d the parameter is %v, want %v", c.name, step+1, w[0], want)
			}
		}
	}
}

// TestSlots asserts that parameters do not share their state.
func TestSlots(t *testing.T) {
	o := &SGD{Momentum: 0.9}
	a, b := []float32{1}, []float32{1, 1}
	o.Step(0, a, []float32{1}, 0.1)
	o.Step(1, b, []float32{1, 1}, 0.1)
	if a[0] != b[0] || b[0] != b[1] {
		t.Errorf("the first steps of two parameters differ: %v and %v", a, b)
	}
}

func TestCosine(t *testing.T) {
	rate := Cosine(2)
	for done, want := range map[float64]float64{0: 0.2, 0.05: 2, 0.525: 1, 1: 0} {
		if got := rate(done); math.Abs(got-want) > 1e-9 {
			t.Errorf("at %v of the training the rate is %v, want %v", done, got, want)
		}
	}
}
