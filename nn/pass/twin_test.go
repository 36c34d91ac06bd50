package pass_test

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestTwin runs a network on two pictures at once: what depends on the picture,
// inside a branch too, has a twin, and what does not is shared.
func TestTwin(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2))
	other := g.AddInput("other", tensor.Float32, ir.Dims(2))
	b := ir.NewBuilder(g, "")
	w := b.Const(tensor.Vector[float32](2, -1))
	aside := b.Op("Mul", nil, other, w)
	parts := b.Node("", "Split", nil, 2, b.Op("Mul", nil, x, x))
	hidden := b.Op("Add", nil, b.Op("Concat", ir.Pairs("axis", 0), parts[1], parts[0]), aside)
	big := b.Op("Greater", nil, b.Op("ReduceSum", ir.Pairs("keepdims", 0), x), b.Float(0, tensor.Float32))
	branch := func(op string) *ir.Graph {
		sub := ir.New("")
		inner := sub.AddValue(ir.Value{Name: "hidden"})
		sub.Captures = map[ir.ValueID]ir.ValueID{inner: hidden}
		sub.Outputs = []ir.ValueID{ir.NewBuilder(sub, "").Op(op, nil, inner)}
		return sub
	}
	y := b.Op("If", ir.Attrs{"then_branch": {Value: branch("Neg")}, "else_branch": {Value: branch("Identity")}}, big)
	g.Outputs = []ir.ValueID{y}
	nodes, values := len(g.Nodes), len(g.Values)

	both, twins, err := pass.Twin(g, x)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) != nodes || len(g.Values) != values {
		t.Error("the graph that was given has changed")
	}
	for _, v := range []ir.ValueID{other, w, aside} {
		if twin, ok := twins[v]; ok {
			t.Errorf("%s does not depend on x and has the twin %s", g.Values[v].Name, both.Values[twin].Name)
		}
	}
	if want := []ir.ValueID{x, other, twins[x]}; !slices.Equal(both.Inputs, want) {
		t.Errorf("the inputs are %v, want %v", both.Inputs, want)
	}
	names := map[string]bool{}
	for _, v := range both.Values {
		if names[v.Name] {
			t.Errorf("two values are called %s", v.Name)
		}
		names[v.Name] = true
	}

	up, down, beside := tensor.Vector[float32](3, 1), tensor.Vector[float32](-2, 1), tensor.Vector[float32](1, 4)
	got, err := exec.NewSession(both, exec.Default()).Run(t.Context(),
		map[ir.ValueID]*tensor.Tensor{x: up, twins[x]: down, other: beside}, y, twins[y])
	if err != nil {
		t.Fatal(err)
	}
	// x² swapped is (1, 9) and (1, 4), beside·w is (2, -4), and a sum above zero negates.
	for i, want := range []*tensor.Tensor{tensor.Vector[float32](-3, -5), tensor.Vector[float32](3, 0)} {
		if !tensor.Equal(got[i], want) {
			t.Errorf("result %d is %v, want %v", i, got[i].F32(), want.F32())
		}
	}
}

// TestTwinOfSeveralInputs gives each of them one, and a value of both a single one.
func TestTwinOfSeveralInputs(t *testing.T) {
	g := ir.New("")
	a, c := g.AddInput("a", tensor.Float32, ir.Dims(1)), g.AddInput("c", tensor.Float32, ir.Dims(1))
	y := ir.NewBuilder(g, "").Op("Sub", nil, a, c)
	both, twins, err := pass.Twin(g, a, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(both.Nodes) != 2 || len(twins) != 3 {
		t.Fatalf("there are %d nodes and %d twins, want 2 and 3", len(both.Nodes), len(twins))
	}
	one := func(v float32) *tensor.Tensor { return tensor.Vector(v) }
	got := evaluate(t, both, map[ir.ValueID]*tensor.Tensor{a: one(5), c: one(2), twins[a]: one(1), twins[c]: one(8)}, []ir.ValueID{y, twins[y]})
	if got[0].F32()[0] != 3 || got[1].F32()[0] != -7 {
		t.Errorf("the results are %v and %v, want 3 and -7", got[0].F32(), got[1].F32())
	}
}
