package ort_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestParameterGradients compares logits, loss and the gradient of the cross
// entropy with respect to every parameter with PyTorch's.
func TestParameterGradients(t *testing.T) {
	e := newORT(t, 2)
	for _, m := range []struct {
		model, input string
		class        int64
	}{
		{"tinyresnet/tinyresnet_op13", "input", 3},
		{"tinyvit/tinyvit_op13", "input", 2},
		{"tinyvit/tinyvit_op17", "input", 2},
		{"tinybert/tinybert_op13", "input_ids", 1},
	} {
		t.Run(m.model, func(t *testing.T) {
			g, dir := open(t, "golden/"+m.model+".onnx"), "golden/"+m.model[:slices.Index([]byte(m.model), '/')]+"/"
			want, err := tensor.OpenNPZ(shared.Path(t, dir+"param_grads_ce.npz"))
			if err != nil {
				t.Fatal(err)
			}
			x := npy(t, dir+m.input+".npy")
			labels := g.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
			of := exec.GradientOf{Y: autodiff.CrossEntropy(ir.NewBuilder(g, "loss/"), g.Outputs[0], labels), Fetch: g.Outputs[:1]}
			names := slices.Sorted(maps.Keys(want))
			for _, name := range names {
				of.Wrt = append(of.Wrt, g.ValueByName(name))
			}
			feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x, labels: tensor.Of(slices.Repeat([]int64{m.class}, x.Dim(0)), x.Dim(0))}
			grads, values, err := exec.NewSession(g, e).Gradient(t.Context(), feeds, of)
			if err != nil {
				t.Fatal(err)
			}
			for i, name := range names {
				near(t, name, grads[i], want[name], false)
			}
			near(t, "logits", values[0], npy(t, dir+"logits.npy"), false)
		})
	}
}

// TestLogitGradients compares the gradient of one logit with respect to the
// input with PyTorch's, for files of several opsets.
func TestLogitGradients(t *testing.T) {
	e := newORT(t, 2)
	for _, m := range []struct {
		model string
		class int
	}{
		{"tinyresnet/tinyresnet_op9", 3}, {"tinyresnet/tinyresnet_op11", 3}, {"tinyresnet/tinyresnet_op13", 3},
		{"tinyresnet/tinyresnet_op16", 3}, {"tinyresnet/tinyresnet_op17", 3},
		{"tinyvit/tinyvit_op13", 2}, {"tinyvit/tinyvit_op17", 2},
	} {
		t.Run(m.model, func(t *testing.T) {
			g, dir := open(t, "golden/"+m.model+".onnx"), "golden/"+m.model[:slices.Index([]byte(m.model), '/')]+"/"
			logits := npy(t, dir+"logits.npy")
			of := exec.GradientOf{Y: g.Outputs[0], Wrt: g.Inputs[:1], Seed: tensor.New(tensor.Float32, logits.Shape()...)}
			for row := range logits.Dim(0) {
				of.Seed.F32()[row*logits.Dim(1)+m.class] = 1
			}
			grads, _, err := exec.NewSession(g, e).Gradient(t.Context(), map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: npy(t, dir+"input.npy")}, of)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "gradient", grads[0], npy(t, fmt.Sprintf("%sgrad_input_logit%d.npy", dir, m.class)), false)
		})
	}
}

// smooth are rules in place of those that jump. Among millions of activations
// some are so close to a corner that rounding decides on which side they are,
// and then the gradients of two engines are as far apart as a network makes of
// that, which is no matter of how they were computed. The true rules are
// compared operator by operator in TestGradientsOfSuite, and in the small
// networks above.
func smooth() autodiff.Rules {
	soft := func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		return []ir.ValueID{g.Op("Mul", nil, dy[0], g.Op("Softsign", nil, n.Outputs[0]))}, nil
	}
	average := func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		attrs := maps.Clone(n.Attrs)
		delete(attrs, "storage_order")
		return []ir.ValueID{g.Node(op.Domain, "AveragePoolGrad", attrs, 1, dy[0], g.Op("Shape", nil, n.Inputs[0]))[0]}, nil
	}
	rules := autodiff.Rules{"MaxPool": average}
	for _, name := range []string{"Relu", "LeakyRelu", "Clip", "HardSwish", "HardSigmoid"} {
		rules[name] = soft
	}
	return rules
}

// TestArchitectures compares the gradients of one of the first outputs of each
// network of the zoo, with respect to its input and all parameters, with those
// of the native executor.
func TestArchitectures(t *testing.T) {
	e, batches := newORT(t, 2), []int{2, 1}
	if testing.Short() {
		batches = batches[:1]
	}
	for _, a := range zoo.Architectures() {
		for _, batch := range batches {
			t.Run(fmt.Sprint(a.Name, " batch ", batch), func(t *testing.T) {
				g := a.Small.Build(1)
				feeds := a.Small.Feeds(g, batch, 1)
				of := exec.GradientOf{Y: g.Outputs[0], Fetch: g.Outputs, Wrt: []ir.ValueID{zoo.Entry(g)}, Rules: smooth(), RulesName: "smooth"}
				for i := range g.Values {
					if v := &g.Values[i]; v.Const != nil && v.Const.DType() == tensor.Float32 && !v.Literal {
						of.Wrt = append(of.Wrt, ir.ValueID(i))
					}
				}
				y := run(t, exec.Default(), g, feeds, g.Outputs[:1])[0]
				of.Seed = tensor.New(tensor.Float32, y.Shape()...)
				of.Seed.F32()[7%y.Len()] = 1
				want, outputs, err := exec.NewSession(g, exec.Default()).Gradient(t.Context(), feeds, of)
				if err != nil {
					t.Fatal(err)
				}
				got, values, err := exec.NewSession(g, e).Gradient(t.Context(), feeds, of)
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range of.Fetch {
					near(t, g.Values[v].Name, values[i], outputs[i], false)
				}
				for i, v := range of.Wrt {
					near(t, "the gradient of "+g.Values[v].Name, got[i], want[i], false)
				}
			})
		}
	}
}

func open(t *testing.T, path string) *ir.Graph {
	t.Helper()
	g, err := onnx.Open(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func npy(t *testing.T, path string) *tensor.Tensor {
	t.Helper()
	x, err := tensor.OpenNPY(shared.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return x
}
