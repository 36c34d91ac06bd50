package saliency

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var (
	withWeights = []string{"Conv", "ConvTranspose", "Gemm", "MatMul"}
	gateMakers  = []string{"Sigmoid", "HardSigmoid", "Tanh", "Erf", "Reciprocal"}
	// passing are operators that leave a gate a gate.
	passing = []string{"Identity", "Cast", "Dropout", "Reshape", "Transpose", "Unsqueeze", "Squeeze", "Expand", "Add", "Sub", "Mul", "Div", "Clip", "Slice", "Split"}
)

// survey finds the first layers with weights and the gates. A gate is what a
// squashing function makes, or a divisor that is written as a factor, until
// something else that depends on the picture joins it.
func (r *relevance) survey(input ir.ValueID) {
	g := r.graph
	r.first, r.gates = map[ir.ValueID]bool{}, map[ir.ValueID]bool{}
	reads, behind := map[ir.ValueID]bool{input: true}, map[ir.ValueID]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		var from []ir.ValueID
		for _, v := range n.Inputs {
			if v != ir.None && reads[v] {
				from = append(from, v)
			}
		}
		if len(from) == 0 {
			continue
		}
		weighted := slices.Contains(withWeights, n.Op)
		deep := slices.ContainsFunc(from, func(v ir.ValueID) bool { return behind[v] })
		gate := slices.Contains(gateMakers, n.Op) || len(from) == 1 && r.gates[from[0]] && slices.Contains(passing, n.Op)
		for _, v := range n.Outputs {
			if v == ir.None {
				continue
			}
			reads[v] = true
			behind[v] = deep || weighted
			r.first[v] = weighted && !deep
			r.gates[v] = gate
		}
	}
}

// foldNorms writes batch normalizations into the convolutions and dense layers
// before them, so that rules see one layer: w' = k w, b' = k (b - mean) + shift,
// with k = scale/√(variance + ε) for each channel.
func foldNorms(g *ir.Graph) *ir.Graph {
	consumers := g.Consumers()
	replaced := map[ir.ValueID]ir.ValueID{} // what a normalization puts out, by what it reads
	return pass.Prune(pass.Respell(g, func(b *ir.Builder, n *ir.Node) []ir.ValueID {
		if n.Op == "BatchNormalization" {
			if folded, ok := replaced[n.Inputs[0]]; ok {
				return []ir.ValueID{folded}
			}
			return nil
		}
		if n.Op != "Conv" && n.Op != "Gemm" || len(consumers[n.Outputs[0]]) != 1 || slices.Contains(g.Outputs, n.Outputs[0]) {
			return nil
		}
		norm := &g.Nodes[consumers[n.Outputs[0]][0]]
		if norm.Op != "BatchNormalization" || len(norm.Outputs) != 1 {
			return nil
		}
		w, bias, ok := foldedWeights(g, n, norm)
		if !ok {
			return nil
		}
		out := b.Node(n.Domain, n.Op, n.Attrs, 1, n.Inputs[0], b.Const(w), b.Const(bias))
		replaced[n.Outputs[0]] = out[0]
		return out
	}))
}

func foldedWeights(g *ir.Graph, n, norm *ir.Node) (w, bias *tensor.Tensor, ok bool) {
	constant := func(v ir.ValueID) *tensor.Tensor {
		if v == ir.None {
			return nil
		}
		if c := g.Values[v].Const; c != nil && c.DType() == tensor.Float32 {
			return c
		}
		return nil
	}
	weights := constant(n.Input(1))
	var parts [4][]float32
	for i := range parts {
		c := constant(norm.Input(i + 1))
		if c == nil {
			return nil, nil, false
		}
		parts[i] = c.F32()
	}
	if weights == nil || n.Input(2) != ir.None && constant(n.Input(2)) == nil {
		return nil, nil, false
	}
	channels := len(parts[0])
	axis, alpha, beta := 0, 1.0, 1.0
	if n.Op == "Gemm" {
		if !n.Attrs.Bool("transB", false) {
			axis = 1
		}
		alpha, beta = n.Attrs.Float("alpha", 1), n.Attrs.Float("beta", 1)
	}
	if weights.Dim(axis) != channels || alpha != 1 || beta != 1 {
		return nil, nil, false
	}
	old := make([]float32, channels)
	if c := constant(n.Input(2)); c != nil {
		if c.Len() != channels {
			return nil, nil, false
		}
		copy(old, c.F32())
	}
	w, bias = weights.Clone(), tensor.New(tensor.Float32, channels)
	inner := 1
	for d := axis + 1; d < weights.Rank(); d++ {
		inner *= weights.Dim(d)
	}
	factor := make([]float64, channels)
	for k := range channels {
		factor[k] = float64(parts[0][k]) / math.Sqrt(float64(parts[3][k])+norm.Attrs.Float("epsilon", 1e-5))
		bias.F32()[k] = float32(factor[k]*(float64(old[k])-float64(parts[2][k])) + float64(parts[1][k]))
	}
	for i := range w.F32() {
		w.F32()[i] *= float32(factor[i/inner%channels])
	}
	return w, bias, true
}
