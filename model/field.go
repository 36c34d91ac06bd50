package model

import (
	"image"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// Field returns the receptive field of some places of a value: the pixels of the
// network's input that they can depend on, as the operators between allow. It
// errs to the larger side where an operator is not known to be local, so that
// it may be the whole picture; places that see nothing but padding have an empty
// one.
func (m *Model) Field(v ir.ValueID, places image.Rectangle) image.Rectangle {
	if m.Input == ir.None {
		return image.Rectangle{}
	}
	t := &tracer{m, m.Grids(), make([]image.Rectangle, len(m.Net.Values))}
	t.want(v, places)
	for i := range slices.Backward(m.Net.Nodes) {
		n := &m.Net.Nodes[i]
		for output, v := range n.Outputs {
			if v == ir.None || v == m.Input || t.wanted[v].Empty() {
				continue
			}
			for j, in := range n.Reads() {
				if in != ir.None && m.Net.Values[in].Const == nil {
					t.want(in, t.back(n, j, output))
				}
			}
		}
	}
	return t.wanted[m.Input]
}

// A tracer goes from a value back to the input and notes which places of each
// value are wanted; a value without places has one.
type tracer struct {
	*Model
	grids  *Grids
	wanted []image.Rectangle
}

// all returns the places of a value, and whether it has any on the input's grid.
func (t *tracer) all(v ir.ValueID) (image.Rectangle, bool) {
	g, ok := t.grids.Of(v)
	if !ok || g.D > 1 {
		return image.Rect(0, 0, 1, 1), false
	}
	return image.Rect(0, 0, g.W, g.H), true
}

func (t *tracer) want(v ir.ValueID, places image.Rectangle) {
	all, _ := t.all(v)
	t.wanted[v] = t.wanted[v].Union(places.Intersect(all))
}

// back returns the places of an input of a node that those wanted of its output
// depend on.
func (t *tracer) back(n *ir.Node, input, output int) image.Rectangle {
	if input >= len(n.Inputs) { // what a body reads from around it
		return everything
	}
	from, placed := t.all(n.Inputs[input])
	to, ok := t.all(n.Outputs[output])
	if !placed || !ok {
		return from
	}
	r := t.wanted[n.Outputs[output]]
	switch n.Op {
	case "Conv", "FusedConv", "ConvInteger", "QLinearConv", "MaxPool", "AveragePool", "LpPool":
		if input == 0 {
			return t.window(n, from, to).back(r)
		}
	case "ConvTranspose":
		if input == 0 {
			return t.window(n, to, from).forth(r)
		}
	case "Resize", "Upsample", "DepthToSpace", "SpaceToDepth":
		return rescaled(n, r, from, to)
	case "MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "FusedMatMul", "FusedGemm":
		if other := n.Input(1 - min(input, 1)); input != 0 || other == ir.None || t.dependsOnPlaces(other) {
			return from
		}
	case "Softmax", "LogSoftmax", "LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization":
		if !t.overChannels(n) {
			return from
		}
	default:
		if !slices.Contains(local, n.Op) {
			return from
		}
	}
	if from != to {
		return from
	}
	return r
}

var everything = image.Rect(0, 0, 1<<30, 1<<30)

// local are operators that make each place of what lies there in their operands.
var local = []string{
	"Abs", "Add", "And", "BatchNormalization", "BiasGelu", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Concat", "Cos",
	"DequantizeLinear", "Div", "Dropout", "DynamicQuantizeLinear", "Elu", "Equal", "Erf", "Exp", "FastGelu", "Flatten", "Floor",
	"Gather", "Gelu", "Greater", "HardSigmoid", "HardSwish", "Identity", "LRN", "LeakyRelu", "Less", "Log", "LpNormalization",
	"Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "QLinearAdd", "QLinearMul", "QuantizeLinear",
	"QuickGelu", "Reciprocal", "Relu", "Reshape", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Slice", "Softplus", "Softsign",
	"Split", "Sqrt", "Squeeze", "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Transpose", "Unsqueeze", "Where", "Xor",
}

func (t *tracer) dependsOnPlaces(v ir.ValueID) bool {
	if t.Net.Values[v].Const != nil {
		return false
	}
	_, placed := t.all(v)
	return placed
}

// overChannels reports whether a normalization sums over channels alone.
func (t *tracer) overChannels(n *ir.Node) bool {
	axes := t.grids.lay(n.Inputs[0]).axes
	axis := n.Attrs.Int("axis", -1)
	if axis < 0 {
		axis += len(axes)
	}
	if axis < 0 || axis >= len(axes) {
		return false
	}
	last := len(axes)
	if n.Op == "Softmax" || n.Op == "LogSoftmax" {
		last = axis + 1
	}
	for i, a := range axes[axis:last] {
		if extent := t.grids.Shape(n.Inputs[0])[axis+i]; a != channel && extent.N != 1 {
			return false
		}
	}
	return true
}
