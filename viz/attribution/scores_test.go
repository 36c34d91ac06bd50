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

// TestEvenly fits rows into batches of one size.
func TestEvenly(t *testing.T) {
	for _, c := range []struct{ n, most, size, idle int }{
		{50, 6, 5, 0},     // 9 batches of 6 would leave 4 idle
		{50, 64, 50, 0},   // as many as there are
		{512, 27, 27, 1},  // 16 would leave none, and be much less
		{1000, 27, 25, 0}, // 38 batches of 27 would leave 26 idle
		{7, 6, 5, 3},      // 6 would leave 5, and 4 would be much less
		{53, 2, 2, 1},
		{1, 1, 1, 0},
	} {
		size := evenly(c.n, min(c.most, c.n))
		if idle := (c.n+size-1)/size*size - c.n; size != c.size || idle != c.idle {
			t.Errorf("%d rows, at most %d at a time: %d at a time with %d idle, want %d with %d", c.n, c.most, size, idle, c.size, c.idle)
		}
	}
}
