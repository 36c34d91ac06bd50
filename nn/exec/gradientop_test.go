package exec_test

import (
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// product is y = (a+b)·a, with a named "a", b "b" and y "y".
func product() (g *ir.Graph, a, b ir.ValueID) {
	g = ir.New("")
	a, b = g.AddInput("a", tensor.Float32, ir.Dims(2)), g.AddInput("b", tensor.Float32, ir.Dims(2))
	build := ir.NewBuilder(g, "")
	y := build.Op("Mul", nil, build.Op("Add", nil, a, b), a)
	g.Values[y].Name = "y"
	return g, a, b
}

// gradientNode appends a Gradient with one output for each of xs.
func gradientNode(g *ir.Graph, xs, zs []string, y string, inputs ...ir.ValueID) []ir.ValueID {
	attrs := ir.Pairs("xs", xs, "zs", zs, "y", y)
	return ir.NewBuilder(g, y).Node("ai.onnx.preview.training", "Gradient", attrs, len(xs), inputs...)
}

func TestGradientOperator(t *testing.T) {
	g, a, b := product()
	first := gradientNode(g, []string{"a", "b"}, nil, "y", a, b)
	swapped := gradientNode(g, []string{"a"}, []string{"b"}, "y", b, a)
	g.Values[first[0]].Name = "dy/da"
	second := gradientNode(g, []string{"b", "a"}, nil, "dy/da", b, a)
	feeds := map[ir.ValueID]*tensor.Tensor{a: tensor.Vector[float32](1, 2), b: tensor.Vector[float32](10, 20)}
	fetch := append(append(first, swapped...), second...)
	for _, e := range executors() {
		got := must(exec.NewSession(g, e).Run(t.Context(), feeds, fetch...))(t)
		for i, want := range [][]float32{{12, 24}, {1, 2}, {21, 42}, {1, 1}, {2, 2}} {
			if !tensor.Equal(got[i], tensor.Vector(want...)) {
				t.Errorf("%s: gradient %d is %v, want %v", e.Name(), i, got[i].F32(), want)
			}
		}
	}
}

func TestGradientOperatorRefuses(t *testing.T) {
	for want, attrs := range map[string][2]string{
		`no value "c"`: {"c", "y"}, `no value "z"`: {"a", "z"}, "in a circle": {"a", "loop"}, "no gradient rule": {"a", "last"},
	} {
		g, a, _ := product()
		last := ir.NewBuilder(g, "").Op("CumProd", nil, a, ir.NewBuilder(g, "axis").Ints(0))
		g.Values[last].Name = "last"
		out := gradientNode(g, []string{attrs[0]}, nil, attrs[1], a)[0]
		g.Values[out].Name = "loop"
		feeds := map[ir.ValueID]*tensor.Tensor{a: tensor.Vector[float32](1, 2)}
		if _, err := exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the gradient of %s by %s: %v", attrs[1], attrs[0], err)
		}
	}
}
