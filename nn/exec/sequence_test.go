package exec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sequences returns a graph that keeps two values in a sequence while others
// take the arena, and picks one of them.
func sequences() (g *ir.Graph, x, at, list, picked ir.ValueID) {
	g = ir.New("")
	x = g.AddInput("x", tensor.Float32, ir.Dims(2, 3))
	at = g.AddInput("at", tensor.Int64, ir.Dims())
	b := ir.NewBuilder(g, "")
	first := b.Op("Neg", nil, b.Op("Relu", nil, x))
	second := b.Op("Exp", nil, first)
	list = b.Op("SequenceConstruct", nil, first, second)
	later := second
	for range 4 { // would write over what the sequence holds, were it not its own
		later = b.Op("Relu", nil, b.Op("Neg", nil, b.Op("Add", nil, later, x)))
	}
	picked = b.Op("Add", nil, b.Op("SequenceAt", nil, list, at), later)
	g.Outputs = []ir.ValueID{picked}
	return g, x, at, list, picked
}

func TestSequenceOwnsItsElements(t *testing.T) {
	g, x, at, list, picked := sequences()
	feeds := map[ir.ValueID]*tensor.Tensor{
		x: tensor.Of([]float32{1, -2, 3, -4, 5, 0.5}, 2, 3), at: tensor.Scalar[int64](-1),
	}
	want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, list, picked))(t)
	if want[0].Len() != 2 || want[0].Elements()[0].F32()[2] != -3 {
		t.Fatalf("the sequence is %v", want[0])
	}
	for _, e := range executors() {
		s := exec.NewSession(g, e)
		for range 2 {
			got := must(s.Run(t.Context(), feeds, list, picked))(t)
			for i, held := range got[0].Elements() {
				near(t, e.Name(), held, want[0].Elements()[i], tolerance)
				clear(held.F32()) // it is the caller's
			}
			near(t, e.Name(), got[1], want[1], tolerance)
		}
	}
}

// TestFeedSequence gives a sequence in place of the one that the graph makes,
// and what is none.
func TestFeedSequence(t *testing.T) {
	g, x, at, list, picked := sequences()
	g.Values[list].Kind, g.Values[list].DType = ir.SequenceKind, tensor.Float32
	own := tensor.NewSequence(tensor.New(tensor.Float32, 2, 3), tensor.Of([]float32{1, 2, 3}, 1, 3))
	zeros := tensor.New(tensor.Float32, 2, 3)
	for _, e := range executors() {
		s := exec.NewSession(g, e)
		feeds := map[ir.ValueID]*tensor.Tensor{x: zeros, at: tensor.Scalar[int64](1), list: own}
		got := must(s.Run(t.Context(), feeds, picked))(t)[0]
		near(t, e.Name(), got, tensor.Of([]float32{1, 2, 3, 1, 2, 3}, 2, 3), tolerance)
		for _, bad := range []*tensor.Tensor{zeros, tensor.NewOptional(zeros), tensor.NewSequence(tensor.Scalar(1.0))} {
			feeds[list] = bad
			if _, err := s.Run(t.Context(), feeds, picked); err == nil || !strings.Contains(err.Error(), "sequence") {
				t.Errorf("%s takes %v as a sequence of float32 tensors: %v", e.Name(), bad, err)
			}
		}
	}
}

// growing is a loop without end that doubles a tensor and keeps every result.
func growing() (g *ir.Graph, x ir.ValueID) {
	body := ir.New("")
	body.AddInput("i", tensor.Int64, ir.Dims())
	going := body.AddInput("going", tensor.Bool, ir.Dims())
	list := body.AddInput("list", tensor.Invalid, nil)
	v := body.AddInput("v", tensor.Invalid, nil)
	b := ir.NewBuilder(body, "")
	twice := b.Op("Concat", ir.Pairs("axis", 0), v, v)
	body.Outputs = []ir.ValueID{going, b.Op("SequenceInsert", nil, list, twice), twice}

	g = ir.New("")
	x = g.AddInput("x", tensor.Float32, ir.Dims(1000))
	b = ir.NewBuilder(g, "")
	out := b.Node("", "Loop", ir.Attrs{"body": {Value: body}}, 2, ir.None, b.Const(tensor.Scalar(true)), b.Op("SequenceEmpty", nil), x)
	g.Outputs = out[:1]
	return g, x
}

// TestLoopCounterAsDeclared has a body that takes the iteration number as a
// vector, as converters from before opset 11 write it.
func TestLoopCounterAsDeclared(t *testing.T) {
	body := ir.New("")
	i, going := body.AddInput("i", tensor.Int64, ir.Dims(1)), body.AddInput("going", tensor.Bool, ir.Dims(1))
	b := ir.NewBuilder(body, "")
	body.Outputs = []ir.ValueID{b.Op("Identity", nil, going), b.Op("Squeeze", nil, i, b.Ints(0))}
	g := ir.New("")
	b = ir.NewBuilder(g, "")
	out := b.Node("", "Loop", ir.Attrs{"body": {Value: body}}, 1, b.Const(tensor.Scalar[int64](3)), ir.None)
	for _, e := range executors() {
		if got := must(exec.NewSession(g, e).Run(t.Context(), nil, out...))(t); !tensor.Equal(got[0], tensor.Vector[int64](0, 1, 2)) {
			t.Errorf("%s counts %v", e.Name(), got[0])
		}
	}
}

func TestGrowingSequenceIsBounded(t *testing.T) {
	g, x := growing()
	feeds := map[ir.ValueID]*tensor.Tensor{x: tensor.New(tensor.Float32, 1000)}
	s := exec.NewSession(g, exec.Native(exec.Options{Memory: 1 << 22}))
	_, err := s.Run(t.Context(), feeds, g.Outputs...)
	var memory *exec.MemoryError
	if !errors.As(err, &memory) {
		t.Errorf("a sequence without bound: %v", err)
	}
}

// TestTextsAreBounded doubles a text ten times over, which no plan can foresee.
func TestTextsAreBounded(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.String, ir.Dims())
	b := ir.NewBuilder(g, "")
	y := x
	for range 10 {
		y = b.Op("StringConcat", nil, y, y)
	}
	g.Outputs = []ir.ValueID{y}
	feeds := map[ir.ValueID]*tensor.Tensor{x: tensor.Scalar(strings.Repeat("a", 1<<14))}
	s := exec.NewSession(g, exec.Native(exec.Options{Memory: 1 << 22}))
	var memory *exec.MemoryError
	if _, err := s.Run(t.Context(), feeds, y); !errors.As(err, &memory) {
		t.Errorf("16 MB of text in 4: %v", err)
	}
	if _, err := s.Run(t.Context(), feeds, g.Nodes[4].Outputs[0]); err != nil {
		t.Error(err)
	}
}

// TestSequenceHasNoGradient asks for a gradient through a sequence whose use
// depends on what is computed. It must not be taken for zero.
func TestSequenceHasNoGradient(t *testing.T) {
	g, x, at, _, picked := sequences()
	feeds := map[ir.ValueID]*tensor.Tensor{x: tensor.New(tensor.Float32, 2, 3), at: tensor.Scalar[int64](0)}
	for _, e := range executors() {
		_, _, err := exec.NewSession(g, e).Gradient(t.Context(), feeds, exec.GradientOf{Y: picked, Wrt: []ir.ValueID{x}})
		var none *autodiff.NoRuleError
		if !errors.As(err, &none) {
			t.Errorf("%s: a gradient through a sequence: %v", e.Name(), err)
		}
	}
}

// TestSequenceMap maps a body that captures a value over a sequence and a
// tensor.
func TestSequenceMap(t *testing.T) {
	g := ir.New("")
	list := g.AddValue(ir.Value{Name: "list", Kind: ir.SequenceKind, DType: tensor.Float32})
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("n")})
	g.Inputs = append(g.Inputs, list)
	b := ir.NewBuilder(g, "")
	outer := b.Op("Neg", nil, x)
	body := ir.New("")
	e, v := body.AddInput("e", tensor.Invalid, nil), body.AddInput("v", tensor.Invalid, nil)
	captured := body.AddValue(ir.Value{Name: "outer"})
	body.Captures = map[ir.ValueID]ir.ValueID{captured: outer}
	bb := ir.NewBuilder(body, "")
	body.Outputs = []ir.ValueID{bb.Op("Add", nil, bb.Op("Mul", nil, e, v), captured), bb.Op("Shape", nil, e)}
	out := b.Node("", "SequenceMap", ir.Attrs{"body": {Value: body}}, 2, list, x)
	g.Outputs = out
	one, two := tensor.Vector[float32](3), tensor.Vector[float32](1, 2)
	for _, e := range executors() {
		s := exec.NewSession(g, e)
		got := must(s.Run(t.Context(), map[ir.ValueID]*tensor.Tensor{list: tensor.NewSequence(one, two, one), x: two}, out...))(t)
		want := []*tensor.Tensor{
			tensor.NewSequence(tensor.Vector[float32](2, 4), tensor.Vector[float32](0, 2), tensor.Vector[float32](2, 4)),
			tensor.NewSequence(tensor.Vector[int64](1), tensor.Vector[int64](2), tensor.Vector[int64](1)),
		}
		for i := range want {
			if !tensor.Equal(got[i], want[i]) {
				t.Errorf("%s: output %d is %v", e.Name(), i, got[i].Elements())
			}
		}
		if _, err := s.Run(t.Context(), map[ir.ValueID]*tensor.Tensor{list: tensor.NewSequence(tensor.Vector[float32](1, 2, 3)), x: two}, out...); err == nil {
			t.Errorf("%s adds three elements and two", e.Name())
		}
		empty := must(s.Run(t.Context(), map[ir.ValueID]*tensor.Tensor{list: tensor.NewSequence(), x: two}, out...))(t)
		if !tensor.Equal(empty[0], tensor.NewSequence()) {
			t.Errorf("%s: nothing is mapped to %v", e.Name(), empty[0])
		}
	}
}
