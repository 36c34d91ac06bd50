package gradients

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// tolerance is relative to the greatest magnitude of each gradient: PyTorch's
// references are float32.
const tolerance = 1e-4

// TestGolden compares the gradient of every parameter with PyTorch's, over the
// whole data at once and in batches of one.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		dir, file, input string
		class            int64
	}{
		{"tinyresnet", "tinyresnet_op13.onnx", "input.npy", 3},
		{"tinyvit", "tinyvit_op13.onnx", "input.npy", 2},
		{"tinyvit", "tinyvit_op17.onnx", "input.npy", 2},
		{"tinybert", "tinybert_op13.onnx", "input_ids.npy", 1},
	} {
		t.Run(c.file, func(t *testing.T) {
			dir := "golden/" + c.dir + "/"
			m, err := model.Open(shared.Path(t, dir+c.file), model.Options{})
			if err != nil {
				t.Fatal(err)
			}
			x, err := tensor.OpenNPY(shared.Path(t, dir+c.input))
			if err != nil {
				t.Fatal(err)
			}
			want, err := tensor.OpenNPZ(shared.Path(t, dir+"param_grads_ce.npz"))
			if err != nil {
				t.Fatal(err)
			}
			loss, err := tensor.OpenNPY(shared.Path(t, dir+"ce_loss.npy"))
			if err != nil {
				t.Fatal(err)
			}
			labels := tensor.Of(slices.Repeat([]int64{c.class}, x.Dim(0)), x.Dim(0))
			for _, size := range []int{1, 16} {
				in := &viz.Input{Model: m, Series: viz.Series{Arrays: map[string]*tensor.Tensor{"x": x, "y": labels}}}
				p := defaults
				p.Batch = size
				s, err := newPass(t.Context(), in, m, p)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.run(t.Context(), func(int) {}); err != nil {
					t.Fatal(err)
				}
				compare(t, s, want)
				if got := typicalLoss(s.conclude()); math.Abs(got-float64(loss.F32()[0])) > tolerance {
					t.Errorf("the loss is %v, want %v", got, loss.F32()[0])
				}
			}
		})
	}
}

// compare holds every parameter's gradient against its reference, and makes sure
// that none is missing.
func compare(t *testing.T, s *pass, want map[string]*tensor.Tensor) {
	t.Helper()
	rest := maps.Clone(want)
	worst := 0.0
	for i, p := range s.rows {
		ref, ok := rest[p.name]
		if !ok {
			t.Errorf("%q is no parameter of the reference", p.name)
			continue
		}
		delete(rest, p.name)
		scale, off := 0.0, 0.0
		for k, v := range ref.F32() {
			scale = max(scale, math.Abs(float64(v)))
			off = max(off, math.Abs(float64(v)-float64(s.mean[i][k])))
		}
		if off > max(tolerance*scale, 1e-7) {
			t.Errorf("%s: off by %.2g where the greatest is %.2g", p.name, off, scale)
		}
		if off > 1e-7 {
			worst = max(worst, off/scale)
		}
	}
	for name := range rest {
		t.Errorf("the gradient of %q is missing", name)
	}
	t.Logf("%d parameters, worst error %.2g of the greatest magnitude", len(s.rows), worst)
}
