package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestArchitectures compares the executors on networks of full depth, on small
// pictures: logits, and the gradients of one logit with respect to the input
// and to all parameters.
func TestArchitectures(t *testing.T) {
	if raceDetector {
		t.Skip("takes minutes on the plain executor")
	}
	for _, a := range zoo.Architectures() {
		t.Run(a.Name, func(t *testing.T) {
			g := a.Build(1)
			feeds := feed(g, wave(tensor.Float32, []int{1, 3, 64, 64}))
			question := exec.GradientOf{
				Y: g.Outputs[0], Seed: oneHot(1, 1000, 7), Wrt: append(weights(g), g.Inputs[0]), Fetch: g.Outputs,
			}
			want, logits, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
			if err != nil {
				t.Fatal(err)
			}
			got, values, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), feeds, question)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "logits", values[0], logits[0], tolerance)
			for i, v := range question.Wrt {
				near(t, g.Values[v].Name, got[i], want[i], tolerance)
			}
		})
	}
}
