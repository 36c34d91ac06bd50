package op_test

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var poolCases = []struct {
	name string
	x    []int
	a    ir.Attrs
}{
	{"1-D", []int{2, 3, 7}, ir.Attrs{"kernel_shape": ints(3)}},
	{"2-D", []int{2, 2, 5, 6}, ir.Attrs{"kernel_shape": ints(2, 3), "strides": ints(2, 1)}},
	{"3-D", []int{1, 2, 4, 3, 4}, ir.Attrs{"kernel_shape": ints(2, 2, 2), "pads": ints(0, 1, 1, 1, 0, 1)}},
	{"asymmetric padding", []int{1, 2, 5, 5}, ir.Attrs{"kernel_shape": ints(3, 3), "pads": ints(0, 2, 1, 0)}},
	{"counting the padding", []int{1, 2, 5, 5}, ir.Attrs{"kernel_shape": ints(3, 3), "pads": ints(1, 2, 1, 0), "count_include_pad": integer(1)}},
	{"ceil", []int{1, 2, 6, 7}, ir.Attrs{"kernel_shape": ints(3, 2), "strides": ints(2, 3), "ceil_mode": integer(1)}},
	{"ceil counting the padding", []int{1, 1, 6, 7}, ir.Attrs{"kernel_shape": ints(3, 3), "strides": ints(2, 3), "pads": ints(1, 1, 1, 1), "ceil_mode": integer(1), "count_include_pad": integer(1)}},
	{"dilated", []int{1, 2, 7, 8}, ir.Attrs{"kernel_shape": ints(3, 2), "dilations": ints(2, 3), "pads": ints(2, 1, 2, 1), "count_include_pad": integer(1)}},
	{"same upper", []int{1, 2, 5, 6}, ir.Attrs{"kernel_shape": ints(2, 3), "auto_pad": text("SAME_UPPER"), "strides": ints(2, 2)}},
	{"same lower", []int{1, 2, 5, 6}, ir.Attrs{"kernel_shape": ints(2, 3), "auto_pad": text("SAME_LOWER"), "strides": ints(2, 2)}},
	{"windows of nothing but padding", []int{1, 1, 3, 3}, ir.Attrs{"kernel_shape": ints(1, 2), "pads": ints(2, 2, 1, 3)}},
}

func TestPoolGradients(t *testing.T) {
	for _, c := range poolCases {
		for _, name := range []string{"AveragePool", "MaxPool", "LpPool"} {
			if name == "MaxPool" && c.name == "windows of nothing but padding" {
				continue // their maximum is minus infinity
			}
			t.Run(name+"/"+c.name, func(t *testing.T) {
				optest.CheckGrad(t, optest.Case{Op: name, Attrs: c.a, In: []*tensor.Tensor{rand64(c.x...)}})
			})
		}
	}
	optest.CheckGrad(t, optest.Case{Op: "LpPool", Attrs: ir.Attrs{"kernel_shape": ints(3), "p": integer(3)}, In: []*tensor.Tensor{rand64(1, 2, 6)}})
}

func TestPoolGradientsOfGradients(t *testing.T) {
	for _, c := range poolCases[:len(poolCases)-1] {
		t.Run(c.name, func(t *testing.T) {
			x := rand64(c.x...)
			y := optest.Case{Op: "MaxPool", Attrs: c.a, In: []*tensor.Tensor{x}}.Eval(t)[0]
			dy := rand64(y.Shape()...)
			optest.CheckGrad(t, optest.Case{Op: "AveragePoolGrad", Domain: op.Domain, Attrs: c.a, In: []*tensor.Tensor{dy, shapeVector(x)}})
			optest.CheckGrad(t, optest.Case{Op: "MaxPoolGrad", Domain: op.Domain, Attrs: c.a, In: []*tensor.Tensor{dy, x}, Fixed: []int{1}})
		})
	}
}

func TestGlobalPoolGradients(t *testing.T) {
	for _, name := range []string{"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"} {
		for _, shape := range [][]int{{2, 3, 5}, {2, 3, 4, 3}, {1, 2, 2, 3, 2}} {
			optest.CheckGrad(t, optest.Case{Op: name, In: []*tensor.Tensor{rand64(shape...)}})
		}
	}
}

func TestGlobalMaxPoolGradOfGrad(t *testing.T) {
	optest.CheckGrad(t, optest.Case{Op: "GlobalMaxPoolGrad", Domain: op.Domain, In: []*tensor.Tensor{rand64(2, 3, 1, 1), rand64(2, 3, 4, 3)}, Fixed: []int{1}})
}

// TestMaxPoolTies: the first of equal elements gets the gradient, and NaN wins.
func TestMaxPoolTies(t *testing.T) {
	x := tensor.Of([]float32{1, 2, 2, 2}, 1, 1, 4)
	attrs := ir.Attrs{"kernel_shape": ints(3)}
	n := &ir.Node{Op: "MaxPoolGrad", Domain: op.Domain, Attrs: attrs}
	dx, err := op.Eval(n, []*tensor.Tensor{tensor.Of([]float32{10, 5}, 1, 1, 2), x})
	if err != nil {
		t.Fatal(err)
	}
	if want := tensor.Of([]float32{0, 15, 0, 0}, 1, 1, 4); !tensor.Equal(dx[0], want) {
		t.Errorf("gradient %v, want %v", dx[0].F32(), want.F32())
	}
}

func TestMaxPoolIndices(t *testing.T) {
	x := tensor.Of([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 2, 1, 0, 0, 0, 0, 0, 7}, 1, 2, 3, 3)
	for order, want := range map[int64][]int64{0: {4, 5, 7, 8, 9, 10, 12, 17}, 1: {4, 7, 5, 8, 9, 12, 10, 17}} {
		attrs := ir.Attrs{"kernel_shape": ints(2, 2), "storage_order": integer(order)}
		out := optest.Case{Op: "MaxPool", Attrs: attrs, In: []*tensor.Tensor{x}, Outputs: 2}.Eval(t)
		if w := tensor.Of(want, 1, 2, 2, 2); !tensor.Equal(out[1], w) {
			t.Errorf("storage_order %d: indices %v, want %v", order, out[1].I64(), want)
		}
	}
}

func TestPoolRefuses(t *testing.T) {
	x := tensor.New(tensor.Float32, 1, 2, 4, 4)
	for _, name := range []string{"MaxPool", "AveragePool", "LpPool"} {
		refuses(t, name, nil, "kernel_shape is missing", x)
		refuses(t, name, ir.Attrs{"kernel_shape": ints(0, 2)}, "kernel of extent 0", x)
		refuses(t, name, ir.Attrs{"kernel_shape": ints(-1, 2)}, "kernel", x)
		refuses(t, name, ir.Attrs{"kernel_shape": ints(5, 2)}, "does not fit", x)
		refuses(t, name, ir.Attrs{"kernel_shape": ints(2)}, "does not fit", x)
		refuses(t, name, ir.Attrs{"kernel_shape": ints(2, 2), "strides": ints(1, 0)}, "stride", x)
		refuses(t, name, ir.Attrs{"kernel_shape": ints(1, 1), "pads": ints(0, 0, 1<<29, 1<<29)}, "elements", x)
	}
	refuses(t, "GlobalAveragePool", nil, "no channels", tensor.New(tensor.Float32, 3))
	refuses(t, "GlobalMaxPool", nil, "kernel", tensor.New(tensor.Float32, 1, 2, 0, 3))
}

// TestMaxUnpool undoes a MaxPool by its indices.
func TestMaxUnpool(t *testing.T) {
	x := tensor.Of([]float64{1, 5, 2, 0, 3, 4, 9, 8, 7, 6, 0, 1, 2, 3, 4, 5}, 1, 1, 4, 4)
	attrs := ir.Pairs("kernel_shape", []int{2, 2}, "strides", []int{2, 2})
	pooled := optest.Case{Op: "MaxPool", Attrs: attrs, In: []*tensor.Tensor{x}, Outputs: 2}.Eval(t)
	back := optest.Case{Op: "MaxUnpool", Attrs: attrs, In: pooled}
	want := tensor.Of([]float64{0, 5, 0, 0, 0, 0, 9, 0, 7, 0, 0, 0, 0, 0, 0, 5}, 1, 1, 4, 4)
	if got := back.Eval(t)[0]; !tensor.Equal(got, want) {
		t.Errorf("got %v", tensor.Data[float64](got))
	}
	optest.CheckGrad(t, back)
	refuses(t, "MaxUnpool", attrs, "outside", tensor.New(tensor.Float32, 1, 1, 1, 1), tensor.Of([]int64{4}, 1, 1, 1, 1))
	refuses(t, "MaxUnpool", attrs, "does not hold", tensor.New(tensor.Float32, 1, 1, 2, 2), tensor.New(tensor.Int64, 1, 1, 2, 2), vector(1, 1, 3, 5))
}
