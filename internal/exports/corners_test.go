package exports_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/exports"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// everyCorner is a network of all functions with corners.
func everyCorner() (*ir.Graph, ir.ValueID) {
	g := ir.New("corners")
	g.Opsets = map[string]int{"": 17}
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 2, 6, 6))
	b := ir.NewBuilder(g, "")
	y := b.Op("MaxPool", ir.Pairs("kernel_shape", []int{3, 3}, "pads", []int{1, 1, 1, 1}), x)
	y = b.Op("Sub", nil, b.Op("HardSwish", nil, y), b.Op("HardSigmoid", nil, x))
	y = b.Op("Mul", nil, b.Op("Clip", nil, y, b.Float(-1.5, tensor.Float32), b.Float(2, tensor.Float32)), b.Op("LeakyRelu", ir.Pairs("alpha", 0.25), x))
	g.Outputs = []ir.ValueID{b.Op("Add", nil, b.Op("Relu", nil, y), b.Op("Abs", nil, x))}
	return g, x
}

// TestHeld: on the sides of its own corners a network is itself, and on those of
// another input it is a smooth function that is not.
func TestHeld(t *testing.T) {
	g, x := everyCorner()
	one, other := wave(1), wave(2)
	corners := run(t, exec.Plain(), g, x, one, exports.Corners(g)...)
	if len(corners) != 7 {
		t.Fatalf("%d corners, want 7", len(corners))
	}
	held, err := exports.Held(g, corners)
	if err != nil {
		t.Fatal(err)
	}
	double := exports.Double(g)
	if off := apart(run(t, exec.Plain(), held, x, exports.Widened(one), held.Outputs...)[0], run(t, exec.Plain(), double, x, exports.Widened(one), g.Outputs...)[0]); off > 1e-7 {
		t.Errorf("off by %g on its own sides", off)
	}
	if off := apart(run(t, exec.Plain(), held, x, exports.Widened(other), held.Outputs...)[0], run(t, exec.Plain(), double, x, exports.Widened(other), g.Outputs...)[0]); off < 0.1 {
		t.Errorf("off by only %g on the sides of another input", off)
	}
}

// TestDouble: a network in float64 computes what one in float32 does, but for
// rounding, and its results are float64.
func TestDouble(t *testing.T) {
	g, x := everyCorner()
	in := wave(3)
	narrow := run(t, exec.Plain(), g, x, in, g.Outputs...)[0]
	wide := run(t, exec.Plain(), exports.Double(g), x, exports.Widened(in), g.Outputs...)[0]
	if off := apart(narrow, wide); wide.DType() != tensor.Float64 || off > 1e-5 || off == 0 {
		t.Errorf("%v is off by %g", wide, off)
	}
}

func wave(frequency float64) *tensor.Tensor {
	x := tensor.New(tensor.Float32, 1, 2, 6, 6)
	for i := range x.F32() {
		x.F32()[i] = float32(4 * math.Sin(frequency*float64(i)+0.3))
	}
	return x
}

func run(t *testing.T, e exec.Executor, g *ir.Graph, v ir.ValueID, x *tensor.Tensor, fetch ...ir.ValueID) []*tensor.Tensor {
	t.Helper()
	out, err := exec.NewSession(g, e).Run(t.Context(), map[ir.ValueID]*tensor.Tensor{v: x}, fetch...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func apart(a, b *tensor.Tensor) (worst float64) {
	x, _ := a.Floats()
	y, _ := b.Floats()
	for i := range x {
		worst = max(worst, math.Abs(x[i]-y[i]))
	}
	return worst
}
