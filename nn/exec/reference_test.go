package exec_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// tolerance is relative to the greatest magnitude of each array: the
// references were computed in float32 by PyTorch.
const tolerance = 1e-4

// references are models whose outputs and gradients PyTorch computed.
var references = []struct {
	dir, file, input string
	class            int64
}{
	{"golden/tinyresnet/", "tinyresnet_op13.onnx", "input.npy", 3},
	{"golden/tinyresnet/", "tinyresnet_op9.onnx", "input.npy", 3},
	{"golden/tinyresnet/", "tinyresnet_op17.onnx", "input.npy", 3},
	{"golden/tinyvit/", "tinyvit_op13.onnx", "input.npy", 2},
	{"golden/tinyvit/", "tinyvit_op17.onnx", "input.npy", 2},
	{"golden/tinybert/", "tinybert_op13.onnx", "input_ids.npy", 1},
}

// TestLogits compares outputs with PyTorch's on both executors.
func TestLogits(t *testing.T) {
	for _, m := range references {
		t.Run(m.file, func(t *testing.T) {
			g, x := open(t, m.dir+m.file), npy(t, m.dir+m.input)
			for _, e := range executors() {
				got := must(exec.NewSession(g, e).Run(t.Context(), feed(g, x), g.Outputs[0]))(t)
				near(t, e.Name(), got[0], npy(t, m.dir+"logits.npy"), tolerance)
			}
		})
	}
}

// TestParameterGradients compares the gradients of the cross entropy with
// respect to every parameter with PyTorch's. Opsets other than 13 have batch
// normalization fused into the convolutions, so that their parameters differ.
func TestParameterGradients(t *testing.T) {
	for _, m := range references {
		if m.file == "tinyresnet_op9.onnx" || m.file == "tinyresnet_op17.onnx" {
			continue
		}
		t.Run(m.file, func(t *testing.T) {
			g, x := open(t, m.dir+m.file), npy(t, m.dir+m.input)
			want, err := tensor.OpenNPZ(shared.Path(t, m.dir+"param_grads_ce.npz"))
			if err != nil {
				t.Fatal(err)
			}
			loss, feeds := withLoss(g, x, m.class)
			names := slices.Sorted(maps.Keys(want))
			var wrt []ir.ValueID
			for _, name := range names {
				wrt = append(wrt, g.ValueByName(name))
			}
			for _, e := range executors() {
				grads, values, err := exec.NewSession(g, e).Gradient(t.Context(), feeds, exec.GradientOf{
					Y: loss, Wrt: wrt, Fetch: []ir.ValueID{g.Outputs[0], loss},
				})
				if err != nil {
					t.Fatal(err)
				}
				for i, name := range names {
					near(t, e.Name()+" "+name, grads[i], want[name], tolerance)
				}
				near(t, e.Name()+" logits", values[0], npy(t, m.dir+"logits.npy"), tolerance)
				near(t, e.Name()+" loss", values[1].Reshape(1), npy(t, m.dir+"ce_loss.npy"), tolerance)
			}
		})
	}
}

// TestInputGradients compares the gradient of one logit with respect to the
// input with PyTorch's.
func TestInputGradients(t *testing.T) {
	for _, m := range []struct {
		dir, file, input, want string
		class                  int
	}{
		{"golden/tinyresnet/", "tinyresnet_op11.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyresnet/", "tinyresnet_op13.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyvit/", "tinyvit_op13.onnx", "input.npy", "grad_input_logit2.npy", 2},
		{"golden/tinyvit/", "tinyvit_op17.onnx", "input.npy", "grad_input_logit2.npy", 2},
	} {
		t.Run(m.file, func(t *testing.T) {
			g, x := open(t, m.dir+m.file), npy(t, m.dir+m.input)
			for _, e := range executors() {
				grads, _, err := exec.NewSession(g, e).Gradient(t.Context(), feed(g, x), exec.GradientOf{
					Y: g.Outputs[0], Seed: oneHot(x.Dim(0), 10, m.class), Wrt: g.Inputs[:1],
				})
				if err != nil {
					t.Fatal(err)
				}
				near(t, e.Name(), grads[0], npy(t, m.dir+m.want), tolerance)
			}
		})
	}
}

// TestEveryValue compares every value of every reference model, fetched alone
// and all together, between the executors, at batch 1 and 3 where the model
// takes any batch.
func TestEveryValue(t *testing.T) {
	for _, m := range references {
		t.Run(m.file, func(t *testing.T) {
			g, x := open(t, m.dir+m.file), npy(t, m.dir+m.input)
			for _, batch := range []int{1, 3} {
				if !g.Values[g.Inputs[0]].Shape[0].IsKnown() {
					x = repeatBatch(x, batch)
				}
				compareAll(t, g, feed(g, x))
			}
		})
	}
}

// compareAll fetches all values that can be computed from both executors.
func compareAll(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor) {
	t.Helper()
	var all []ir.ValueID
	for _, n := range g.Nodes {
		for _, v := range n.Outputs {
			if v != ir.None {
				all = append(all, v)
			}
		}
	}
	want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, all...))(t)
	s := exec.NewSession(g, exec.Default())
	got := must(s.Run(t.Context(), feeds, all...))(t)
	for i, v := range all {
		near(t, "of all, "+g.Values[v].Name, got[i], want[i], tolerance)
	}
	for i := 0; i < len(all); i += 1 + len(all)/40 {
		alone := must(s.Run(t.Context(), feeds, all[i]))(t)
		near(t, "alone, "+g.Values[all[i]].Name, alone[0], want[i], tolerance)
	}
}

func executors() []exec.Executor { return []exec.Executor{exec.Plain(), exec.Default()} }

func open(t testing.TB, rel string) *ir.Graph {
	t.Helper()
	g, err := onnx.Open(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func npy(t testing.TB, rel string) *tensor.Tensor {
	t.Helper()
	a, err := tensor.OpenNPY(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// must returns what turns a result with an error into the result.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func feed(g *ir.Graph, x *tensor.Tensor) map[ir.ValueID]*tensor.Tensor {
	return map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x}
}

// withLoss appends the cross entropy of the first output against one class.
func withLoss(g *ir.Graph, x *tensor.Tensor, class int64) (loss ir.ValueID, feeds map[ir.ValueID]*tensor.Tensor) {
	labels := g.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
	loss = autodiff.CrossEntropy(ir.NewBuilder(g, "loss/"), g.Outputs[0], labels)
	feeds = feed(g, x)
	feeds[labels] = tensor.Of(slices.Repeat([]int64{class}, x.Dim(0)), x.Dim(0))
	return loss, feeds
}

func oneHot(n, classes, class int) *tensor.Tensor {
	t := tensor.New(tensor.Float32, n, classes)
	for i := range n {
		t.F32()[i*classes+class] = 1
	}
	return t
}

// oneAt is zeros but for a one at element i.
func oneAt(shape []int, i int) *tensor.Tensor {
	t := tensor.New(tensor.Float32, shape...)
	t.F32()[i] = 1
	return t
}

// repeatBatch returns n examples, those of x over and over.
func repeatBatch(x *tensor.Tensor, n int) *tensor.Tensor {
	out := tensor.New(x.DType(), append([]int{n}, x.Shape()[1:]...)...)
	size := x.Len() / x.Dim(0)
	for i := range n {
		out.CopyRange(i*size, x, i%x.Dim(0)*size, size)
	}
	return out
}

// near checks that got is want within rel of want's greatest magnitude. A
// difference of 1e-7 is none: some gradients, such as that of the bias of
// attention's keys, are zero but for rounding. Elements that are not floats
// must be equal where rel is the usual tolerance.
func near(t testing.TB, what string, got, want *tensor.Tensor, rel float64) {
	t.Helper()
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		t.Errorf("%s: %v where %v is expected", what, got, want)
		return
	}
	if !want.DType().IsFloat() && rel <= tolerance {
		if !tensor.Equal(got, want) {
			t.Errorf("%s: other elements", what)
		}
		return
	}
	a, b := must(got.Floats())(t), must(want.Floats())(t)
	var scale, worst float64
	for i := range b {
		if a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		scale = max(scale, math.Abs(b[i]))
		if d := math.Abs(a[i] - b[i]); d > worst || d != d {
			worst = d
		}
	}
	if !(worst <= rel*scale+1e-7) {
		t.Errorf("%s: off by %.2g, %.2g of the greatest magnitude", what, worst, worst/scale)
	}
}
