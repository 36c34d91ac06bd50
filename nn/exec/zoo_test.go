package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestArchitectures compares the executors on the small networks of the zoo:
// outputs, and the gradients of one of the first with respect to the input and
// to all parameters.
func TestArchitectures(t *testing.T) {
	if raceDetector {
		t.Skip("takes minutes on the plain executor")
	}
	for _, a := range zoo.Architectures() {
		t.Run(a.Name, func(t *testing.T) {
			g := a.Small.Build(1)
			feeds := a.Small.Feeds(g, 1, 1)
			seed, err := exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, g.Outputs[0])
			if err != nil {
				t.Fatal(err)
			}
			question := exec.GradientOf{
				Y: g.Outputs[0], Seed: oneAt(seed[0].Shape(), 7), Wrt: append(weights(g), zoo.Entry(g)), Fetch: g.Outputs,
			}
			want, logits, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
			if err != nil {
				t.Fatal(err)
			}
			got, values, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), feeds, question)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range g.Outputs {
				near(t, g.Values[v].Name, values[i], logits[i], tolerance)
			}
			for i, v := range question.Wrt {
				near(t, g.Values[v].Name, got[i], want[i], tolerance)
			}
		})
	}
}
