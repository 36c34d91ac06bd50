package exec_test

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestHessianProduct compares with what is known: y = Σ sigmoid(w·x) has the
// Hessian w wᵀ s(1-s)(1-2s) for each row w.
func TestHessianProduct(t *testing.T) {
	g := ir.New("")
	g.Opsets[""] = ir.LatestOpset
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Known(1), ir.Known(3)})
	w := []float32{0.5, -1, 2, 0.25, 1, -0.75} // [3, 2]
	b := ir.NewBuilder(g, "")
	y := b.Op("Sigmoid", nil, b.Op("MatMul", nil, x, g.AddConst("w", tensor.Of(w, 3, 2))))
	g.Outputs = []ir.ValueID{y}
	at, along := []float32{0.3, -0.2, 0.9}, []float32{1, 2, -1}
	want := make([]float64, 3)
	for j := range 2 {
		z, d := 0.0, 0.0
		for i := range 3 {
			z += float64(at[i]) * float64(w[2*i+j])
			d += float64(along[i]) * float64(w[2*i+j])
		}
		s := 1 / (1 + math.Exp(-z))
		for i := range 3 {
			want[i] += s * (1 - s) * (1 - 2*s) * d * float64(w[2*i+j])
		}
	}
	for _, e := range executors() {
		got, err := exec.NewSession(g, e).HessianProduct(t.Context(), feed(g, tensor.Of(at, 1, 3)),
			exec.GradientOf{Y: y, Wrt: []ir.ValueID{x}}, tensor.Of(along, 1, 3))
		if err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		for i, v := range got.F32() {
			if math.Abs(float64(v)-want[i]) > 1e-5 {
				t.Errorf("%s: element %d is %v, want %v", e.Name(), i, v, want[i])
			}
		}
	}
}

// TestHessianOfNetworks compares with differences of the gradient where the
// network is smooth, and expects zeros where it is piecewise linear.
func TestHessianOfNetworks(t *testing.T) {
	vit := open(t, "golden/tinyvit/tinyvit_op17.onnx")
	x := wave(tensor.Float32, []int{1, 3, 64, 64})
	along := tensor.New(tensor.Float32, 1, 3, 64, 64)
	for i := range along.F32() {
		along.F32()[i] = float32(math.Cos(float64(i)))
	}
	of := exec.GradientOf{Y: vit.Outputs[0], Wrt: vit.Inputs[:1]}
	s := exec.NewSession(vit, exec.Default())
	got, err := s.HessianProduct(t.Context(), feed(vit, x), of, along)
	if err != nil {
		t.Fatal(err)
	}
	const step = 1e-2
	shifted := func(by float32) []float32 {
		y := x.Clone()
		for i := range y.F32() {
			y.F32()[i] += by * along.F32()[i]
		}
		grads, _, err := s.Gradient(t.Context(), feed(vit, y), of)
		if err != nil {
			t.Fatal(err)
		}
		return grads[0].F32()
	}
	more, less := shifted(step), shifted(-step)
	largest, worst := 0.0, 0.0
	for i, v := range got.F32() {
		want := (float64(more[i]) - float64(less[i])) / (2 * step)
		largest, worst = max(largest, math.Abs(want)), max(worst, math.Abs(float64(v)-want))
	}
	if largest == 0 || worst > 0.01*largest { // the difference has an error of step²
		t.Errorf("the product differs from the gradient's difference by %.2g of %.2g", worst, largest)
	}

	resnet := open(t, "golden/tinyresnet/tinyresnet_op13.onnx")
	zero, err := exec.NewSession(resnet, exec.Default()).HessianProduct(t.Context(), feed(resnet, wave(tensor.Float32, []int{1, 3, 32, 32})),
		exec.GradientOf{Y: resnet.Outputs[0], Wrt: resnet.Inputs[:1]}, wave(tensor.Float32, []int{1, 3, 32, 32}))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range zero.F32() {
		if v != 0 {
			t.Fatalf("element %d is %v in a piecewise linear network", i, v)
		}
	}
}
