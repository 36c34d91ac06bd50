package exec_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestGeluTanhIsOneStep takes GELU's tanh approximation as exporters spell it
// and expects one step with the reference's numbers.
func TestGeluTanhIsOneStep(t *testing.T) {
	cubes := map[string]func(b *ir.Builder, x ir.ValueID) ir.ValueID{
		"power":    func(b *ir.Builder, x ir.ValueID) ir.ValueID { return b.Op("Pow", nil, x, b.Float(3, tensor.Float32)) },
		"products": func(b *ir.Builder, x ir.ValueID) ir.ValueID { return b.Op("Mul", nil, b.Op("Mul", nil, x, x), x) },
	}
	for name, cube := range cubes {
		g := ir.New(name)
		g.Opsets[""] = ir.LatestOpset
		x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Known(3), ir.Known(50)})
		b := ir.NewBuilder(g, "")
		number := func(v float64) ir.ValueID { return b.Float(v, tensor.Float32) }
		inner := b.Op("Add", nil, x, b.Op("Mul", nil, cube(b, x), number(0.044715)))
		gate := b.Op("Add", nil, number(1), b.Op("Tanh", nil, b.Op("Mul", nil, number(math.Sqrt(2/math.Pi)), inner)))
		y := b.Op("Mul", nil, b.Op("Mul", nil, number(0.5), x), gate)
		g.Outputs = []ir.ValueID{y}
		feeds := feed(g, wave(tensor.Float32, []int{3, 50}))
		steps := 0
		ctx := exec.Observe(t.Context(), func(*exec.Step) { steps++ })
		got := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, y))(t)[0]
		want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)[0]
		for i, v := range got.F32() {
			if d := math.Abs(float64(v - want.F32()[i])); d > 1e-6 {
				t.Fatalf("%s: element %d is %v, and the reference's %v", name, i, v, want.F32()[i])
			}
		}
		if steps != 1 {
			t.Errorf("%s: %d steps", name, steps)
		}
	}
}
