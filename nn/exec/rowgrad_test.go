package exec_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestRowGradsOnKernels(t *testing.T) {
	for _, axis := range []int{-1, -2, 1} {
		sameOnKernels(t, "Softmax", ir.Pairs("axis", axis), []int{2, 3, 5})
	}
	sameOnKernels(t, "LayerNormalization", nil, []int{2, 37, 5}, wave(tensor.Float32, []int{5}), wave(tensor.Float32, []int{5}))
	sameOnKernels(t, "LayerNormalization", ir.Pairs("axis", 1), []int{2, 3, 5}, wave(tensor.Float32, []int{3, 5}))
}

func TestLayerNormGradOfParameters(t *testing.T) {
	g := ir.New("norm")
	x := g.AddInput("x", tensor.Float32, ir.Dims(3, 4, 70))
	b := ir.NewBuilder(g, "")
	gamma, beta := b.Const(wave(tensor.Float32, []int{70})), b.Const(wave(tensor.Float32, []int{70}))
	y := b.Op("LayerNormalization", nil, x, gamma, beta)
	g.Outputs = []ir.ValueID{y}
	for _, wrt := range [][]ir.ValueID{{gamma}, {x, gamma, beta}, {beta, x}} {
		compareGradients(t, g, exec.GradientOf{Y: y, Seed: wave(tensor.Float32, []int{3, 4, 70}), Wrt: wrt})
	}
}

// compareGradients expects the native executor's gradients to be the plain one's.
func compareGradients(t *testing.T, g *ir.Graph, of exec.GradientOf) {
	t.Helper()
	shape, _ := g.Values[g.Inputs[0]].Shape.Ints()
	feeds := feed(g, wave(tensor.Float32, shape))
	want, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, of)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), feeds, of)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		near(t, fmt.Sprintf("gradient %d", i), got[i], want[i], tolerance)
	}
}

// TestSpelledOut compares the gradients of what exporters write out in elementary
// operators with those of the operators as they are written, which a value in
// between makes the session keep.
func TestSpelledOut(t *testing.T) {
	type spelling func(b *ir.Builder, x ir.ValueID) (y, between ir.ValueID)
	number := func(b *ir.Builder, v float64) ir.ValueID { return b.Float(v, tensor.Float32) }
	for name, c := range map[string]struct {
		spell spelling
		whole string // the operator that its gradient is of
	}{
		"GELU": {func(b *ir.Builder, x ir.ValueID) (y, between ir.ValueID) {
			between = b.Op("Erf", nil, b.Op("Div", nil, x, number(b, math.Sqrt2)))
			sum := b.Op("Add", nil, between, number(b, 1))
			return b.Op("Mul", nil, b.Op("Mul", nil, x, sum), number(b, 0.5)), between
		}, "GeluErfGrad"},
		"GELU by tanh": {func(b *ir.Builder, x ir.ValueID) (y, between ir.ValueID) {
			cube := b.Op("Pow", nil, x, number(b, 3))
			inner := b.Op("Add", nil, x, b.Op("Mul", nil, cube, number(b, 0.044715)))
			between = b.Op("Tanh", nil, b.Op("Mul", nil, inner, number(b, math.Sqrt(2/math.Pi))))
			return b.Op("Mul", nil, b.Op("Mul", nil, number(b, 0.5), x), b.Op("Add", nil, between, number(b, 1))), between
		}, "GeluTanhGrad"},
		"layer norm": {func(b *ir.Builder, x ir.ValueID) (y, between ir.ValueID) {
			d := b.Op("Sub", nil, x, b.Op("ReduceMean", nil, x, b.Ints(-1)))
			between = b.Op("ReduceMean", nil, b.Op("Pow", nil, d, number(b, 2)), b.Ints(-1))
			h := b.Op("Div", nil, d, b.Op("Sqrt", nil, b.Op("Add", nil, between, number(b, 1e-3))))
			return b.Op("Add", nil, b.Op("Mul", nil, h, b.Const(wave(tensor.Float32, []int{9}))), b.Const(wave(tensor.Float32, []int{9}))), between
		}, "LayerNormGrad"},
	} {
		t.Run(name, func(t *testing.T) {
			g := ir.New(name)
			x := g.AddInput("x", tensor.Float32, ir.Dims(3, 9))
			y, between := c.spell(ir.NewBuilder(g, ""), x)
			g.Outputs = []ir.ValueID{y}
			feeds := feed(g, wave(tensor.Float32, []int{3, 9}))
			of := exec.GradientOf{Y: y, Seed: wave(tensor.Float32, []int{3, 9}), Wrt: []ir.ValueID{x}, Fetch: []ir.ValueID{y}}
			s, found := exec.NewSession(g, exec.Default()), false
			ctx := exec.Observe(t.Context(), func(s *exec.Step) { found = found || s.Nodes[0].Op == c.whole })
			got, values, err := s.Gradient(ctx, feeds, of)
			if err != nil || !found {
				t.Fatalf("%s is not found: %v", c.whole, err)
			}
			of.Fetch, found = []ir.ValueID{y, between}, false
			want, written, err := s.Gradient(ctx, feeds, of)
			if err != nil || found {
				t.Fatalf("%s is found where a value in between is asked for: %v", c.whole, err)
			}
			near(t, "value", values[0], written[0], tolerance)
			near(t, "gradient", got[0], want[0], tolerance)
		})
	}
}
