package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/internal/shared"
	pb "github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
)

// report checks a model and reads what is told.
func report(t *testing.T, want int, args ...string) *inspect.Report {
	t.Helper()
	r := tomo(append([]string{"check", "--json"}, args...)...)
	var told inspect.Report
	if err := json.Unmarshal([]byte(r.stdout), &told); err != nil || r.code != want {
		t.Fatalf("exit %d where %d is wanted, %v: %s%s", r.code, want, err, r.stdout, r.stderr)
	}
	return &told
}

// TestCheckSoundModels asserts that networks that are known to be sound are
// found so: native within float32's rounding of plain, gradients all the way.
func TestCheckSoundModels(t *testing.T) {
	for _, file := range []string{"tinyresnet/tinyresnet_op13.onnx", "tinyvit/tinyvit_op17.onnx", "tinybert/tinybert_op13.onnx"} {
		r := report(t, 0, shared.Path(t, "golden/"+file))
		if !r.Runs || r.FirstNaN != nil || r.FirstInf != nil || len(r.Reference) > 0 {
			t.Errorf("%s: %+v", file, r)
		}
		if d := r.Difference; d == nil || d.Largest > 1e-4 || d.Unequal != "" {
			t.Errorf("%s: native and plain are apart by %+v", file, d)
		}
		if g := r.Gradient; g == nil || g.Error != "" || len(g.Missing) > 0 {
			t.Errorf("%s: the gradient is told as %+v", file, g)
		}
	}
}

// TestCheckFindsNaN follows log(0)·0 to the two nodes that make it: the
// logarithm makes Inf of the zeros that a convolution without weights answers
// with, and the product NaN of that.
func TestCheckFindsNaN(t *testing.T) {
	b := newBench(t)
	path := b.write(t, "nan.onnx", modelOf(t, zeroConv(), convNode("x", "w", "a"), op("Log", "log", []string{"a"}, "b"),
		op("Mul", "product", []string{"a", "b"}, "c"), op("GlobalAveragePool", "pool", []string{"c"}, "y")))
	r := report(t, 0, path)
	if r.FirstInf == nil || r.FirstInf.Node != "log" || r.FirstInf.Output.Inf != 4*62*62 {
		t.Errorf("Inf: %+v", r.FirstInf)
	}
	if r.FirstNaN == nil || r.FirstNaN.Node != "product" || len(r.FirstNaN.Inputs) != 2 || r.FirstNaN.Inputs[1].Inf != 4*62*62 || r.FirstNaN.Inputs[0].Max != 0 {
		t.Errorf("NaN: %+v", r.FirstNaN)
	}
	if text := tomo("check", path); !strings.Contains(text.stdout, `first at node "product" (Mul)`) {
		t.Errorf("it prints\n%s", text.stdout)
	}
}

// TestCheckGradients asserts that every node without a gradient is named, and
// not only the first, and that what has no kernel is.
func TestCheckGradients(t *testing.T) {
	b := newBench(t)
	path := b.write(t, "hard.onnx", modelOf(t, zeroConv(), convNode("x", "w", "a"), op("Relu", "relu", []string{"a"}, "b"),
		op("Det", "left", []string{"a"}, "c"), op("Det", "right", []string{"b"}, "d"), op("Add", "sum", []string{"c", "d"}, "e"), op("Softmax", "softmax", []string{"e"}, "y")))
	r := report(t, 0, path)
	want := []string{"left", "right"}
	if g := r.Gradient; g == nil || g.From != "x" || len(g.Missing) != 1 || g.Missing[0].Op != "Det" || !slices.Equal(sorted(g.Missing[0].Nodes), want) {
		t.Errorf("the gradient is told as %+v", g)
	}
	if len(r.Reference) != 1 || !slices.Equal(sorted(r.Reference[0].Nodes), want) {
		t.Errorf("without kernel: %+v", r.Reference)
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// TestCheckObstacles asserts that all unknown operators are told, grouped, and
// that what cannot be opened is a report too.
func TestCheckObstacles(t *testing.T) {
	b := newBench(t)
	path := b.write(t, "odd.onnx", modelOf(t, zeroConv(), convNode("x", "w", "a"), op("Frobnicate", "frob", []string{"a"}, "b"),
		op("Twist", "twist", []string{"b"}, "c"), op("Frobnicate", "again", []string{"c"}, "d"), op("GlobalAveragePool", "pool", []string{"d"}, "y")))
	r := report(t, 2, path)
	if r.Runs || len(r.Obstacles) != 2 || !slices.Equal(r.Obstacles[0].Nodes, []string{"frob", "again"}) || r.Obstacles[1].Kind != "operator" {
		t.Errorf("obstacles: %+v", r.Obstacles)
	}
	if r := report(t, 2, b.write(t, "cycle.onnx", hostileModels(t)["cycle"].data)); r.Runs || len(r.Obstacles) != 1 || r.Obstacles[0].Kind != "file" {
		t.Errorf("a cycle: %+v", r.Obstacles)
	}
	if text := tomo("check", path); text.code != 2 || !strings.Contains(text.stdout, "Twist") || strings.Count(strings.TrimSpace(text.stderr), "\n") > 0 {
		t.Errorf("exit %d:\n%s%s", text.code, text.stdout, text.stderr)
	}
}

// TestCheckQuick asserts that the reference is left out.
func TestCheckQuick(t *testing.T) {
	b := newBench(t)
	if r := report(t, 0, b.model, b.image, "--quick"); !r.Runs || r.Difference != nil || r.Plain != 0 || r.Time <= 0 || len(r.Made) > 0 {
		t.Errorf("%+v", r)
	}
}

// zeroConv are the weights of a convolution of which every answer is zero.
func zeroConv() *pb.TensorProto {
	name, kind := "w", int32(1)
	return &pb.TensorProto{Name: &name, DataType: &kind, Dims: []int64{4, 3, 3, 3}, RawData: make([]byte, 4*4*3*3*3)}
}
