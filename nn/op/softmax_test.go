package op_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestSoftmaxGradients(t *testing.T) {
	x := rand64(2, 3, 4)
	for _, name := range []string{"Softmax", "LogSoftmax"} {
		for _, version := range []int{1, 11, 13} {
			optest.CheckGrad(t, optest.Case{Op: name, Version: version, In: []*tensor.Tensor{x}})
			for _, axis := range []int64{0, 1, 2, -1, -2} {
				optest.CheckGrad(t, optest.Case{Op: name, Version: version, Attrs: ir.Attrs{"axis": integer(axis)}, In: []*tensor.Tensor{x}})
			}
		}
	}
}

// TestSoftmaxFlattens: before opset 13 the axes from axis on count as one.
func TestSoftmaxFlattens(t *testing.T) {
	x := rand64(2, 3, 4)
	old := optest.Case{Op: "Softmax", Version: 12, In: []*tensor.Tensor{x}}.Eval(t)[0]
	flat := optest.Case{Op: "Softmax", In: []*tensor.Tensor{x.Reshape(2, 12)}}.Eval(t)[0]
	if !tensor.Equal(old, flat.Reshape(2, 3, 4)) {
		t.Error("opset 12 does not flatten")
	}
}

func TestSoftmaxOfLargeNumbers(t *testing.T) {
	y := optest.Case{Op: "Softmax", In: []*tensor.Tensor{tensor.Vector[float32](1e30, 1e30, -1e30)}}.Eval(t)[0]
	if want := tensor.Vector[float32](0.5, 0.5, 0); !tensor.Equal(y, want) {
		t.Errorf("got %v", y.F32())
	}
	y = optest.Case{Op: "LogSoftmax", In: []*tensor.Tensor{tensor.Vector[float64](1e4, 0)}}.Eval(t)[0]
	if want := tensor.Vector[float64](0, -1e4); !tensor.Equal(y, want) {
		t.Errorf("got %v", tensor.Data[float64](y))
	}
}

func TestLossGradients(t *testing.T) {
	for _, kind := range []string{"none", "sum", "mean"} {
		for _, c := range []struct {
			x      []int
			labels *tensor.Tensor
		}{
			{[]int{3, 4}, vector(1, 3, 0)},
			{[]int{2, 3, 4}, tensor.Of([]int64{0, 1, 2, 1, 2, 2, 0, 1}, 2, 4)},
			{[]int{1, 3, 2, 2}, tensor.Of([]int32{0, 2, 1, 2}, 1, 2, 2)},
		} {
			x, w := rand64(c.x...), optest.Random(1, 0.5, 2, c.x[1])
			attrs := ir.Attrs{"reduction": text(kind)}
			ignoring := ir.Attrs{"reduction": text(kind), "ignore_index": integer(1)}
			for _, name := range []string{"SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"} {
				optest.CheckGrad(t, optest.Case{Op: name, Attrs: attrs, In: []*tensor.Tensor{x, c.labels}})
				optest.CheckGrad(t, optest.Case{Op: name, Attrs: ignoring, In: []*tensor.Tensor{x, c.labels, w}, Fixed: []int{2}})
			}
			optest.CheckGrad(t, optest.Case{Op: "SoftmaxCrossEntropyLoss", Attrs: attrs, In: []*tensor.Tensor{x, c.labels}, Outputs: 2})
		}
	}
}

// TestCrossEntropyByDefinition: two elements of weights 1 and 3.
func TestCrossEntropyByDefinition(t *testing.T) {
	x := tensor.Of([]float64{0, math.Log(3), 0, 0}, 2, 2)
	in := []*tensor.Tensor{x, vector(1, 0), tensor.Vector[float64](3, 1)}
	got := tensor.Data[float64](optest.Case{Op: "SoftmaxCrossEntropyLoss", In: in}.Eval(t)[0])[0]
	if want := (math.Log(4./3) + 3*math.Log(2)) / 4; math.Abs(got-want) > 1e-15 {
		t.Errorf("loss %v, want %v", got, want)
	}
}

func TestLossRefuses(t *testing.T) {
	x := tensor.New(tensor.Float32, 2, 3)
	for _, name := range []string{"SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss"} {
		refuses(t, name, nil, "outside", x, vector(0, 3))
		refuses(t, name, nil, "outside", x, vector(0, -1))
		refuses(t, name, nil, "do not fit", x, vector(0, 1, 2))
		refuses(t, name, nil, "do not fit", x, vector(0, 1), tensor.New(tensor.Float32, 2))
		refuses(t, name, ir.Attrs{"reduction": text("max")}, "reduction", x, vector(0, 1))
		refuses(t, name, nil, "classes", tensor.New(tensor.Float32, 2), vector(0, 1))
	}
	refuses(t, "Softmax", ir.Attrs{"axis": integer(2)}, "axis", x)
}
