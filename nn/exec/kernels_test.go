package exec_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sameOnKernels runs a node of one input on both executors, and its gradient,
// and expects the reference's numbers from kernels alone.
func sameOnKernels(t *testing.T, op string, attrs ir.Attrs, shape []int, more ...*tensor.Tensor) {
	t.Helper()
	g := ir.New(op)
	g.Opsets[""] = 19
	x := g.AddInput("x", tensor.Float32, ir.Dims(shape...))
	b := ir.NewBuilder(g, "")
	inputs := []ir.ValueID{x}
	for _, c := range more {
		if c == nil {
			inputs = append(inputs, ir.None)
		} else {
			inputs = append(inputs, b.Const(c))
		}
	}
	y := b.Op(op, attrs, inputs...)
	g.Outputs = []ir.ValueID{y}
	feeds := feed(g, wave(tensor.Float32, shape))
	for i, v := range feeds[x].F32() {
		feeds[x].F32()[i] = 4 * v // beyond the corners of activations
	}
	ctx := exec.Observe(t.Context(), func(s *exec.Step) {
		if !s.Kernel {
			t.Errorf("%s is run by the reference", s.Nodes[0].Op)
		}
	})
	want := must(exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, y))(t)[0]
	got := must(exec.NewSession(g, exec.Default()).Run(ctx, feeds, y))(t)[0]
	near(t, op, got, want, tolerance)
	question := exec.GradientOf{Y: y, Seed: wave(tensor.Float32, want.Shape()), Wrt: []ir.ValueID{x}}
	back, _, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
	if err != nil {
		t.Fatal(err)
	}
	native, _, err := exec.NewSession(g, exec.Default()).Gradient(ctx, feeds, question)
	if err != nil {
		t.Fatal(err)
	}
	near(t, op+"'s gradient", native[0], back[0], tolerance)
}

func TestResizeOnKernels(t *testing.T) {
	scales := func(s ...float32) []*tensor.Tensor { return []*tensor.Tensor{nil, tensor.Of(s, len(s))} }
	sizes := func(s ...int64) []*tensor.Tensor { return []*tensor.Tensor{nil, nil, tensor.Of(s, len(s))} }
	crop := []*tensor.Tensor{tensor.Of([]float32{0, 0, 0.25, 0.25, 1, 1, 0.75, 0.75}, 8), nil, tensor.Of([]int64{2, 3, 4, 7}, 4)}
	for i, tt := range []struct {
		shape []int
		attrs ir.Attrs
		more  []*tensor.Tensor
	}{
		{[]int{2, 3, 5, 7}, ir.Pairs("mode", "nearest", "coordinate_transformation_mode", "asymmetric", "nearest_mode", "floor"), scales(1, 1, 2, 2)},
		{[]int{2, 3, 5, 7}, ir.Pairs("mode", "nearest"), scales(1, 1, 0.6, 1.7)},
		{[]int{1, 2, 6, 4}, ir.Pairs("mode", "linear"), scales(1, 1, 2, 2)},
		{[]int{1, 2, 6, 4}, ir.Pairs("mode", "linear", "coordinate_transformation_mode", "align_corners"), sizes(1, 2, 9, 3)},
		{[]int{1, 2, 9, 8}, ir.Pairs("mode", "linear", "antialias", 1), scales(1, 1, 0.4, 0.5)},
		{[]int{1, 2, 5, 6}, ir.Pairs("mode", "cubic", "coordinate_transformation_mode", "pytorch_half_pixel"), scales(1, 1, 1.5, 2)},
		{[]int{2, 3, 6, 5}, ir.Pairs("mode", "linear", "coordinate_transformation_mode", "tf_crop_and_resize"), crop},
		{[]int{3, 40, 3}, ir.Pairs("mode", "linear", "axes", []int{1}), scales(2.5)},
		{[]int{2, 3, 4}, ir.Pairs("mode", "nearest"), scales(1, 1, 1)},
		{[]int{2, 3, 4, 3, 2}, ir.Pairs("mode", "linear"), scales(1, 1, 2, 2, 2)},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) { sameOnKernels(t, "Resize", tt.attrs, tt.shape, tt.more...) })
	}
}

func TestSoftmaxOverInnerAxes(t *testing.T) {
	for _, shape := range [][]int{{2, 5, 7}, {1, 4, 16, 1300}, {6, 3, 1, 1}, {3, 600}} {
		for axis := range shape {
			for _, op := range []string{"Softmax", "LogSoftmax"} {
				t.Run(fmt.Sprint(op, shape, axis), func(t *testing.T) { sameOnKernels(t, op, ir.Pairs("axis", axis), slices.Clone(shape)) })
			}
		}
	}
}

func TestActivationGradientsOnKernels(t *testing.T) {
	for _, op := range []string{"HardSwish", "HardSigmoid", "LeakyRelu", "Relu", "Sigmoid", "Tanh"} {
		t.Run(op, func(t *testing.T) { sameOnKernels(t, op, nil, []int{3, 50, 9}) })
	}
	sameOnKernels(t, "HardSigmoid", ir.Pairs("alpha", 1.0/6), []int{200})
	sameOnKernels(t, "LeakyRelu", ir.Pairs("alpha", 0.3), []int{200})
}
