package pass_test

import (
	"context"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// halfGraph has 16-bit floats wherever a graph can have them. It computes
// relu(x + w) cast to half, plus a filled constant, plus a branch that adds 1,
// plus a function that adds 2; all half.
func halfGraph() (g *ir.Graph, x, y ir.ValueID) {
	half := func(v float32) *tensor.Tensor { return tensor.Vector(tensor.HalfOf(v), tensor.HalfOf(v)) }
	g = ir.New("halves")
	body := ir.New("body")
	in := body.AddInput("in", tensor.Float16, ir.Dims(2))
	body.Outputs = []ir.ValueID{ir.NewBuilder(body, "").Op("Add", nil, in, body.AddConst("two", half(2)))}
	g.Functions = map[string]*ir.Function{ir.FuncKey("mine", "AddTwo"): {Name: "AddTwo", Domain: "mine", Body: body}}
	body.Functions = g.Functions

	x = g.AddInput("x", tensor.Float16, ir.Dims(2))
	yes := g.AddConst("yes", tensor.Scalar(true))
	b := ir.NewBuilder(g, "")
	sum := b.Op("Relu", nil, b.Op("Add", nil, x, b.Const(half(0.5))))
	back := b.Op("Cast", ir.Pairs("to", 10), b.Op("Cast", ir.Pairs("to", 1), sum))
	filled := b.Op("ConstantOfShape", ir.Pairs("value", tensor.Vector(tensor.HalfOf(4))), b.Ints(2))
	made := b.Op("Add", nil, back, filled)
	y = b.Node("mine", "AddTwo", nil, 1, b.Op("If", ir.Pairs("then_branch", addOne(g, made, half(1)), "else_branch", addOne(g, made, half(0))), yes))[0]
	g.Outputs = []ir.ValueID{y}
	return g, x, y
}

// addOne is a branch that adds a constant to a value of the graph around it.
func addOne(outer *ir.Graph, v ir.ValueID, t *tensor.Tensor) *ir.Graph {
	g := ir.New("branch")
	g.Functions = outer.Functions
	in := g.AddValue(ir.Value{Name: outer.Values[v].Name, DType: tensor.Float16})
	g.Captures = map[ir.ValueID]ir.ValueID{in: v}
	g.Outputs = []ir.ValueID{ir.NewBuilder(g, "").Op("Add", nil, in, g.AddConst("c", t))}
	return g
}

// run computes y from x on the default executor.
func run(t *testing.T, g *ir.Graph, x ir.ValueID, in *tensor.Tensor, y ir.ValueID) *tensor.Tensor {
	t.Helper()
	g, err := pass.Inline(g)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.NewSession(g, exec.Default()).Run(context.Background(), map[ir.ValueID]*tensor.Tensor{x: in}, y)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

func TestUpcast(t *testing.T) {
	g, x, y := halfGraph()
	wide := pass.Upcast(g)
	in := tensor.Vector[float32](1, -3)
	got := run(t, wide, x, in, y)
	if want := tensor.Vector[float32](8.5, 7); !tensor.Equal(got, want) {
		t.Errorf("got %v %v, want %v", got, got.F32(), want.F32())
	}
	narrow, err := in.Convert(tensor.Float16)
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, g, x, narrow, y); got.DType() != tensor.Float16 {
		t.Errorf("the graph that was given computes %v now", got)
	}
	types := infer(t, wide, nil)
	for i, v := range types {
		if v.DType == tensor.Float16 || wide.Values[i].DType == tensor.Float16 {
			t.Errorf("%q is still a half", wide.Values[i].Name)
		}
	}
	if pass.Upcast(wide) != wide {
		t.Error("a graph without halves is copied")
	}
}

func TestUpcastBFloat16(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.BFloat16, ir.Dims(1))
	y := ir.NewBuilder(g, "").Op("Mul", nil, x, g.AddConst("w", tensor.Vector(tensor.BHalfOf(-1.5))))
	g.Outputs = []ir.ValueID{y}
	if got := run(t, pass.Upcast(g), x, tensor.Vector[float32](1.00390625), y); got.F32()[0] != -1.505859375 {
		t.Errorf("got %v: the product of float32 numbers is not rounded to 8 bits", got.F32())
	}
}

// SqueezeNet in half precision: the wide graph computes what the narrow one
// does, up to the rounding of the narrow one.
func TestUpcastModel(t *testing.T) {
	g, err := onnx.Open(shared.Path(t, "data/models/onnx/squeezenet1.1_fp16.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	x, y := g.Inputs[0], g.Outputs[0]
	in := tensor.New(tensor.Float32, 1, 3, 224, 224)
	for i := range in.F32() {
		in.F32()[i] = float32(math.Sin(float64(i) / 300))
	}
	wide := run(t, pass.Upcast(g), x, in, y)
	if wide.DType() != tensor.Float32 {
		t.Fatalf("the result is %v", wide)
	}
	narrow, err := in.Convert(tensor.Float16)
	if err != nil {
		t.Fatal(err)
	}
	want, err := run(t, g, x, narrow, y).Floats()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range wide.F32() {
		// Probabilities; a half has 11 bits, and 26 layers round one after another.
		if d := math.Abs(float64(v) - want[i]); d > 0.01 {
			t.Fatalf("output %d is %v, and in half precision %v", i, v, want[i])
		}
	}
}
