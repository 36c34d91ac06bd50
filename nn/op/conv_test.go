package op_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// rand64 draws from [-1, 1); the seed is the sum of the extents, so that
// tensors of different shapes differ.
func rand64(shape ...int) *tensor.Tensor {
	seed := uint64(len(shape))
	for _, d := range shape {
		seed = 31*seed + uint64(d)
	}
	return optest.Random(seed, -1, 1, shape...)
}

func ints(v ...int64) ir.Attr          { return ir.Attr{Value: v} }
func integer(v int64) ir.Attr          { return ir.Attr{Value: v} }
func number(v float32) ir.Attr         { return ir.Attr{Value: v} }
func text(v string) ir.Attr            { return ir.Attr{Value: v} }
func vector(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

// convCases cover what changes the geometry: rank, stride, dilation, padding
// on one side, groups, and inputs that the last stride does not reach.
var convCases = []struct {
	name string
	x, w []int
	a    ir.Attrs
}{
	{"1-D", []int{2, 3, 7}, []int{4, 3, 3}, nil},
	{"2-D", []int{2, 2, 5, 6}, []int{3, 2, 3, 2}, ir.Attrs{"kernel_shape": ints(3, 2)}},
	{"3-D", []int{1, 2, 4, 3, 4}, []int{2, 2, 2, 2, 3}, ir.Attrs{"pads": ints(0, 1, 1, 1, 0, 1)}},
	{"pointwise", []int{2, 3, 4, 4}, []int{5, 3, 1, 1}, nil},
	{"strided pointwise", []int{2, 3, 5, 5}, []int{2, 3, 1, 1}, ir.Attrs{"strides": ints(2, 2)}},
	{"stride leaves a rest", []int{1, 2, 8, 7}, []int{3, 2, 3, 3}, ir.Attrs{"strides": ints(3, 2), "pads": ints(1, 1, 1, 1)}},
	{"asymmetric padding", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"pads": ints(0, 2, 1, 0)}},
	{"negative padding crops", []int{1, 2, 6, 6}, []int{2, 2, 2, 2}, ir.Attrs{"pads": ints(-1, 0, 1, -2)}},
	{"padding beyond the kernel", []int{1, 1, 3, 3}, []int{1, 1, 1, 1}, ir.Attrs{"pads": ints(2, 1, 1, 2)}},
	{"dilated", []int{1, 2, 7, 8}, []int{2, 2, 3, 2}, ir.Attrs{"dilations": ints(2, 3), "strides": ints(1, 2), "pads": ints(2, 1, 2, 1)}},
	{"groups", []int{2, 6, 4, 4}, []int{4, 3, 2, 2}, ir.Attrs{"group": integer(2)}},
	{"depthwise", []int{1, 3, 5, 5}, []int{6, 1, 3, 3}, ir.Attrs{"group": integer(3), "strides": ints(2, 2), "pads": ints(1, 1, 1, 1)}},
	{"same upper", []int{1, 2, 5, 6}, []int{2, 2, 2, 3}, ir.Attrs{"auto_pad": text("SAME_UPPER"), "strides": ints(2, 2)}},
	{"same lower", []int{1, 2, 5, 6}, []int{2, 2, 2, 3}, ir.Attrs{"auto_pad": text("SAME_LOWER"), "strides": ints(2, 2)}},
	{"valid", []int{1, 2, 5, 6}, []int{2, 2, 2, 3}, ir.Attrs{"auto_pad": text("VALID")}},
}

func TestConvGradients(t *testing.T) {
	for _, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			optest.CheckGrad(t, optest.Case{Op: "Conv", Attrs: c.a, In: []*tensor.Tensor{rand64(c.x...), rand64(c.w...), rand64(c.w[0])}})
		})
	}
}

// TestConvGradientsOfGradients differentiates both gradients again.
func TestConvGradientsOfGradients(t *testing.T) {
	for _, c := range convCases {
		t.Run(c.name, func(t *testing.T) {
			x, w := rand64(c.x...), rand64(c.w...)
			y := optest.Case{Op: "Conv", Attrs: c.a, In: []*tensor.Tensor{x, w}}.Eval(t)[0]
			dy := rand64(y.Shape()...)
			optest.CheckGrad(t, optest.Case{Op: "ConvGradInput", Domain: op.Domain, Attrs: c.a, In: []*tensor.Tensor{dy, w, shapeVector(x)}})
			optest.CheckGrad(t, optest.Case{Op: "ConvGradWeight", Domain: op.Domain, Attrs: c.a, In: []*tensor.Tensor{x, dy, shapeVector(w)}})
		})
	}
}

func shapeVector(t *tensor.Tensor) *tensor.Tensor {
	v := make([]int64, t.Rank())
	for i, d := range t.Shape() {
		v[i] = int64(d)
	}
	return tensor.Vector(v...)
}

// TestConvByDefinition compares with the sum over kernel and channels written
// out.
func TestConvByDefinition(t *testing.T) {
	x, w := rand64(2, 4, 6, 7), rand64(6, 2, 3, 2)
	attrs := ir.Attrs{"group": integer(2), "strides": ints(2, 1), "dilations": ints(1, 2), "pads": ints(1, 0, 2, 1)}
	y := optest.Case{Op: "Conv", Attrs: attrs, In: []*tensor.Tensor{x, w}}.Eval(t)[0]
	at := func(t *tensor.Tensor, a, b, c, d int) float64 {
		if c < 0 || c >= t.Dim(2) || d < 0 || d >= t.Dim(3) {
			return 0
		}
		return tensor.Data[float64](t)[((a*t.Dim(1)+b)*t.Dim(2)+c)*t.Dim(3)+d]
	}
	for n := range y.Dim(0) {
		for m := range y.Dim(1) {
			for i := range y.Dim(2) {
				for j := range y.Dim(3) {
					var want float64
					for c := range 2 {
						for p := range 3 {
							for q := range 2 {
								want += at(w, m, c, p, q) * at(x, n, m/3*2+c, 2*i-1+p, j+2*q)
							}
						}
					}
					if got := at(y, n, m, i, j); math.Abs(got-want) > 1e-12 {
						t.Fatalf("y[%d,%d,%d,%d] = %v, want %v", n, m, i, j, got, want)
					}
				}
			}
		}
	}
}

func TestConvTransposeGradients(t *testing.T) {
	for _, c := range []struct {
		name string
		x, w []int
		a    ir.Attrs
	}{
		{"1-D", []int{2, 3, 4}, []int{3, 2, 3}, nil},
		{"2-D", []int{2, 2, 3, 4}, []int{2, 3, 3, 2}, ir.Attrs{"strides": ints(2, 3)}},
		{"3-D", []int{1, 2, 2, 3, 2}, []int{2, 1, 2, 2, 3}, ir.Attrs{"pads": ints(0, 1, 1, 1, 0, 1), "strides": ints(2, 1, 2)}},
		{"padding", []int{1, 2, 4, 4}, []int{2, 2, 3, 3}, ir.Attrs{"pads": ints(1, 0, 2, 1), "strides": ints(2, 2)}},
		{"output padding", []int{1, 2, 3, 3}, []int{2, 2, 3, 3}, ir.Attrs{"output_padding": ints(1, 1), "strides": ints(2, 2), "pads": ints(1, 1, 1, 1)}},
		{"output padding beyond the stride", []int{1, 2, 3, 3}, []int{2, 2, 2, 2}, ir.Attrs{"output_padding": ints(1, 2), "dilations": ints(2, 3)}},
		{"dilated", []int{1, 2, 3, 3}, []int{2, 2, 2, 2}, ir.Attrs{"dilations": ints(2, 3)}},
		{"groups", []int{2, 4, 3, 3}, []int{4, 3, 2, 2}, ir.Attrs{"group": integer(2)}},
		{"same upper", []int{1, 2, 3, 3}, []int{2, 2, 4, 3}, ir.Attrs{"auto_pad": text("SAME_UPPER"), "strides": ints(2, 2), "kernel_shape": ints(4, 3)}},
		{"same lower", []int{1, 2, 3, 3}, []int{2, 2, 4, 3}, ir.Attrs{"auto_pad": text("SAME_LOWER"), "strides": ints(2, 2), "kernel_shape": ints(4, 3)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			group := c.a.Int("group", 1)
			optest.CheckGrad(t, optest.Case{Op: "ConvTranspose", Attrs: c.a, In: []*tensor.Tensor{rand64(c.x...), rand64(c.w...), rand64(c.w[1] * group)}})
		})
	}
}

// TestConvRefuses gives nodes that no kernel can run; none may panic.
func TestConvRefuses(t *testing.T) {
	const huge = 1 << 40
	for _, c := range []struct {
		name, op, want string
		x, w           []int
		a              ir.Attrs
	}{
		{"zero stride", "Conv", "stride", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"strides": ints(0, 1)}},
		{"zero dilation", "Conv", "dilation", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"dilations": ints(1, 0)}},
		{"huge stride", "Conv", "stride", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"strides": ints(huge, 1)}},
		{"huge padding", "Conv", "padding", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"pads": ints(huge, 0, 0, 0)}},
		{"large padding", "Conv", "elements", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"pads": ints(1<<20, 1<<20, 0, 0)}},
		{"crops everything", "Conv", "does not fit", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"pads": ints(-4, 0, -4, 0)}},
		{"kernel larger than input", "Conv", "does not fit", []int{1, 2, 2, 2}, []int{2, 2, 3, 3}, nil},
		{"channels", "Conv", "channels", []int{1, 3, 5, 5}, []int{2, 2, 3, 3}, nil},
		{"groups", "Conv", "groups", []int{1, 4, 5, 5}, []int{3, 2, 3, 3}, ir.Attrs{"group": integer(2)}},
		{"no groups", "Conv", "group", []int{1, 4, 5, 5}, []int{3, 2, 3, 3}, ir.Attrs{"group": integer(0)}},
		{"kernel_shape", "Conv", "kernel_shape", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"kernel_shape": ints(3, 2)}},
		{"short strides", "Conv", "strides has 1", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"strides": ints(1)}},
		{"auto_pad", "Conv", "auto_pad", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"auto_pad": text("SAME")}},
		{"matrix", "Conv", "spatial", []int{2, 5}, []int{2, 5}, nil},
		{"ranks", "Conv", "rank", []int{1, 2, 5, 5}, []int{2, 2, 3}, nil},
		{"empty kernel", "Conv", "kernel", []int{1, 2, 5, 5}, []int{2, 2, 0, 3}, nil},
		{"transposed: zero stride", "ConvTranspose", "stride", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"strides": ints(0, 1)}},
		{"transposed: channels", "ConvTranspose", "channels", []int{1, 3, 5, 5}, []int{2, 2, 3, 3}, nil},
		{"transposed: huge stride", "ConvTranspose", "elements", []int{1, 2, 5, 5}, []int{2, 2, 3, 3}, ir.Attrs{"strides": ints(1<<20, 1<<20)}},
		{"transposed: padding eats all", "ConvTranspose", "makes an output", []int{1, 2, 2, 2}, []int{2, 2, 3, 3}, ir.Attrs{"pads": ints(9, 0, 9, 0)}},
		{"transposed: output_padding", "ConvTranspose", "output_padding", []int{1, 2, 2, 2}, []int{2, 2, 3, 3}, ir.Attrs{"output_padding": ints(-1, 0)}},
		{"transposed: output_shape", "ConvTranspose", "output_shape", []int{1, 2, 2, 2}, []int{2, 2, 3, 3}, ir.Attrs{"output_shape": ints(huge, 4)}},
		{"transposed: empty input", "ConvTranspose", "makes an output", []int{1, 2, 0, 2}, []int{2, 2, 3, 3}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			refuses(t, c.op, c.a, c.want, tensor.New(tensor.Float32, c.x...), tensor.New(tensor.Float32, c.w...))
		})
	}
}

// refuses checks that the operator errs with a message that contains want.
func refuses(t *testing.T, name string, attrs ir.Attrs, want string, in ...*tensor.Tensor) {
	t.Helper()
	n := &ir.Node{Name: "node", Op: name, Version: ir.LatestOpset, Attrs: attrs, Inputs: make([]ir.ValueID, len(in)), Outputs: []ir.ValueID{1}}
	_, err := op.Eval(n, in)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one about %q", err, want)
	}
}
