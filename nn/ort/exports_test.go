package ort_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/exports"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxPlain is the most weights of a model that the plain executor runs too.
const maxPlain = 500_000

// TestExports runs models of current exporters: the outputs are the framework's
// on both executors, values on the way are ONNX Runtime's, and gradients are the
// framework's.
func TestExports(t *testing.T) {
	if testing.Short() {
		t.Skip("some minutes")
	}
	for _, m := range exports.All(t) {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			g, err := onnx.Open(m.Path())
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range m.Runs(t) {
				x := exported{m, g, r, feedsOf(g, r.In), fmt.Sprint("run ", i, ": ")}
				x.outputs(t, exec.Default())
				if weights(g) <= maxPlain {
					x.outputs(t, exec.Plain())
				}
				x.inner(t)
				x.gradients(t)
			}
		})
	}
}

// exported is one run of a model.
type exported struct {
	exports.Model
	g     *ir.Graph
	run   exports.Run
	feeds map[ir.ValueID]*tensor.Tensor
	where string
}

func feedsOf(g *ir.Graph, in []*tensor.Tensor) map[ir.ValueID]*tensor.Tensor {
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for _, v := range g.Inputs {
		if g.Values[v].Const == nil {
			feeds[v], in = in[0], in[1:]
		}
	}
	return feeds
}

func weights(g *ir.Graph) int {
	n := 0
	for i := range g.Values {
		if c := g.Values[i].Const; c != nil {
			n += c.Len()
		}
	}
	return n
}

// outputs compares with the framework, or where the export is not the
// framework's network with ONNX Runtime. What that does not run need not run.
func (x exported) outputs(t *testing.T, e exec.Executor) {
	t.Helper()
	want := x.run.Out
	if x.run.Failure != "" {
		t.Logf("%sONNX Runtime fails: %s", x.where, x.run.Failure)
		return
	}
	got, err := exec.NewSession(x.g, e).Run(t.Context(), x.feeds, x.g.Outputs...)
	if err != nil {
		t.Errorf("%s%s: %v", x.where, e.Name(), err)
		return
	}
	if !x.run.Agreed && !x.Rounds && !x.Stochastic {
		want = run(t, newORT(t, 1), x.g, x.feeds, x.g.Outputs)
	}
	for i, v := range x.g.Outputs {
		what := x.where + e.Name() + ": " + x.g.Values[v].Name
		if x.Stochastic {
			if !slices.Equal(got[i].Shape(), want[i].Shape()) {
				t.Errorf("%s: %v where the framework has %v", what, got[i], want[i])
			}
			continue
		}
		near(t, what, got[i], want[i], x.Rounds)
	}
}

// inner compares a sample of values on the way with ONNX Runtime.
func (x exported) inner(t *testing.T) {
	if x.Stochastic || x.run.Failure != "" {
		return
	}
	t.Helper()
	var inner []ir.ValueID
	var got []*tensor.Tensor
	for i, y := range run(t, exec.Default(), x.g, x.feeds, sample(x.g, 10)) {
		if !y.DType().IsContainer() { // which ONNX Runtime is not asked for
			inner, got = append(inner, sample(x.g, 10)[i]), append(got, y)
		}
	}
	want := run(t, newORT(t, 1), x.g, x.feeds, inner)
	for i, v := range inner {
		if want[i].DType().IsFloat() && !x.Rounds && !(distance(got[i], want[i]) <= tolerance) && x.isExact(t, v, got[i], want[i]) {
			continue
		}
		near(t, x.where+x.g.Values[v].Name, got[i], want[i], x.Rounds)
	}
}

// isExact reports whether a value is as near to float64 as it can be: where a
// network is ill-conditioned, ONNX Runtime's is off as well.
func (x exported) isExact(t *testing.T, v ir.ValueID, got, other *tensor.Tensor) bool {
	t.Helper()
	g, feeds := exports.Double(x.g), map[ir.ValueID]*tensor.Tensor{}
	for v, in := range x.feeds {
		feeds[v] = exports.Widened(in)
	}
	exact := run(t, exec.Plain(), g, feeds, []ir.ValueID{v})[0]
	return distance(got, exact) <= max(tolerance, likeFramework*distance(other, exact))
}
