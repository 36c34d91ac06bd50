package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var activationCases = []struct {
	op, domain string
	attrs      ir.Attrs
}{
	{"Relu", "", nil},
	{"LeakyRelu", "", nil},
	{"LeakyRelu", "", ir.Attrs{"alpha": number(0.3)}},
	{"ThresholdedRelu", "", ir.Attrs{"alpha": number(0.7)}},
	{"Elu", "", ir.Attrs{"alpha": number(1.5)}},
	{"Selu", "", nil},
	{"Celu", "", ir.Attrs{"alpha": number(0.6)}},
	{"Sigmoid", "", nil},
	{"Tanh", "", nil},
	{"HardSigmoid", "", nil},
	{"HardSwish", "", nil},
	{"Softplus", "", nil},
	{"Softsign", "", nil},
	{"Gelu", "", nil},
	{"Gelu", "", ir.Attrs{"approximate": text("tanh")}},
	{"Mish", "", nil},
	{"Swish", "", ir.Attrs{"alpha": number(1.3)}},
	{"Shrink", "", ir.Attrs{"lambd": number(0.9), "bias": number(0.2)}},
	{"Gelu", "com.microsoft", nil},
	{"QuickGelu", "com.microsoft", nil},
	{"FastGelu", "com.microsoft", nil},
}

func TestActivationGradients(t *testing.T) {
	for _, c := range activationCases {
		t.Run(c.domain+c.op, func(t *testing.T) {
			x := optest.Random(1, -4, 4, 3, 7)
			optest.CheckGrad(t, optest.Case{Op: c.op, Domain: c.domain, Attrs: c.attrs, In: []*tensor.Tensor{x}})
		})
	}
}

// TestActivationSecondGradients differentiates the gradients, which takes the
// second derivatives.
func TestActivationSecondGradients(t *testing.T) {
	for _, o := range op.All() {
		name := o.Name
		if n := len(name) - len("Grad"); o.Domain != op.Domain || n < 0 || name[n:] != "Grad" || op.Lookup(o.Domain, name+"2") == nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			v := optest.Random(2, -2, 2, 5, 3)
			optest.CheckGrad(t, optest.Case{Op: name, Domain: op.Domain, In: []*tensor.Tensor{optest.Random(3, -1, 1, 5, 3), v}})
		})
	}
}

// TestActivationLimits checks what must not overflow, and that NaN stays NaN.
func TestActivationLimits(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		op      string
		x, want float64
	}{
		{"Sigmoid", -1e4, 0}, {"Sigmoid", 1e4, 1}, {"Sigmoid", -inf, 0},
		{"Softplus", 1e4, 1e4}, {"Softplus", -1e4, 0}, {"Softplus", inf, inf},
		{"Elu", -inf, -1}, {"Elu", 1e4, 1e4}, {"Softsign", 1e300, 1},
		{"Mish", 1e4, 1e4}, {"Mish", -1e4, 0}, {"Swish", -1e4, 0},
		{"Relu", nan, nan}, {"HardSigmoid", nan, nan}, {"Elu", nan, nan}, {"Gelu", nan, nan}, {"Selu", nan, nan},
	} {
		y := optest.Case{Op: c.op, In: []*tensor.Tensor{tensor.Vector(c.x)}}.Eval(t)[0]
		if !tensor.Equal(y, tensor.Vector(c.want)) {
			t.Errorf("%s(%v) = %v, want %v", c.op, c.x, tensor.Data[float64](y)[0], c.want)
		}
	}
}

func TestPRelu(t *testing.T) {
	x := rand64(2, 3, 4, 2)
	for _, slope := range []*tensor.Tensor{rand64(3, 1, 1), rand64(1), rand64(4, 2), rand64(2, 3, 4, 2)} {
		optest.CheckGrad(t, optest.Case{Op: "PRelu", In: []*tensor.Tensor{x, slope}})
	}
	// Before opset 7 the slope of a channel needs no trailing axes.
	old := optest.Case{Op: "PRelu", Version: 6, In: []*tensor.Tensor{x, rand64(3)}}
	optest.CheckGrad(t, old)
	now := optest.Case{Op: "PRelu", In: []*tensor.Tensor{x, rand64(3).Reshape(3, 1, 1)}}
	if !tensor.Equal(old.Eval(t)[0], now.Eval(t)[0]) {
		t.Error("opset 6 and 7 differ for a slope per channel")
	}
	refuses(t, "PRelu", nil, "does not fit", tensor.New(tensor.Float32, 2, 3), tensor.New(tensor.Float32, 4, 2, 3))
}

func TestBiasGelu(t *testing.T) {
	in := []*tensor.Tensor{rand64(2, 3, 5), rand64(5)}
	for _, name := range []string{"BiasGelu", "FastGelu"} {
		optest.CheckGrad(t, optest.Case{Op: name, Domain: "com.microsoft", In: in})
	}
}

func TestIntegerActivations(t *testing.T) {
	y := optest.Case{Op: "Relu", In: []*tensor.Tensor{tensor.Vector[int32](-3, 0, 4)}}.Eval(t)[0]
	if want := tensor.Vector[int32](0, 0, 4); !tensor.Equal(y, want) {
		t.Errorf("Relu of int32 is %v", y)
	}
}
