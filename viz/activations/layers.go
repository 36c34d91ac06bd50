package activations

import (
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// allLayers is what a user writes for every layer.
const allLayers = "all"

// pickLayers finds the layers by name; none named means the view's own.
func pickLayers(m *model.Model, names []string, v *view) ([]model.Layer, error) {
	if m.Prep == nil {
		return nil, viz.Userf("%s takes no picture: none of its inputs has the shape of one", m.Name)
	}
	var out []model.Layer
	for _, name := range names {
		if name == allLayers {
			out = append(out, readable(m)...)
			continue
		}
		l, err := m.Layer(name)
		if err != nil {
			return nil, err
		}
		if !m.Types[l.Value].DType.IsFloat() {
			return nil, viz.Userf("layer %q puts out %s numbers, which are no activations", name, m.Types[l.Value].DType)
		}
		out = append(out, l)
	}
	if len(names) == 0 {
		out = v.layers(m)
	}
	out = once(out)
	if len(out) == 0 {
		return nil, viz.Userf("%s has no layer between its picture and its answer", m.Name)
	}
	return out, nil
}

// once drops layers that are a value of an earlier one.
func once(layers []model.Layer) []model.Layer {
	seen := map[ir.ValueID]bool{}
	return slices.DeleteFunc(layers, func(l model.Layer) bool {
		again := seen[l.Value]
		seen[l.Value] = true
		return again
	})
}

// readable lists the layers that put out numbers which depend on the picture,
// on the way to an answer.
func readable(m *model.Model) []model.Layer {
	answers := m.Net.Outputs
	if m.Head != nil {
		answers = []ir.ValueID{m.Head.Logits}
	}
	needed, depends := m.Net.Needed(answers, nil), dependents(m)
	return slices.DeleteFunc(m.Layers(), func(l model.Layer) bool {
		return m.Types[l.Value].DType != tensor.Float32 || !depends[l.Value] ||
			!needed[m.Net.Values[l.Value].Producer] || slices.Contains(copies, l.Op)
	})
}

// dependents tells which values depend on the picture.
func dependents(m *model.Model) []bool {
	out := make([]bool, len(m.Net.Values))
	out[m.Input] = true
	for i := range m.Net.Nodes {
		n := &m.Net.Nodes[i]
		if slices.ContainsFunc(n.Reads(), func(v ir.ValueID) bool { return out[v] }) {
			for _, v := range n.Outputs {
				if v != ir.None {
					out[v] = true
				}
			}
		}
	}
	return out
}

// copies only move what another layer has put out.
var copies = []string{
	"Identity", "Dropout", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Pad", "Expand",
	"QuantizeLinear", "DequantizeLinear",
}

// endings finish what the layer before has begun: together they are one step.
var endings = []string{
	"BatchNormalization", "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "Mish", "Clip", "Sigmoid",
	"HardSigmoid", "HardSwish", "Swish", "Tanh", "Softplus", "Softsign", "ThresholdedRelu",
}

// mostSteps is how many layers are read where the user names none.
const mostSteps = 24

// steps lists what each step of the network puts out, thinned evenly where
// there are many: a convolution with its normalization and its activation
// function is one step.
func steps(m *model.Model) []model.Layer {
	consumers := m.Net.Consumers()
	all := slices.DeleteFunc(readable(m), func(l model.Layer) bool {
		next := consumers[l.Value]
		return len(next) == 1 && slices.Contains(endings, m.Net.Nodes[next[0]].Op) && !slices.Contains(m.Net.Outputs, l.Value)
	})
	if len(all) <= mostSteps {
		return all
	}
	var out []model.Layer
	for i := range mostSteps {
		out = append(out, all[i*(len(all)-1)/(mostSteps-1)])
	}
	return out
}

// pools thin what another layer has found.
var pools = []string{"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool"}

// lastMaps is the layer nearest to the answer that has maps and is no mere
// pooling, or else the last one of all.
func lastMaps(m *model.Model) []model.Layer {
	all := readable(m)
	for _, l := range slices.Backward(all) {
		if l.Spatial && !slices.Contains(pools, l.Op) {
			return []model.Layer{l}
		}
	}
	return all[max(0, len(all)-1):]
}
