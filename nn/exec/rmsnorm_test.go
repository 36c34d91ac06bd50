package exec_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestRMSNormOnKernels(t *testing.T) {
	for _, op := range []string{"RMSNormalization", "SimplifiedLayerNormalization"} {
		sameOnKernels(t, op, ir.Pairs("epsilon", 1e-3), []int{2, 3, 40}, wave(tensor.Float32, []int{40}))
		sameOnKernels(t, op, ir.Pairs("axis", 1), []int{2, 3, 7}, wave(tensor.Float32, []int{3, 7}))
	}
}

// TestSpelledRMSNorm: in the ways that exporters write it, it is one step.
func TestSpelledRMSNorm(t *testing.T) {
	for _, square := range []string{"power", "product"} {
		for _, quotient := range []string{"Div", "inverse", "Reciprocal"} {
			for _, scaled := range []bool{true, false} {
				g := ir.New("norm")
				b := ir.NewBuilder(g, "")
				x := g.AddInput("x", tensor.Float32, ir.Dims(2, 5, 24))
				number := func(v float64) ir.ValueID { return b.Float(v, tensor.Float32) }
				squared := b.Op("Mul", nil, x, x)
				if square == "power" {
					squared = b.Op("Pow", nil, x, number(2))
				}
				root := b.Op("Sqrt", nil, b.Op("Add", nil, b.Op("ReduceMean", nil, squared, b.Ints(-1)), number(1e-3)))
				y := ir.ValueID(ir.None)
				switch quotient {
				case "Div":
					y = b.Op("Div", nil, x, root)
				case "inverse":
					y = b.Op("Mul", nil, x, b.Op("Div", nil, number(1), root))
				case "Reciprocal":
					y = b.Op("Mul", nil, b.Op("Reciprocal", nil, root), x)
				}
				if scaled {
					y = b.Op("Mul", nil, b.Const(wave(tensor.Float32, []int{24})), y)
				}
				g.Outputs = []ir.ValueID{y}
				feeds := feed(g, wave(tensor.Float32, []int{2, 5, 24}))
				steps := 0
				ctx := exec.Observe(t.Context(), func(*exec.Step) { steps++ })
				want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)[0]
				got := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, y))(t)[0]
				near(t, square+" and "+quotient, got, want, tolerance)
				if steps != 1 {
					t.Errorf("%s and %s, scaled %v: %d steps", square, quotient, scaled, steps)
				}
			}
		}
	}
}

// TestCastOnKernels: integers, truth values and doubles become float32 without
// the reference.
func TestCastOnKernels(t *testing.T) {
	for _, x := range []*tensor.Tensor{
		tensor.Of([]int64{1, -2, 1 << 40}, 3), tensor.Of([]int32{1, -2, 7}, 3), tensor.Of([]uint8{0, 255}, 2), tensor.Of([]int8{-128, 127}, 2),
		tensor.Of([]bool{true, false}, 2, 1), tensor.Of([]float64{0.1, 1e300, -3}, 3), tensor.Of([]int16{-5}, 1), tensor.Of([]uint16{65535}), tensor.Of([]uint32{1 << 31}),
	} {
		g := ir.New("cast")
		v := g.AddInput("x", x.DType(), ir.ShapeOf(x))
		y := ir.NewBuilder(g, "").Op("Cast", ir.Pairs("to", 1), v)
		g.Outputs = []ir.ValueID{y}
		feeds := map[ir.ValueID]*tensor.Tensor{v: x}
		ctx := exec.Observe(t.Context(), func(s *exec.Step) {
			if !s.Kernel {
				t.Errorf("a cast of %v is run by the reference", x)
			}
		})
		want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)[0]
		if got := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, y))(t)[0]; !tensor.Equal(got, want) {
			t.Errorf("a cast of %v gives %v", x, got.F32())
		}
	}
}
