package inspect_test

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// detector is a network of sound of any length, whose branch for other rates
// than 16000 takes windows of 128, and whose state is one for each sound.
func detector() *ir.Graph {
	g := ir.New("detector")
	g.Opsets = map[string]int{"": 17}
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(1), ir.Symbol("")})
	state := g.AddInput("state", tensor.Float32, ir.Shape{ir.Known(2), ir.Symbol("")})
	rate := g.AddInput("rate", tensor.Int64, ir.Shape{})
	b := ir.NewBuilder(g, "n")
	branch := func(window int) *ir.Graph {
		sub := ir.New("branch")
		sub.Opsets = g.Opsets
		inner := sub.AddValue(ir.Value{Name: "x", DType: tensor.Float32, Producer: ir.None})
		sub.Captures = map[ir.ValueID]ir.ValueID{inner: x}
		s := ir.NewBuilder(sub, "s")
		y := s.Op("Conv", nil, inner, s.Const(tensor.New(tensor.Float32, 3, 1, window)))
		sub.Outputs = []ir.ValueID{s.Op("ReduceMean", ir.Pairs("axes", []int{2}, "keepdims", 0), y)}
		return sub
	}
	fast := b.Op("Equal", nil, rate, b.Const(tensor.Of([]int64{16000})))
	y := b.Op("If", ir.Attrs{"then_branch": {Value: branch(600)}, "else_branch": {Value: branch(128)}}, fast)
	g.Outputs = []ir.ValueID{b.Op("Concat", ir.Pairs("axis", 1), y, b.Op("Reshape", nil, state, b.Ints(1, 2)))}
	return g
}

// TestGuess: extents that nothing settles are such that the network runs, and
// are still called a guess; the rate of the sound that is given decides with.
func TestGuess(t *testing.T) {
	m := open(t, detector())
	fetch, err := inspect.Find(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	rate := m.Net.Inputs[2]
	for given, want := range map[int64]int{0: 512, 16000: 1024} {
		feeds, made, err := inspect.Fill(m, inspect.Given{rate: tensor.Of([]int64{given})}, fetch, inspect.FillOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inspect.Run(t.Context(), m, feeds, fetch); err != nil {
			t.Errorf("at %d: %v", given, err)
		}
		if x, state := feeds[m.Net.Inputs[0]], feeds[m.Net.Inputs[1]]; !slices.Equal(x.Shape(), []int{1, 1, want}) || !slices.Equal(state.Shape(), []int{2, 1}) {
			t.Errorf("at %d: made up %v and %v", given, x, state)
		}
		if !slices.Equal(made[0].Guessed, []string{"x.2"}) {
			t.Errorf("guessed %v", made[0].Guessed)
		}
	}
}

// TestGradientOfBranches: gradients flow through control flow.
func TestGradientOfBranches(t *testing.T) {
	m := open(t, detector())
	r, err := inspect.Check(t.Context(), m, inspect.Given{m.Net.Inputs[2]: tensor.Of([]int64{16000})}, inspect.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if g := r.Gradient; !r.Runs || g == nil || g.From != "x" || len(g.Missing) > 0 || g.Error != "" {
		t.Errorf("%+v", g)
	}
}
