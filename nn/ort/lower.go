package ort

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A lowerer writes what a node computes as ONNX operators, and returns the
// values that stand for its outputs. The shapes of all its inputs and outputs
// are settled.
type lowerer func(l *lowering, n *ir.Node) ([]ir.ValueID, error)

// lowerers are by operator of Tomo's domain; the slopes of activations are in
// tables of their own, and operators with a body are lowered by it.
var lowerers = map[string]lowerer{
	"SumTo":                single(lowerSumTo),
	"EinsumTo":             single(lowerEinsumTo),
	"ReduceProdGrad":       single(lowerReduceProdGrad),
	"ConvGradInput":        single(lowerConvGradInput),
	"ConvGradWeight":       single(lowerConvGradWeight),
	"MaxPoolGrad":          single(lowerMaxPoolGrad),
	"AveragePoolGrad":      single(lowerAveragePoolGrad),
	"LpPoolGrad":           single(lowerLpPoolGrad),
	"GlobalMaxPoolGrad":    single(lowerGlobalMaxPoolGrad),
	"GlobalLpPoolGrad":     single(lowerGlobalLpPoolGrad),
	"ResizeGrad":           single(lowerResizeGrad),
	"SliceGrad":            single(lowerSliceGrad),
	"PadGrad":              single(lowerPadGrad),
	"TileGrad":             single(lowerTileGrad),
	"GatherGrad":           single(lowerGatherGrad),
	"GatherElementsGrad":   single(lowerGatherElementsGrad),
	"GatherNDGrad":         single(lowerGatherNDGrad),
	"CompressGrad":         single(lowerMoveGrad),
	"DepthToSpaceGrad":     single(lowerDepthToSpaceGrad),
	"FramesGrad":           single(lowerMoveGrad),
	"Frames":               single(lowerMove),
	"Im2Col":               single(lowerMove),
	"RepeatHeads":          single(lowerRepeatHeads),
	"RepeatHeadsGrad":      single(lowerRepeatHeadsGrad),
	"MaskScores":           single(lowerMaskScores),
	"MaskedSoftmax":        single(lowerMaskedSoftmax),
	"DFTGrad":              single(lowerDFTGrad),
	"SplitHeads":           single(lowerSplitHeads),
	"SplitHeadsGrad":       single(lowerJoinHeads),
	"JoinHeads":            single(lowerJoinHeads),
	"JoinHeadsGrad":        single(lowerSplitHeads),
	"KeyBias":              single(lowerKeyBias),
	"WindowBias":           single(lowerWindowBias),
	"RotaryPlaces":         single(lowerRotaryPlaces),
	"TensorGather":         single(lowerTensorGather),
	"LinearRecurrence":     lowerLinearRecurrence,
	"LinearRecurrenceGrad": lowerLinearRecurrenceGrad,
	"UnpackBits":           single(lowerUnpackBits),
	"RNNGrad":              lowerRecurrentGrad,
	"GRUGrad":              lowerRecurrentGrad,
	"LSTMGrad":             lowerRecurrentGrad,
}

// rewriters are of ONNX operators that ONNX Runtime does not know any more or not
// yet, or not in some form. They return no values for a node that it knows.
var rewriters = map[string]lowerer{
	"ImageScaler": lowerBody,
	"Crop":        lowerBody,
	"Affine":      single(lowerAffine),
	"Swish":       single(lowerSwish),
	"Conv":        rewriteConv,
	"RNN":         rewriteRecurrent,
	"GRU":         rewriteRecurrent,
	"LSTM":        rewriteRecurrent,
}

// single makes a lowerer of a function for operators with one output.
func single(f func(*lowering, *ir.Node) (ir.ValueID, error)) lowerer {
	return func(l *lowering, n *ir.Node) ([]ir.ValueID, error) {
		v, err := f(l, n)
		return []ir.ValueID{v}, err
	}
}

// lowererOf finds the lowerer of a node of Tomo's domain.
func lowererOf(n *ir.Node) (lowerer, error) {
	if f := lowerers[n.Op]; f != nil {
		return f, nil
	}
	if f := derivativeOf(n); f != nil {
		return f, nil
	}
	return nil, &UnsupportedError{n.Name, n.Op, "it has no counterpart there"}
}

// A lowering is the state of lower.
type lowering struct {
	*ir.Builder
	types []op.Type // of the values before lowering
	// dtype is the element type of the node that is being lowered.
	dtype tensor.DType
}

// lower returns g with every node of Tomo's domain replaced by ONNX operators.
func lower(g *ir.Graph, types []op.Type) (*ir.Graph, error) {
	out := g.Clone()
	out.Nodes = make([]ir.Node, 0, len(g.Nodes))
	out.Opsets = maps.Clone(g.Opsets)
	out.Opsets[""] = ir.LatestOpset // for the nodes that are written here
	l := &lowering{Builder: ir.NewBuilder(out, ""), types: types}
	for i := range g.Nodes {
		if err := l.node(&g.Nodes[i]); err != nil {
			return nil, err
		}
	}
	for i := range out.Nodes {
		for _, v := range out.Nodes[i].Outputs {
			if v != ir.None {
				out.Values[v].Producer = ir.NodeID(i)
			}
		}
	}
	out.Opsets[""] = g.Version("")
	return out, nil
}

func (l *lowering) node(n *ir.Node) error {
	var made []ir.ValueID
	var err error
	switch {
	case n.Domain == op.Domain:
		made, err = l.own(n)
	case n.Domain == "" && rewriters[n.Op] != nil:
		l.Prefix, l.dtype = n.Name+"/", l.types[n.Inputs[0]].DType
		made, err = rewriters[n.Op](l, n)
	case hasOwn(n):
		err = &UnsupportedError{n.Name, n.Op, "gradients inside its body are not written as ONNX operators"}
	}
	if err != nil {
		return err
	}
	if made == nil {
		l.G.Nodes = append(l.G.Nodes, *n)
		return nil
	}
	for i, v := range n.Outputs {
		if v != ir.None && i < len(made) && made[i] != ir.None {
			name := fmt.Sprint(n.Name, "/output", i)
			l.G.Nodes = append(l.G.Nodes, ir.Node{Name: name, Op: "Identity", Version: ir.LatestOpset, Inputs: made[i : i+1], Outputs: []ir.ValueID{v}})
		}
	}
	return nil
}

// hasOwn reports whether there are nodes of Tomo's domain in the bodies of a
// node.
func hasOwn(n *ir.Node) bool {
	for _, body := range n.Subgraphs() {
		for i := range body.Nodes {
			if inner := &body.Nodes[i]; inner.Domain == op.Domain || hasOwn(inner) {
				return true
			}
		}
	}
	return false
}

// own lowers a node of Tomo's domain.
func (l *lowering) own(n *ir.Node) ([]ir.ValueID, error) {
	f, err := lowererOf(n)
	if err != nil {
		return nil, err
	}
	// An output of no type is the gradient of an input that is left out.
	outputs := slices.DeleteFunc(slices.Clone(n.Outputs), func(v ir.ValueID) bool { return v == ir.None || l.types[v].DType == tensor.Invalid })
	for _, v := range append(n.Reads(), outputs...) {
		if _, ok := l.types[v].Shape.Ints(); !ok || len(outputs) == 0 {
			return nil, &UnsupportedError{n.Name, n.Op, "its shapes depend on what is computed"}
		}
	}
	l.Prefix, l.dtype = n.Name+"/", l.types[outputs[0]].DType
	return f(l, n)
}

// lowerSumTo sums over the axes along which a value was repeated.
func lowerSumTo(l *lowering, n *ir.Node) (ir.ValueID, error) {
	from, to := l.shape(n.Inputs[0]), l.shape(n.Outputs[0])
	lead := len(from) - len(to)
	var axes []int
	for a, d := range from {
		if a < lead || to[a-lead] != d {
			axes = append(axes, a)
		}
	}
	v := n.Inputs[0]
	if len(axes) > 0 {
		v = l.sum(v, axes...)
	}
	return l.reshape(v, to...), nil
}
