package attribution

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestBatchesDoNotMatter expects the same scores one by one.
func TestBatchesDoNotMatter(t *testing.T) {
	m, err := model.Open(shared.Path(t, "golden/tinyresnet/tinyresnet_op13.onnx"), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := tensor.OpenNPY(shared.Path(t, "golden/tinyresnet/input.npy"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := Ask(t.Context(), m, x.Slice(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	const n = 67 // more than a batch, and no multiple of one
	darker := Variations{Value: m.Input, N: n, Fill: func(i int, row []float32) {
		for j, v := range a.Input.F32() {
			row[j] = v * float32(i) / n
		}
	}}
	target := OfClass(m, 3, Logit)
	together, err := a.Scores(t.Context(), target, darker)
	if err != nil {
		t.Fatal(err)
	}
	if a.single {
		t.Fatal("a network with a dynamic batch was run one by one")
	}
	a.single = true
	alone, err := a.Scores(t.Context(), target, darker)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if d := math.Abs(together[i] - alone[i]); d > 1e-4*max(1, math.Abs(alone[i])) {
			t.Errorf("variation %d scores %v in a batch and %v alone", i, together[i], alone[i])
		}
	}
}
