package autodiff_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// tolerance is relative to the greatest magnitude of each array: the
// references were computed in float32 by PyTorch. A difference of 1e-7 is none:
// some gradients, such as that of the bias of attention's keys, are zero but
// for rounding.
const tolerance = 1e-4

// trained are models whose outputs and gradients PyTorch computed.
var trained = []struct {
	dir, file, grads string
	class            int64
	input            string
}{
	{"golden/tinyresnet/", "tinyresnet_op13.onnx", "param_grads_ce.npz", 3, "input.npy"},
	{"golden/tinyvit/", "tinyvit_op13.onnx", "param_grads_ce.npz", 2, "input.npy"},
	{"golden/tinyvit/", "tinyvit_op17.onnx", "param_grads_ce.npz", 2, "input.npy"},
	{"golden/tinybert/", "tinybert_op13.onnx", "param_grads_ce.npz", 1, "input_ids.npy"},
}

// TestParameterGradients compares logits, loss and the gradient of the cross
// entropy with respect to every parameter.
func TestParameterGradients(t *testing.T) {
	for _, m := range trained {
		t.Run(m.file, func(t *testing.T) {
			g, x := open(t, m.dir+m.file), npy(t, m.dir+m.input)
			want, err := tensor.OpenNPZ(shared.Path(t, m.dir+m.grads))
			if err != nil {
				t.Fatal(err)
			}
			names := slices.Sorted(maps.Keys(want))
			logits, labels := g.Outputs[0], g.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
			loss := autodiff.CrossEntropy(ir.NewBuilder(g, "loss/"), logits, labels)
			var wrt []ir.ValueID
			for _, name := range names {
				wrt = append(wrt, value(t, g, name))
			}
			grad, err := autodiff.Extend(g, infer(t, g), loss, wrt, nil)
			if err != nil {
				t.Fatal(err)
			}
			feeds := map[ir.ValueID]*tensor.Tensor{
				g.Inputs[0]: x, labels: classes(x.Dim(0), m.class), grad.Seed: tensor.Scalar[float32](1),
			}
			got := evaluate(t, grad.Graph, feeds, append(grad.Of, logits, loss)...)
			for i, name := range names {
				closeTo(t, name, got[i], want[name], tolerance)
			}
			closeTo(t, "logits", got[len(names)], npy(t, m.dir+"logits.npy"), tolerance)
			closeTo(t, "loss", got[len(names)+1], npy(t, m.dir+"ce_loss.npy"), tolerance)
		})
	}
}

func classes(n int, class int64) *tensor.Tensor {
	return tensor.Of(slices.Repeat([]int64{class}, n), n)
}

// TestLogitGradients compares the gradient of one logit with respect to the
// input or an inner value. Opsets other than 13 have batch normalization fused
// into the convolutions.
func TestLogitGradients(t *testing.T) {
	for _, m := range []struct {
		dir, file, input, want string
		class                  int
	}{
		{"golden/tinyresnet/", "tinyresnet_op9.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyresnet/", "tinyresnet_op11.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyresnet/", "tinyresnet_op13.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyresnet/", "tinyresnet_op16.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyresnet/", "tinyresnet_op17.onnx", "input.npy", "grad_input_logit3.npy", 3},
		{"golden/tinyvit/", "tinyvit_op13.onnx", "input.npy", "grad_input_logit2.npy", 2},
		{"golden/tinyvit/", "tinyvit_op17.onnx", "input.npy", "grad_input_logit2.npy", 2},
	} {
		t.Run(m.file, func(t *testing.T) {
			g, x := open(t, m.dir+m.file), npy(t, m.dir+m.input)
			grad, err := autodiff.Extend(g, infer(t, g), g.Outputs[0], g.Inputs[:1], nil)
			if err != nil {
				t.Fatal(err)
			}
			logits := npy(t, m.dir+"logits.npy")
			feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x, grad.Seed: oneLogit(logits, m.class)}
			got := evaluate(t, grad.Graph, feeds, grad.Of[0], g.Outputs[0])
			closeTo(t, "gradient", got[0], npy(t, m.dir+m.want), tolerance)
			closeTo(t, "logits", got[1], logits, tolerance)
		})
	}
}

// TestEmbeddingGradient asks for the gradient of an inner value, on which the
// token ids have no gradient.
func TestEmbeddingGradient(t *testing.T) {
	const dir = "golden/tinybert/"
	g, ids := open(t, dir+"tinybert_op13.onnx"), npy(t, dir+"input_ids.npy")
	embeddings := value(t, g, "/ln/Add_1_output_0")
	grad, err := autodiff.Extend(g, infer(t, g), g.Outputs[0], []ir.ValueID{embeddings}, nil)
	if err != nil {
		t.Fatal(err)
	}
	feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: ids, grad.Seed: oneLogit(npy(t, dir+"logits.npy"), 1)}
	got := evaluate(t, grad.Graph, feeds, grad.Of[0], embeddings)
	closeTo(t, "gradient", got[0], npy(t, dir+"grad_emb_logit1.npy"), tolerance)
	closeTo(t, "embeddings", got[1], npy(t, dir+"embeddings.npy"), tolerance)
}

// TestAttentionGradients asks for the gradients of all attention maps at once.
func TestAttentionGradients(t *testing.T) {
	const dir = "golden/tinyvit/"
	g, x := open(t, dir+"tinyvit_op13.onnx"), npy(t, dir+"input.npy")
	var maps []ir.ValueID
	for i := range g.Nodes {
		if g.Nodes[i].Op == "Softmax" {
			maps = append(maps, g.Nodes[i].Outputs[0])
		}
	}
	grad, err := autodiff.Extend(g, infer(t, g), g.Outputs[0], maps, nil)
	if err != nil {
		t.Fatal(err)
	}
	feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x, grad.Seed: oneLogit(npy(t, dir+"logits.npy"), 2)}
	got := evaluate(t, grad.Graph, feeds, append(grad.Of, maps...)...)
	attention, want := npy(t, dir+"attn.npy"), npy(t, dir+"attn_grad_logit2.npy")
	for layer := range maps {
		closeTo(t, g.Values[maps[layer]].Name, got[len(maps)+layer], attention.Slice(layer, layer+1), tolerance)
		closeTo(t, "gradient of "+g.Values[maps[layer]].Name, got[layer], want.Slice(layer, layer+1), tolerance)
	}
}

// TestModifiedRules replaces the rule of Relu as guided backpropagation
// (arXiv 1412.6806) and deconvnets (arXiv 1311.2901) do.
func TestModifiedRules(t *testing.T) {
	const dir = "golden/tinyresnet/"
	for _, m := range []struct {
		want string
		rule func(g *op.Grad, n *ir.Node, dy ir.ValueID) ir.ValueID
	}{
		{"attr_Deconvolution.npy", func(g *op.Grad, n *ir.Node, dy ir.ValueID) ir.ValueID {
			return g.Op("Relu", nil, dy)
		}},
		{"attr_GuidedBackprop.npy", func(g *op.Grad, n *ir.Node, dy ir.ValueID) ir.ValueID {
			return g.Node(op.Domain, "ReluGrad", nil, 1, g.Op("Relu", nil, dy), n.Outputs[0])[0]
		}},
	} {
		t.Run(m.want, func(t *testing.T) {
			g, x := open(t, dir+"tinyresnet_op13.onnx"), npy(t, dir+"input.npy")
			rules := autodiff.Rules{"Relu": func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
				return []ir.ValueID{m.rule(g, n, dy[0])}, nil
			}}
			grad, err := autodiff.Extend(g, infer(t, g), g.Outputs[0], g.Inputs, rules)
			if err != nil {
				t.Fatal(err)
			}
			feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x, grad.Seed: oneLogit(npy(t, dir+"logits.npy"), 3)}
			closeTo(t, m.want, evaluate(t, grad.Graph, feeds, grad.Of...)[0], npy(t, dir+m.want), tolerance)
		})
	}
}

// oneLogit is a seed that asks for one logit of every row.
func oneLogit(logits *tensor.Tensor, class int) *tensor.Tensor {
	seed := tensor.New(tensor.Float32, logits.Shape()...)
	for i := class; i < seed.Len(); i += seed.Dim(-1) {
		seed.F32()[i] = 1
	}
	return seed
}
