package ir

import "slices"

// A role is what a value is for, as far as the operators that read it tell. A
// value that several read has several.
type role uint8

const (
	weightRole      role = 1 << iota // the weights or bias of a layer
	statisticRole                    // the running mean or variance of a normalisation
	settingRole                      // a bound, scale or exponent; never learned
	operandRole                      // anything else
	dequantizedRole                  // read as a quantized number on the way
	inputRole                        // combined with the graph's input right away
)

// weightInputs gives the places of the inputs that are weights, for ONNX and
// for com.microsoft, whose operators have other names.
var weightInputs = map[string][]int{
	"Conv": {1, 2}, "ConvTranspose": {1, 2}, "DeformConv": {1, 3}, "ConvInteger": {1}, "QLinearConv": {3, 8}, "FusedConv": {1, 2},
	"Gemm": {0, 1, 2}, "MatMul": {0, 1}, "Einsum": {0, 1, 2, 3}, "MatMulInteger": {0, 1}, "QLinearMatMul": {0, 3},
	"FusedMatMul": {0, 1}, "FusedGemm": {0, 1, 2}, "DynamicQuantizeMatMul": {1, 4}, "MatMulIntegerToFloat": {1, 6},
	"BatchNormalization": {1, 2}, "InstanceNormalization": {1, 2}, "LayerNormalization": {1, 2}, "GroupNormalization": {1, 2},
	"RMSNormalization": {1}, "SimplifiedLayerNormalization": {1}, "SkipLayerNormalization": {2, 3, 4}, "SkipSimplifiedLayerNormalization": {2, 3},
	"LSTM": {1, 2, 3, 7}, "GRU": {1, 2, 3}, "RNN": {1, 2, 3},
	"PRelu": {1}, "Gather": {0}, "GatherND": {0}, "EmbedLayerNormalization": {2, 3, 4, 5, 6}, "BiasGelu": {1}, "FastGelu": {1},
}

// quantized are the operators whose weights are integers.
var quantized = map[string]bool{
	"ConvInteger": true, "MatMulInteger": true, "MatMulIntegerToFloat": true, "DynamicQuantizeMatMul": true, "QLinearConv": true, "QLinearMatMul": true,
}

// statisticInputs gives the places of what is learned without a gradient.
var statisticInputs = map[string][]int{"BatchNormalization": {3, 4}}

// settingInputs gives the places of inputs that could be attributes, and were in
// older opsets.
var settingInputs = map[string][]int{
	"Clip": {1, 2}, "Pad": {2}, "Resize": {1, 2}, "Upsample": {1}, "Dropout": {1, 2}, "OneHot": {1, 2}, "Pow": {1},
	"QuantizeLinear": {1, 2}, "DequantizeLinear": {1, 2}, "DynamicQuantizeLinear": {0}, "Range": {0, 1, 2},
	"QLinearConv": {1, 2, 4, 5, 6, 7}, "QLinearMatMul": {1, 2, 4, 5, 6, 7}, "MatMulIntegerToFloat": {2, 3, 4, 5},
	"NonMaxSuppression": {2, 3, 4}, "Equal": {0, 1}, "Less": {0, 1}, "LessOrEqual": {0, 1}, "Greater": {0, 1}, "GreaterOrEqual": {0, 1},
	"LSTM": {5, 6}, "GRU": {5}, "RNN": {5}, "Where": {0}, "Mod": {1}, "STFT": {2}, "CastLike": {1}, "Shape": {0}, "Size": {0}, "Trilu": {0, 1},
}

// carried gives the places of inputs whose elements pass through unchanged, so
// that they have the role of the output. All inputs of Concat do.
var carried = map[string][]int{
	"Identity": {0}, "Cast": {0}, "CastLike": {0}, "Transpose": {0}, "Reshape": {0}, "Squeeze": {0}, "Unsqueeze": {0}, "Flatten": {0},
	"Slice": {0}, "Split": {0}, "Expand": {0}, "Tile": {0}, "Dropout": {0}, "QuantizeLinear": {0}, "DequantizeLinear": {0},
}

// A roleFinder finds the roles of the values of a graph and of its subgraphs.
type roleFinder struct {
	roles     map[*Graph][]role
	functions map[*Function][]role
}

// find returns the roles of the values of g, whose nodes are sorted: a node's
// readers stand behind it, so going backwards they are known.
func (f *roleFinder) find(g *Graph) []role {
	roles := make([]role, len(g.Values))
	f.roles[g] = roles
	near := nearInputs(g)
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		for _, sub := range n.Subgraphs() {
			inner := f.find(sub)
			for in, out := range sub.Captures {
				roles[out] |= inner[in]
			}
		}
		if fn := g.Function(n); fn != nil {
			f.call(n, fn, roles)
			continue
		}
		for place, v := range n.Inputs {
			if v != None {
				roles[v] |= roleOf(n, place, roles, near)
			}
		}
	}
	return roles
}

// call gives the arguments of a function the roles of its inputs.
func (f *roleFinder) call(n *Node, fn *Function, roles []role) {
	inner, known := f.functions[fn]
	if !known {
		f.functions[fn] = nil // a function that calls itself ends here
		inner = f.find(fn.Body)
		f.functions[fn] = inner
	}
	for i, v := range n.Inputs {
		if v != None && i < len(fn.Body.Inputs) && inner != nil {
			roles[v] |= inner[fn.Body.Inputs[i]]
		}
	}
}

func roleOf(n *Node, place int, roles []role, near []bool) role {
	switch {
	case n.Op == "Concat" || slices.Contains(carried[n.Op], place):
		return carriedRole(n, roles)
	case slices.Contains(statisticInputs[n.Op], place):
		return statisticRole
	case slices.Contains(settingInputs[n.Op], place):
		return settingRole
	case slices.Contains(weightInputs[n.Op], place):
		if quantized[n.Op] {
			return weightRole | dequantizedRole
		}
		return weightRole
	}
	r := operandRole
	for _, v := range n.Inputs {
		if v != None && near[v] {
			r |= inputRole
		}
	}
	return r
}

// carriedRole is the role of what the node passes on.
func carriedRole(n *Node, roles []role) role {
	var r role
	for _, v := range n.Outputs {
		if v != None {
			r |= roles[v]
		}
	}
	if r != 0 && n.Op == "DequantizeLinear" {
		r |= dequantizedRole
	}
	return r
}

// preparing are the operators that prepare an input before the first layer.
var preparing = map[string]bool{
	"Cast": true, "Transpose": true, "Unsqueeze": true, "Squeeze": true, "Reshape": true, "Identity": true, "Resize": true, "Clip": true,
	"Sub": true, "Div": true, "Mul": true, "Add": true, "QuantizeLinear": true, "DequantizeLinear": true,
}

// nearInputs marks what is computed from the graph's inputs and constants by
// preparing operators alone. Inputs of subgraphs are not those of the model.
func nearInputs(g *Graph) []bool {
	near := make([]bool, len(g.Values))
	if g.Captures != nil {
		return near
	}
	for _, v := range g.Inputs {
		near[v] = true
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		from, all := false, preparing[n.Op]
		for _, v := range n.Inputs {
			if v != None {
				from = from || near[v]
				all = all && (near[v] || g.Values[v].Producer == None)
			}
		}
		if v := n.Output(0); v != None && from && all {
			near[v] = true
		}
	}
	return near
}
