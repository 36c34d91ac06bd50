package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestOptimizers takes a step of two tensors at once, worked out by hand, which
// the ONNX suite does for the later steps.
func TestOptimizers(t *testing.T) {
	const domain = "ai.onnx.preview.training"
	rate, steps := tensor.Scalar(0.5), tensor.Scalar[int64](0)
	x, y := tensor.Vector(1.0, 2), tensor.Scalar(3.0)
	gx, gy := tensor.Vector(0.5, -1), tensor.Scalar(2.0)
	vx, vy := tensor.Vector(0.25, 0), tensor.Scalar(1.0)
	root := func(h float64) float64 { return math.Sqrt(h) + float64(float32(1e-6)) }
	for _, c := range []struct {
		optest.Case
		want [][]float64
	}{
		{optest.Case{Op: "Momentum", Attrs: ir.Pairs("mode", "standard", "alpha", 0.5, "beta", 0.25, "norm_coefficient", 0.5)},
			// G = 0.5·X + G; V' = 0.5·V + G, for it is the first step
			[][]float64{{1 - 0.5*1.125, 2}, {3 - 0.5*4}, {1.125, 0}, {4}}},
		{optest.Case{Op: "Momentum", Attrs: ir.Pairs("mode", "nesterov", "alpha", 0.5, "beta", 0.25)},
			[][]float64{{1 - 0.5*(0.5+0.5*0.625), 2 + 0.5*1.5}, {3 - 0.5*(2+0.5*2.5)}, {0.625, -1}, {2.5}}},
		{optest.Case{Op: "Adagrad", Attrs: ir.Pairs("decay_factor", 0.5)},
			[][]float64{{1 - 0.5*0.5/root(0.5), 2 + 0.5/root(1)}, {3 - 0.5*2/root(5)}, {0.5, 1}, {5}}},
	} {
		c.Domain, c.Outputs = domain, 4
		c.In = []*tensor.Tensor{rate, steps, x, y, gx, gy, vx, vy}
		for i, got := range c.Eval(t) {
			for k, v := range tensor.Data[float64](got) {
				if math.Abs(v-c.want[i][k]) > 1e-12 {
					t.Errorf("%s: output %d is %v, want %v", c.Op, i, tensor.Data[float64](got), c.want[i])
				}
			}
		}
	}
	adam := optest.Case{Op: "Adam", Domain: domain, Outputs: 3, Attrs: ir.Pairs("alpha", 0.5, "beta", 0.75, "norm_coefficient_post", 0.125),
		In: []*tensor.Tensor{rate, tensor.Scalar[int64](2), y, gy, vy, tensor.Scalar(4.0)}}
	got := adam.Eval(t)
	v, h, r := 1.5, 4.0, 0.5*math.Sqrt(1-0.75*0.75)/(1-0.25)
	for i, want := range []float64{0.875 * (3 - r*v/root(h)), v, h} {
		if d := tensor.Data[float64](got[i])[0] - want; math.Abs(d) > 1e-12 {
			t.Errorf("Adam: output %d is off by %g", i, d)
		}
	}
}
