package exec_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestFeedIntermediate gives every tenth value of a network in place of its
// input; the result must be the same.
func TestFeedIntermediate(t *testing.T) {
	g, x := open(t, "golden/tinyresnet/tinyresnet_op13.onnx"), npy(t, "golden/tinyresnet/input.npy")
	for _, e := range executors() {
		s := exec.NewSession(g, e)
		want := must(s.Run(t.Context(), feed(g, x), g.Outputs[0]))(t)[0]
		for i := 0; i < len(g.Nodes); i += 10 {
			v := g.Nodes[i].Outputs[0]
			inner := must(s.Run(t.Context(), feed(g, x), v))(t)[0]
			feeds := feed(g, x)
			feeds[v] = inner
			got := must(s.Run(t.Context(), feeds, g.Outputs[0]))(t)[0]
			near(t, e.Name()+" from "+g.Values[v].Name, got, want, tolerance)
		}
	}
}

// TestFeedCutsTheGraph gives a value behind which the input is not needed.
func TestFeedCutsTheGraph(t *testing.T) {
	g, x := open(t, "golden/tinyresnet/tinyresnet_op17.onnx"), npy(t, "golden/tinyresnet/input.npy")
	last := g.Nodes[len(g.Nodes)-1].Inputs[0]
	for _, e := range executors() {
		s := exec.NewSession(g, e)
		want := must(s.Run(t.Context(), feed(g, x), last, g.Outputs[0]))(t)
		feeds := map[ir.ValueID]*tensor.Tensor{last: want[0]}
		got := must(s.Run(t.Context(), feeds, g.Outputs[0]))(t)[0]
		near(t, e.Name(), got, want[1], tolerance)
	}
}

// TestFeedConstant gives a weight in place of the model's own.
func TestFeedConstant(t *testing.T) {
	const rel = 1e-5
	g, x := open(t, "golden/tinyresnet/tinyresnet_op13.onnx"), npy(t, "golden/tinyresnet/input.npy")
	for _, name := range []string{"conv1.weight", "bn1.weight", "fc.weight", "fc.bias"} {
		v := g.ValueByName(name)
		if v == ir.None {
			t.Fatalf("no value %q", name)
		}
		other := g.Values[v].Const.Clone()
		for i := range other.F32() {
			other.F32()[i] *= 0.5
		}
		changed := g.Clone()
		changed.Values[v].Const = other
		want := must(exec.NewSession(changed, exec.Plain()).Run(t.Context(), feed(g, x), g.Outputs[0]))(t)[0]
		for _, e := range executors() {
			s := exec.NewSession(g, e)
			before := must(s.Run(t.Context(), feed(g, x), g.Outputs[0]))(t)[0]
			feeds := feed(g, x)
			feeds[v] = other
			for range 2 { // packed weights must be packed again
				near(t, e.Name()+" "+name, must(s.Run(t.Context(), feeds, g.Outputs[0]))(t)[0], want, rel)
			}
			feeds[v] = g.Values[v].Const
			near(t, e.Name()+" "+name+" again", must(s.Run(t.Context(), feeds, g.Outputs[0]))(t)[0], before, rel)
		}
	}
}

// TestResultsAreTheCallers changes what a run returns and runs again.
func TestResultsAreTheCallers(t *testing.T) {
	g, x := open(t, "golden/tinyresnet/tinyresnet_op13.onnx"), npy(t, "golden/tinyresnet/input.npy")
	fetch := []ir.ValueID{g.Inputs[0], g.ValueByName("fc.weight"), g.Outputs[0], g.Outputs[0]}
	for i := range g.Nodes {
		fetch = append(fetch, g.Nodes[i].Outputs[0])
	}
	for _, e := range executors() {
		s := exec.NewSession(g, e)
		first := must(s.Run(t.Context(), feed(g, x), fetch...))(t)
		kept := make([]*tensor.Tensor, len(first))
		for i, r := range first {
			kept[i] = r.Clone()
		}
		for _, r := range first {
			if r.DType() == tensor.Float32 {
				clear(r.F32())
			}
		}
		second := must(s.Run(t.Context(), feed(g, x), fetch...))(t)
		for i, r := range second {
			if !tensor.Equal(r, kept[i]) {
				t.Errorf("%s: value %q changed after the caller wrote to a result", e.Name(), g.Values[fetch[i]].Name)
			}
		}
	}
}

// TestConcurrentRuns runs different questions on one session at once.
func TestConcurrentRuns(t *testing.T) {
	g, x := open(t, "golden/tinyvit/tinyvit_op17.onnx"), npy(t, "golden/tinyvit/input.npy")
	s := exec.NewSession(g, exec.Default())
	want := must(s.Run(t.Context(), feed(g, x), g.Outputs[0]))(t)[0]
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			for i := range 8 {
				batch := 1 + (worker+i)%3
				feeds := feed(g, repeatBatch(x, batch))
				got, err := s.Run(t.Context(), feeds, g.Outputs[0], g.Nodes[(worker*7+i)%len(g.Nodes)].Outputs[0])
				if err != nil {
					t.Error(err)
					return
				}
				near(t, "logits", got[0].Slice(0, 1), want, tolerance)
				if _, _, err := s.Gradient(t.Context(), feeds, exec.GradientOf{Y: g.Outputs[0], Wrt: g.Inputs[:1]}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// TestCancel ends a run at the step within which it is cancelled.
func TestCancel(t *testing.T) {
	g := open(t, "data/models/onnx/niivue_meshnet_brain3d.onnx")
	feeds := feed(g, tensor.New(tensor.Float32, 1, 1, 16, 16, 16))
	for _, e := range executors() {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		steps := 0
		_, err := exec.NewSession(g, e).Run(exec.Observe(ctx, func(*exec.Step) {
			if steps++; steps == 3 {
				cancel()
			}
		}), feeds, g.Outputs[0])
		if !errors.Is(err, context.Canceled) || steps != 3 {
			t.Errorf("%s: %v after %d steps, cancelled in the third", e.Name(), err, steps)
		}
	}
}

// TestEmptyBatch runs networks on no examples at all.
func TestEmptyBatch(t *testing.T) {
	for file, x := range map[string]*tensor.Tensor{
		"golden/tinyresnet/tinyresnet_op13.onnx": tensor.New(tensor.Float32, 0, 3, 32, 32),
		"golden/tinybert/tinybert_op13.onnx":     tensor.New(tensor.Int64, 0, 24),
	} {
		g := open(t, file)
		s := exec.NewSession(g, exec.Default())
		if y := must(s.Run(t.Context(), feed(g, x), g.Outputs[0]))(t)[0]; y.Dim(0) != 0 {
			t.Errorf("%s: no examples make %v", file, y)
		}
	}
}

// TestManyShapes asks more questions than a session keeps answers to.
func TestManyShapes(t *testing.T) {
	g := ir.New("")
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("n")})
	b := ir.NewBuilder(g, "")
	y := b.Op("ReduceSum", ir.Pairs("keepdims", 0), b.Op("Relu", nil, x))
	s := exec.NewSession(g, exec.Default())
	for range 2 {
		for n := range 200 {
			got := must(s.Run(t.Context(), feed(g, wave(tensor.Float32, []int{n})), y))(t)[0]
			want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feed(g, wave(tensor.Float32, []int{n})), y))(t)[0]
			near(t, "the sum", got, want, tolerance)
		}
	}
}

// TestErrors asks what cannot be answered.
func TestErrors(t *testing.T) {
	g := ir.New("small")
	x := g.AddInput("x", tensor.Float32, ir.Dims(2, 3))
	y := g.AddInput("y", tensor.Float32, ir.Dims(2, 3))
	b := ir.NewBuilder(g, "")
	sum := b.Op("Add", nil, x, y)
	wrong := b.Op("MatMul", nil, x, y)
	strange := b.Op("NoSuchOperator", nil, sum)
	absent := g.AddValue(ir.Value{Name: "w", DType: tensor.Float32, Shape: ir.Dims(3), Missing: "weights.bin is not there"})
	far := b.Op("Add", nil, sum, absent)
	ok := tensor.New(tensor.Float32, 2, 3)
	both := map[ir.ValueID]*tensor.Tensor{x: ok, y: ok}
	for _, tc := range []struct {
		feeds map[ir.ValueID]*tensor.Tensor
		fetch ir.ValueID
		want  []string
	}{
		{map[ir.ValueID]*tensor.Tensor{x: ok}, sum, []string{`"y"`, "not given", `"Add"`}},
		{map[ir.ValueID]*tensor.Tensor{x: tensor.New(tensor.Int64, 2, 3), y: ok}, sum, []string{`"x"`, "float32", "int64"}},
		{map[ir.ValueID]*tensor.Tensor{x: tensor.New(tensor.Float32, 3), y: ok}, sum, []string{`"x"`, "2×3", "float32[3]"}},
		{map[ir.ValueID]*tensor.Tensor{x: nil, y: ok}, sum, []string{`"x"`, "nil"}},
		{both, wrong, []string{`"MatMul"`, "2×3"}},
		{both, strange, []string{"NoSuchOperator"}},
		{both, far, []string{`"w"`, "weights.bin is not there"}},
		{both, 99, []string{"99"}},
	} {
		for _, e := range executors() {
			_, err := exec.NewSession(g, e).Run(t.Context(), tc.feeds, tc.fetch)
			if err == nil {
				t.Errorf("%s: no error where one about %v is expected", e.Name(), tc.want)
				continue
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%s: %q does not say %s", e.Name(), err, part)
				}
			}
		}
	}
}

// TestMemoryLimit asks for values of 100 GB and more.
func TestMemoryLimit(t *testing.T) {
	for _, shape := range [][]int{{1 << 20, 1 << 12, 8}, {1 << 30, 1 << 30}, {1 << 15, 1 << 16, 13}} {
		g := ir.New("large")
		x := g.AddInput("x", tensor.Float32, ir.Dims(1))
		b := ir.NewBuilder(g, "")
		y := b.Op("ReduceSum", nil, b.Op("Expand", nil, x, b.Ints(shape...)))
		for _, e := range executors() {
			_, err := exec.NewSession(g, e).Run(t.Context(), feed(g, tensor.New(tensor.Float32, 1)), y)
			var limit *exec.MemoryError
			if !errors.As(err, &limit) || limit.Node != "Expand" || limit.Need < 100e9 {
				t.Errorf("%s: %v where a memory error of Expand is expected", e.Name(), err)
			}
		}
	}
	g, x := open(t, "golden/tinyresnet/tinyresnet_op13.onnx"), npy(t, "golden/tinyresnet/input.npy")
	_, err := exec.NewSession(g, exec.Native(exec.Options{Threads: 1, Memory: 100_000})).Run(t.Context(), feed(g, x), g.Outputs[0])
	var limit *exec.MemoryError
	if !errors.As(err, &limit) || limit.Limit != 100_000 || limit.Need <= limit.Limit {
		t.Errorf("%v where a memory error is expected", err)
	}
}
