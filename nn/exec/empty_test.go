package exec_test

import (
	"fmt"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestBatchOfNothing runs operators on a batch of nothing, as detectors do that have
// found nothing: the results have the reference's shapes.
func TestBatchOfNothing(t *testing.T) {
	index := func(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }
	ones := func(shape ...int) *tensor.Tensor { return wave(tensor.Float32, shape) }
	for _, c := range []struct {
		op      string
		attrs   ir.Attrs
		shape   []int
		rest    []*tensor.Tensor
		outputs int
	}{
		{"Split", ir.Pairs("axis", 1), []int{0, 6}, []*tensor.Tensor{index(2, 1, 3)}, 3},
		{"Split", ir.Pairs("axis", 1), []int{0, 16, 4, 4}, []*tensor.Tensor{index(8, 8)}, 2},
		{"Slice", nil, []int{0, 6}, []*tensor.Tensor{index(1), index(3), index(1)}, 1},
		{"Transpose", ir.Pairs("perm", []int{1, 0}), []int{0, 6}, nil, 1},
		{"Gather", ir.Pairs("axis", 1), []int{0, 6}, []*tensor.Tensor{index(5, 0)}, 1},
		{"Pad", nil, []int{0, 6}, []*tensor.Tensor{index(0, 1, 0, 2)}, 1},
		{"Softmax", ir.Pairs("axis", 1), []int{0, 6}, nil, 1},
		{"LayerNormalization", nil, []int{0, 6}, []*tensor.Tensor{ones(6)}, 1},
		{"MatMul", nil, []int{0, 6}, []*tensor.Tensor{ones(6, 5)}, 1},
		{"Gemm", nil, []int{0, 6}, []*tensor.Tensor{ones(6, 5), ones(5)}, 1},
		{"Add", nil, []int{0, 6}, []*tensor.Tensor{ones(6)}, 1},
		{"Relu", nil, []int{0, 6}, nil, 1},
		{"ReduceMean", ir.Pairs("axes", []int{1}), []int{0, 6}, nil, 1},
		{"Conv", ir.Pairs("pads", []int{1, 1, 1, 1}), []int{0, 16, 8, 8}, []*tensor.Tensor{ones(16, 16, 3, 3), ones(16)}, 1},
		{"ConvTranspose", nil, []int{0, 16, 8, 8}, []*tensor.Tensor{ones(16, 16, 3, 3)}, 1},
		{"MaxPool", ir.Pairs("kernel_shape", []int{2, 2}), []int{0, 16, 8, 8}, nil, 1},
		{"AveragePool", ir.Pairs("kernel_shape", []int{2, 2}), []int{0, 16, 8, 8}, nil, 1},
		{"GlobalAveragePool", nil, []int{0, 16, 8, 8}, nil, 1},
		{"BatchNormalization", nil, []int{0, 16, 8, 8}, []*tensor.Tensor{ones(16), ones(16), ones(16), ones(16)}, 1},
		{"InstanceNormalization", nil, []int{0, 16, 8, 8}, []*tensor.Tensor{ones(16), ones(16)}, 1},
		{"Resize", nil, []int{0, 16, 8, 8}, []*tensor.Tensor{nil, tensor.Vector[float32](1, 1, 2, 2)}, 1},
	} {
		t.Run(fmt.Sprint(c.op, c.shape), func(t *testing.T) {
			g := ir.New(c.op)
			g.Opsets[""] = 17
			b := ir.NewBuilder(g, "")
			in := []ir.ValueID{g.AddInput("x", tensor.Float32, ir.Dims(c.shape...))}
			for _, v := range c.rest {
				if v == nil {
					in = append(in, ir.None)
				} else {
					in = append(in, b.Const(v))
				}
			}
			sameShapes(t, g, map[ir.ValueID]*tensor.Tensor{in[0]: tensor.New(tensor.Float32, c.shape...)}, b.Node("", c.op, c.attrs, c.outputs, in...))
		})
	}
	t.Run("Concat", func(t *testing.T) {
		g := ir.New("Concat")
		g.Opsets[""] = 17
		x, y := g.AddInput("x", tensor.Float32, ir.Dims(0, 2)), g.AddInput("y", tensor.Float32, ir.Dims(0, 3))
		made := ir.NewBuilder(g, "").Op("Concat", ir.Pairs("axis", 1), x, y)
		sameShapes(t, g, map[ir.ValueID]*tensor.Tensor{x: tensor.New(tensor.Float32, 0, 2), y: tensor.New(tensor.Float32, 0, 3)}, []ir.ValueID{made})
	})
}

// TestManyStagedOutputs fetches more values behind an operator whose shape
// depends on elements than in front of it.
func TestManyStagedOutputs(t *testing.T) {
	g := ir.New("found")
	g.Opsets[""] = 17
	x := g.AddInput("x", tensor.Float32, ir.Dims(8))
	b := ir.NewBuilder(g, "")
	found := b.Op("Gather", nil, x, b.Op("Squeeze", nil, b.Op("NonZero", nil, b.Op("Relu", nil, x)), b.Ints(0)))
	fetch := []ir.ValueID{}
	for _, op := range []string{"Neg", "Abs", "Sqrt", "Exp", "Relu", "Tanh"} {
		fetch = append(fetch, b.Op(op, nil, found))
	}
	sameShapes(t, g, map[ir.ValueID]*tensor.Tensor{x: wave(tensor.Float32, []int{8})}, fetch)
}

func sameShapes(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, fetch []ir.ValueID) {
	t.Helper()
	want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, fetch...))(t)
	got, err := exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, fetch...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
			t.Errorf("output %d is %v, want %v", i, got[i], want[i])
		}
	}
}
