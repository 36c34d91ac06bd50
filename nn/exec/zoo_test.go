package exec_test

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestArchitectures compares the executors on the small networks of the zoo:
// outputs, and the gradients of one of the first with respect to the input and
// to all parameters.
//
// The derivative of a ReLU jumps at 0, and that of a maximum where two numbers
// are equal. Where rounding has put one of a network's hundred thousand
// activations on the other side, or made another number of a window the
// greatest, the gradients are those of another function, and other inputs are
// tried.
func TestArchitectures(t *testing.T) {
	if raceDetector {
		t.Skip("takes minutes on the plain executor")
	}
	for _, a := range zoo.Architectures() {
		t.Run(a.Name, func(t *testing.T) {
			g := a.Small.Build(1)
			compareOnInputs(t, g, a.Small.Feeds, append(weights(g), zoo.Entry(g))...)
		})
	}
}

// TestArchitecturesByInput is TestArchitectures for gradients of the input alone,
// of which other parts are one step.
func TestArchitecturesByInput(t *testing.T) {
	if raceDetector {
		t.Skip("takes minutes on the plain executor")
	}
	for _, a := range zoo.Architectures() {
		if !slices.Contains([]string{"squeezenet1_1", "mobilenet_v2", "efficientnet_b0"}, a.Name) {
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			g := a.Small.Build(1)
			compareOnInputs(t, g, a.Small.Feeds, zoo.Entry(g))
		})
	}
}

// compareOnInputs compares the executors on inputs until gradients were compared.
func compareOnInputs(t *testing.T, g *ir.Graph, feeds func(*ir.Graph, int, uint64) map[ir.ValueID]*tensor.Tensor, wrt ...ir.ValueID) {
	for seed := range uint64(4) {
		if compareExecutors(t, g, feeds(g, 1, 1+seed), wrt...) {
			return
		}
	}
	t.Error("an activation is on the other side of 0 for all inputs: that is more than rounding")
}

// compareExecutors returns false, without having compared gradients, if an
// activation is on the other side of 0.
func compareExecutors(t *testing.T, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, wrt ...ir.ValueID) bool {
	seed := must(exec.NewSession(g, exec.Default()).Run(t.Context(), feeds, g.Outputs[0]))(t)
	activations, pools := cornered(g), poolsOf(g)
	question := exec.GradientOf{
		Y: g.Outputs[0], Seed: oneAt(seed[0].Shape(), 7), Wrt: wrt, Fetch: slices.Concat(activations, pooledBy(pools), g.Outputs),
	}
	want, wantValues, err := exec.NewSession(g, exec.Plain()).Gradient(t.Context(), feeds, question)
	if err != nil {
		t.Fatal(err)
	}
	got, gotValues, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), feeds, question)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range question.Fetch {
		near(t, g.Values[v].Name, gotValues[i], wantValues[i], tolerance)
	}
	for i := range activations {
		if !sameSides(gotValues[i].F32(), wantValues[i].F32()) {
			return false
		}
	}
	for i, n := range pools {
		if j := len(activations) + i; !sameMaxima(t, n, gotValues[j], wantValues[j]) {
			return false
		}
	}
	for i, v := range question.Wrt {
		near(t, g.Values[v].Name, got[i], want[i], tolerance)
	}
	return true
}

// cornered lists the results of activations whose derivative jumps at 0.
func cornered(g *ir.Graph) []ir.ValueID {
	var list []ir.ValueID
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Op == "Relu" || n.Op == "Clip" {
			list = append(list, n.Outputs[0])
		}
	}
	return list
}

// sameSides reports whether the same numbers are positive.
func sameSides(a, b []float32) bool {
	for i := range a {
		if (a[i] > 0) != (b[i] > 0) {
			return false
		}
	}
	return true
}

func poolsOf(g *ir.Graph) []*ir.Node {
	var list []*ir.Node
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Op == "MaxPool" {
			list = append(list, n)
		}
	}
	return list
}

func pooledBy(pools []*ir.Node) []ir.ValueID {
	var list []ir.ValueID
	for _, n := range pools {
		list = append(list, n.Inputs[0])
	}
	return list
}

// sameMaxima reports whether a pooling takes the numbers at the same places of
// both.
func sameMaxima(t *testing.T, n *ir.Node, a, b *tensor.Tensor) bool {
	places := func(x *tensor.Tensor) *tensor.Tensor {
		return optest.Case{Op: n.Op, Attrs: n.Attrs, In: []*tensor.Tensor{x}, Outputs: 2}.Eval(t)[1]
	}
	return tensor.Equal(places(a), places(b))
}
