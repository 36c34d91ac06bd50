package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

const (
	rnnSteps, rnnBatch, rnnInputs, rnnHidden = 4, 3, 2, 3
)

// recurrentInputs are random inputs of a layer, all of them given.
func recurrentInputs(name string, directions int, batchFirst bool) []*tensor.Tensor {
	rows := map[string]int{"RNN": 1, "GRU": 3, "LSTM": 4}[name] * rnnHidden
	swap := func(a, b int) (int, int) {
		if batchFirst {
			return b, a
		}
		return a, b
	}
	s, b := swap(rnnSteps, rnnBatch)
	d, k := swap(directions, rnnBatch)
	in := []*tensor.Tensor{
		optest.Random(1, -1, 1, s, b, rnnInputs),
		optest.Random(2, -1, 1, directions, rows, rnnInputs), optest.Random(3, -1, 1, directions, rows, rnnHidden),
		optest.Random(4, -1, 1, directions, 2*rows), tensor.Vector[int32](4, 2, 3),
		optest.Random(5, -1, 1, d, k, rnnHidden),
	}
	if name == "LSTM" {
		in = append(in, optest.Random(6, -1, 1, d, k, rnnHidden), optest.Random(7, -1, 1, directions, 3*rnnHidden))
	}
	return in
}

func TestRecurrentGradients(t *testing.T) {
	outputs := map[string]int{"RNN": 2, "GRU": 2, "LSTM": 3}
	for name, count := range outputs {
		for _, attrs := range []ir.Attrs{
			{},
			{"direction": text("reverse")},
			{"direction": text("bidirectional")},
			{"direction": text("bidirectional"), "layout": integer(1)},
			{"layout": integer(1)},
			{"linear_before_reset": integer(1), "input_forget": integer(1)},
			{"clip": number(0.6)},
		} {
			directions := 1
			if attrs.Str("direction", "") == "bidirectional" {
				directions = 2
			}
			attrs["hidden_size"] = integer(rnnHidden)
			in := recurrentInputs(name, directions, attrs.Bool("layout", false))
			c := optest.Case{Op: name, Attrs: attrs, In: in, Outputs: count}
			t.Run(c.String(), func(t *testing.T) {
				optest.CheckGrad(t, c)
				c.In = in[:3] // nothing but the weights
				optest.CheckGrad(t, c)
			})
		}
	}
}

func TestRecurrentActivations(t *testing.T) {
	for _, name := range []string{"Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ScaledTanh", "HardSigmoid", "Elu", "Softsign", "softplus"} {
		attrs := ir.Attrs{
			"hidden_size": integer(rnnHidden), "activations": ir.Attr{Value: []string{name}},
			"activation_alpha": ir.Attr{Value: []float32{0.7}}, "activation_beta": ir.Attr{Value: []float32{0.4}},
		}
		optest.CheckGrad(t, optest.Case{Op: "RNN", Attrs: attrs, In: recurrentInputs("RNN", 1, false), Outputs: 2})
	}
}

// TestLSTMByDefinition: one unit, one step, the equations written out.
func TestLSTMByDefinition(t *testing.T) {
	row := func(v ...float64) *tensor.Tensor { return tensor.Of(v, 1, len(v), 1) }
	in := []*tensor.Tensor{
		row(2), row(0.1, 0.2, 0.3, 0.4), row(0.5, 0.6, 0.7, 0.8),
		tensor.Of([]float64{1, 2, 3, 4, 0.1, 0.2, 0.3, 0.4}, 1, 8), nil, row(0.9), row(-0.5),
		tensor.Of([]float64{0.11, 0.22, 0.33}, 1, 3),
	}
	out := optest.Case{Op: "LSTM", In: in, Outputs: 3}.Eval(t)
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	i := sigmoid(0.1*2 + 0.5*0.9 + 1.1 + 0.11*-0.5)
	f := sigmoid(0.3*2 + 0.7*0.9 + 3.3 + 0.33*-0.5)
	c := f*-0.5 + i*math.Tanh(0.4*2+0.8*0.9+4.4)
	h := sigmoid(0.2*2+0.6*0.9+2.2+0.22*c) * math.Tanh(c)
	for k, want := range []float64{h, h, c} {
		if got := tensor.Data[float64](out[k])[0]; math.Abs(got-want) > 1e-15 {
			t.Errorf("output %d is %v, want %v", k, got, want)
		}
	}
}

// TestReverseIsForwardOfReversed: what a reverse layer computes, a forward one
// does on the sequence turned round.
func TestReverseIsForwardOfReversed(t *testing.T) {
	for _, name := range []string{"RNN", "GRU", "LSTM"} {
		in := recurrentInputs(name, 1, false)[:4]
		turned := append([]*tensor.Tensor{turn(in[0])}, in[1:]...)
		forward := optest.Case{Op: name, In: in}.Eval(t)[0]
		reverse := optest.Case{Op: name, Attrs: ir.Attrs{"direction": text("reverse")}, In: turned}.Eval(t)[0]
		if !tensor.Equal(forward, turn(reverse)) {
			t.Errorf("%s differs", name)
		}
	}
}

// turn reverses the first axis.
func turn(x *tensor.Tensor) *tensor.Tensor {
	y := tensor.New(x.DType(), x.Shape()...)
	row := x.Len() / x.Dim(0)
	for i := range x.Dim(0) {
		y.CopyRange(i*row, x, (x.Dim(0)-1-i)*row, row)
	}
	return y
}

func TestRecurrentRefuses(t *testing.T) {
	f32 := func(shape ...int) *tensor.Tensor { return tensor.New(tensor.Float32, shape...) }
	x, w, r := f32(4, 3, 2), f32(1, 12, 2), f32(1, 12, 3)
	refuses(t, "LSTM", nil, "needed", x, f32(1, 9, 2), r)
	refuses(t, "LSTM", nil, "needed", x, w, r, f32(1, 12))
	refuses(t, "LSTM", ir.Attrs{"direction": text("bidirectional")}, "needed", x, w, r)
	refuses(t, "LSTM", ir.Attrs{"direction": text("up")}, "direction", x, w, r)
	refuses(t, "LSTM", ir.Attrs{"hidden_size": integer(0)}, "hidden_size", x, w, r)
	refuses(t, "LSTM", ir.Attrs{"activations": {Value: []string{"Sine", "Tanh", "Tanh"}}}, "Sine", x, w, r)
	refuses(t, "LSTM", ir.Attrs{"activations": {Value: []string{"Tanh"}}}, "activations", x, w, r)
	refuses(t, "LSTM", nil, "sequence of 5 steps", x, w, r, f32(1, 24), tensor.Vector[int32](5, 1, 1))
	refuses(t, "LSTM", nil, "needed", f32(4, 3), w, r)
}
