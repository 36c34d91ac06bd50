package exec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestRandomWindows compares the executors on convolutions and pooling of all
// geometries, with their gradients. The numbers are small integers, so that
// sums are exact and maxima are found more than once.
func TestRandomWindows(t *testing.T) {
	tried := 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 3))
		g, x := randomWindow(r)
		feeds := feed(g, x)
		types, err := pass.Infer(g, map[ir.ValueID]ir.Shape{g.Inputs[0]: ir.ShapeOf(x)})
		if err != nil {
			continue // a geometry that is not possible
		}
		tried++
		wrt := append(weights(g), g.Inputs[0])
		grad, err := autodiff.Extend(g, types, g.Outputs[0], wrt, nil)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		shape, _ := types[g.Outputs[0]].Shape.Ints()
		feeds[grad.Seed] = integers(r, shape)
		fetch := append(grad.Of, g.Outputs[0])
		want := must(exec.NewSession(grad.Graph, exec.Plain()).Run(t.Context(), feeds, fetch...))(t)
		got := must(exec.NewSession(grad.Graph, exec.Default()).Run(t.Context(), feeds, fetch...))(t)
		for i, v := range fetch {
			near(t, fmt.Sprintf("seed %d, %s", seed, grad.Graph.Values[v].Name), got[i], want[i], 1e-6)
		}
		if t.Failed() {
			n := g.Nodes[0]
			t.Fatal(n.Op, n.Attrs, x, weights(g))
		}
	}
	if tried < 500 {
		t.Errorf("only %d geometries were possible", tried)
	}
}

// randomWindow draws a node that slides a window, with its input.
func randomWindow(r *rand.Rand) (*ir.Graph, *tensor.Tensor) {
	g := ir.New("window")
	b := ir.NewBuilder(g, "")
	rank := 1 + r.IntN(3)
	batch, groups := 1+r.IntN(3), 1+r.IntN(2)
	channels := groups * (1 + r.IntN(3))
	shape, kernel := []int{batch, channels}, []int{}
	attrs := []any{}
	lists := map[string][]int{"strides": nil, "dilations": nil}
	for range rank {
		shape, kernel = append(shape, 2+r.IntN(9)), append(kernel, 1+r.IntN(3))
	}
	for name := range lists {
		list := make([]int, rank)
		for i := range list {
			list[i] = 1 + r.IntN(3)/(1+r.IntN(2))
		}
		attrs = append(attrs, name, list)
	}
	attrs = append(attrs, padding(r, kernel)...)
	x := g.AddInput("x", tensor.Float32, ir.Dims(shape...))
	ops := []string{"Conv", "Conv", "ConvTranspose", "MaxPool", "AveragePool"}
	op := ops[r.IntN(len(ops))]
	inputs := []ir.ValueID{x}
	switch op {
	case "Conv", "ConvTranspose":
		weights := append([]int{groups * (1 + r.IntN(3)), channels / groups}, kernel...)
		if op == "ConvTranspose" {
			weights[0], weights[1] = channels, 1+r.IntN(3)
		}
		attrs = append(attrs, "group", groups)
		inputs = append(inputs, b.Const(integers(r, weights)))
	default:
		attrs = append(attrs, "kernel_shape", kernel, "ceil_mode", r.IntN(2))
		if op == "AveragePool" {
			attrs = append(attrs, "count_include_pad", r.IntN(2))
		}
	}
	g.Outputs = []ir.ValueID{b.Op(op, ir.Pairs(attrs...), inputs...)}
	return g, integers(r, shape)
}

// padding draws pads or auto_pad.
func padding(r *rand.Rand, kernel []int) []any {
	if auto := r.IntN(6); auto < 3 {
		return []any{"auto_pad", []string{"SAME_UPPER", "SAME_LOWER", "VALID"}[auto]}
	}
	pads := make([]int, 2*len(kernel))
	for i := range pads { // no window lies in the padding alone
		pads[i] = r.IntN(kernel[i%len(kernel)])
	}
	return []any{"pads", pads}
}

// integers draws small integers, and now and then a zero with a sign.
func integers(r *rand.Rand, shape []int) *tensor.Tensor {
	x := tensor.New(tensor.Float32, shape...)
	for i := range x.F32() {
		if x.F32()[i] = float32(r.IntN(7) - 3); r.IntN(20) == 0 {
			x.F32()[i] = float32(math.Copysign(0, -1))
		}
	}
	return x
}
