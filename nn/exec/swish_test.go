package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestSwishOnKernels: for any alpha, under either name.
func TestSwishOnKernels(t *testing.T) {
	for _, domain := range []string{"", "com.microsoft"} {
		for _, attrs := range []ir.Attrs{nil, ir.Pairs("alpha", 1.5), ir.Pairs("alpha", -0.3)} {
			g := ir.New("swish")
			x := g.AddInput("x", tensor.Float32, ir.Dims(3, 50))
			name := map[string]string{"": "Swish", "com.microsoft": "QuickGelu"}[domain]
			y := ir.NewBuilder(g, "").Node(domain, name, attrs, 1, x)[0]
			g.Outputs = []ir.ValueID{y}
			feeds := feed(g, wave(tensor.Float32, []int{3, 50}))
			ctx := exec.Observe(t.Context(), func(s *exec.Step) {
				if !s.Kernel {
					t.Errorf("%s %v is run by the reference", name, attrs)
				}
			})
			want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)[0]
			near(t, name, must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, y))(t)[0], want, tolerance)
		}
	}
}

// TestExtrapolatedGradient: what lies outside the region sends nothing back, on
// kernels as on the reference.
func TestExtrapolatedGradient(t *testing.T) {
	g := ir.New("resize")
	b := ir.NewBuilder(g, "")
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 2, 5, 6))
	roi := b.Const(tensor.Vector[float32](0, 0, 0.4, 0.6, 1, 1, 1.2, 1.7))
	y := b.Op("Resize", ir.Pairs("mode", "linear", "coordinate_transformation_mode", "tf_crop_and_resize", "extrapolation_value", 10.0), x, roi, ir.None, b.Ints(1, 2, 4, 4))
	feeds := feed(g, wave(tensor.Float32, []int{1, 2, 5, 6}))
	of := exec.GradientOf{Y: y, Seed: wave(tensor.Float32, []int{1, 2, 4, 4}), Wrt: []ir.ValueID{x}}
	want, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, of)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), feeds, of)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "gradient", got[0], want[0], tolerance)
}
