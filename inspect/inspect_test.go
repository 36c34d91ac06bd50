package inspect_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestSummarize compares with numbers worked out by hand, also where a large
// mean hides the deviation from a sum of squares, and leaves out what is not
// finite.
func TestSummarize(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		name    string
		in      *tensor.Tensor
		want    inspect.Summary // without type and shape
		measure float64         // of mean and deviation
	}{
		{"plain", tensor.Vector[float32](1, 2, 3, 4), inspect.Summary{Count: 4, Min: 1, Mean: 2.5, Max: 4, Std: math.Sqrt(1.25)}, 1e-12},
		{"large mean", tensor.Vector(1e9+1, 1e9+3), inspect.Summary{Count: 2, Min: 1e9 + 1, Mean: 1e9 + 2, Max: 1e9 + 3, Std: 1}, 1e-6},
		{"not finite", tensor.Vector(nan, 5, inf, 7), inspect.Summary{Count: 4, NaN: 1, Inf: 1, Min: 5, Mean: 6, Max: 7, Std: 1}, 1e-12},
		{"integers", tensor.Vector[int64](-2, 2), inspect.Summary{Count: 2, Min: -2, Max: 2, Std: 2}, 1e-12},
		{"nothing", tensor.New(tensor.Float32, 0, 3), inspect.Summary{}, 0},
		{"nothing finite", tensor.Vector(nan), inspect.Summary{Count: 1, NaN: 1}, 0},
	} {
		got := inspect.Summarize(c.in)
		near := func(a, b float64) bool { return math.Abs(a-b) <= c.measure }
		if got.Count != c.want.Count || got.NaN != c.want.NaN || got.Inf != c.want.Inf || got.Min != c.want.Min || got.Max != c.want.Max ||
			!near(got.Mean, c.want.Mean) || !near(got.Std, c.want.Std) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// decoder is a graph with the inputs that exporters give language models.
func decoder() *ir.Graph {
	g := ir.New("decoder")
	seq, past := ir.Symbol("sequence_length"), ir.Symbol("past_sequence_length")
	ids := g.AddInput("input_ids", tensor.Int64, ir.Shape{ir.Symbol("batch_size"), seq})
	mask := g.AddInput("attention_mask", tensor.Int64, ir.Shape{ir.Symbol("batch_size"), ir.Symbol("past_sequence_length + sequence_length")})
	key := g.AddInput("past_key", tensor.Float32, ir.Shape{ir.Symbol("batch_size"), ir.Known(4), past, ir.Known(8)})
	b := ir.NewBuilder(g, "n")
	for _, v := range []ir.ValueID{ids, mask, key} {
		g.Outputs = append(g.Outputs, b.Op("Identity", nil, v))
	}
	return g
}

func open(t *testing.T, g *ir.Graph) *model.Model {
	t.Helper()
	m, err := model.New("net.onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFillExtents asserts that open extents are settled by what is said, by
// what is given, and as sums of others.
func TestFillExtents(t *testing.T) {
	m := open(t, decoder())
	fetch, err := inspect.Find(m, nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := inspect.Given{m.Net.Inputs[0]: tensor.New(tensor.Int64, 2, 5)}
	for _, c := range []struct {
		name  string
		given inspect.Given
		dims  map[string]int
		want  [3][]int
	}{
		{"nothing said", nil, nil, [3][]int{{1, 16}, {1, 32}, {1, 4, 16, 8}}},
		{"said", nil, map[string]int{"past_sequence_length": 0, "sequence_length": 7}, [3][]int{{1, 7}, {1, 7}, {1, 4, 0, 8}}},
		{"by axis", nil, map[string]int{"input_ids.1": 3}, [3][]int{{1, 3}, {1, 32}, {1, 4, 16, 8}}},
		{"given", ids, map[string]int{"past_sequence_length": 1}, [3][]int{{2, 5}, {2, 6}, {2, 4, 1, 8}}},
	} {
		feeds, _, err := inspect.Fill(m, c.given, fetch, inspect.FillOptions{Extents: c.dims})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i, v := range m.Net.Inputs {
			if !slices.Equal(feeds[v].Shape(), c.want[i]) {
				t.Errorf("%s: input %d is %v, want %v", c.name, i, feeds[v], c.want[i])
			}
		}
		if mask := feeds[m.Net.Inputs[1]].I64(); slices.Min(mask) != 1 || slices.Max(mask) != 1 {
			t.Errorf("%s: the mask is no list of ones", c.name)
		}
	}
	_, _, err = inspect.Fill(m, ids, fetch, inspect.FillOptions{Extents: map[string]int{"sequence_length": 4}})
	if !fault.IsUser(err) || !strings.Contains(err.Error(), "sequence_length is 5") {
		t.Errorf("a contradiction is answered with %v", err)
	}
	if len(ids) != 1 {
		t.Errorf("what was given has changed")
	}
}

// TestCancel asserts that a check and a profile end when they are told to,
// within a step.
func TestCancel(t *testing.T) {
	m := open(t, zoo.SqueezeNet11(1))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	most := 0
	_, err := inspect.Check(ctx, m, nil, inspect.CheckOptions{Progress: func(done, total int, _ string) {
		most = max(most, done)
		if done > total/2+5 { // in the run on the reference
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) || most > 66+8 {
		t.Errorf("after %d nodes: %v", most, err)
	}
	if _, err := inspect.Measure(ctx, m, nil, inspect.ProfileOptions{Runs: 3}); !errors.Is(err, context.Canceled) {
		t.Errorf("a profile ends with %v", err)
	}
}

// TestRunSequences fetches a sequence and an optional that the outputs of a
// model are, leaves an optional input empty, and compares the executors on them.
func TestRunSequences(t *testing.T) {
	g := ir.New("parts")
	x := g.AddInput("x", tensor.Float32, ir.Dims(5, 2))
	none := g.AddInput("state", tensor.Float32, ir.Dims(2))
	g.Values[none].Kind = ir.OptionalKind
	b := ir.NewBuilder(g, "")
	parts := b.Op("SplitToSequence", nil, x, b.Const(tensor.Scalar[int64](2)))
	g.Values[parts].Kind, g.Values[parts].Name = ir.SequenceKind, "parts"
	has := b.Op("OptionalHasElement", nil, none)
	g.Outputs = []ir.ValueID{parts, has}
	m := open(t, g)
	fetch, err := inspect.Find(m, nil)
	if err != nil || len(fetch) != 2 {
		t.Fatalf("the outputs are %v, %v", fetch, err)
	}
	given, _, err := inspect.Fill(m, inspect.Given{x: tensor.Of([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5, 2)}, fetch, inspect.FillOptions{})
	if err != nil {
		t.Fatal(err)
	}
	values, err := inspect.Run(t.Context(), m, given, fetch)
	if err != nil {
		t.Fatal(err)
	}
	names, values := inspect.Unpack(fetch, values)
	want := []*tensor.Tensor{
		tensor.Of([]float32{1, 2, 3, 4}, 2, 2), tensor.Of([]float32{5, 6, 7, 8}, 2, 2), tensor.Of([]float32{9, 10}, 1, 2), tensor.Scalar(false),
	}
	for i, name := range []string{"parts.0", "parts.1", "parts.2", g.Values[has].Name} {
		if i >= len(values) || names[i].Name != name || !tensor.Equal(values[i], want[i]) {
			t.Fatalf("got %v under the names %v", values, names)
		}
	}
	if r, err := inspect.Check(t.Context(), m, given, inspect.CheckOptions{}); err != nil || !r.Runs || r.Difference.Largest != 0 || r.Difference.Unequal != "" {
		t.Errorf("the check says %+v, %v", r, err)
	}
}
