package ort

import (
	"maps"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A lowerer writes what a node of Tomo's domain computes as ONNX operators, and
// returns the value that stands for its output. The shapes of all its inputs
// and of its output are settled.
type lowerer func(l *lowering, n *ir.Node) (ir.ValueID, error)

// lowerers are by operator; the slopes of activations are in a table of their
// own.
var lowerers = map[string]lowerer{
	"Affine":             lowerAffine,
	"SumTo":              lowerSumTo,
	"ConvGradInput":      lowerConvGradInput,
	"ConvGradWeight":     lowerConvGradWeight,
	"MaxPoolGrad":        lowerMaxPoolGrad,
	"AveragePoolGrad":    lowerAveragePoolGrad,
	"GlobalMaxPoolGrad":  lowerGlobalMaxPoolGrad,
	"ResizeGrad":         lowerResizeGrad,
	"SliceGrad":          lowerSliceGrad,
	"PadGrad":            lowerPadGrad,
	"GatherGrad":         lowerGatherGrad,
	"TileGrad":           lowerMoveGrad,
	"GatherElementsGrad": lowerMoveGrad,
	"GatherNDGrad":       lowerMoveGrad,
	"CompressGrad":       lowerMoveGrad,
	"DepthToSpaceGrad":   lowerMoveGrad,
}

// legacy are operators that ONNX Runtime does not know any more.
var legacy = map[string]bool{"Affine": true, "ImageScaler": true, "Crop": true}

// lowerBody writes the operators that an operator is defined by.
func lowerBody(l *lowering, n *ir.Node) (ir.ValueID, error) {
	outputs, err := op.Lookup(n.Domain, n.Op).Body(l.Builder, n, n.Inputs)
	if err != nil {
		return ir.None, err
	}
	return outputs[0], nil
}

// lowerAffine is alpha·x + beta.
func lowerAffine(l *lowering, n *ir.Node) (ir.ValueID, error) {
	x := n.Inputs[0]
	return l.plus(l.times(x, n.Attrs.Float("alpha", 1), x), n.Attrs.Float("beta", 0), x), nil
}

// A lowering is the state of lower.
type lowering struct {
	*ir.Builder
	types []op.Type // of the values before lowering
}

// lower returns g with every node of Tomo's domain replaced by ONNX operators.
func lower(g *ir.Graph, types []op.Type) (*ir.Graph, error) {
	out := g.Clone()
	out.Nodes = make([]ir.Node, 0, len(g.Nodes))
	out.Opsets = maps.Clone(g.Opsets)
	out.Opsets[""] = ir.LatestOpset // for the nodes that are written here
	l := &lowering{ir.NewBuilder(out, ""), types}
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
	if n.Domain != op.Domain && !legacy[n.Op] {
		l.G.Nodes = append(l.G.Nodes, *n)
		return nil
	}
	f := lowerers[n.Op]
	if o := op.Lookup(n.Domain, n.Op); f == nil && o != nil && o.Body != nil {
		f = lowerBody
	}
	if f == nil {
		f = slopeOf(n)
	}
	if f == nil {
		return &UnsupportedError{n.Name, n.Op, "it has no counterpart there"}
	}
	for _, v := range append(n.Reads(), n.Outputs...) {
		if _, ok := l.types[v].Shape.Ints(); !ok || l.types[v].DType == tensor.Invalid {
			return &UnsupportedError{n.Name, n.Op, "its shapes depend on what is computed"}
		}
	}
	l.Prefix = n.Name + "/"
	v, err := f(l, n)
	if err != nil {
		return err
	}
	l.G.Nodes = append(l.G.Nodes, ir.Node{
		Name: n.Name, Op: "Identity", Version: ir.LatestOpset, Inputs: []ir.ValueID{v}, Outputs: n.Outputs[:1],
	})
	return nil
}

// shape returns the settled shape of a value from before lowering.
func (l *lowering) shape(v ir.ValueID) []int {
	shape, _ := l.types[v].Shape.Ints()
	return shape
}

// reshape appends a Reshape to known extents.
func (l *lowering) reshape(v ir.ValueID, shape ...int) ir.ValueID {
	return l.Op("Reshape", nil, v, l.Ints(shape...))
}

// zeros appends zeros of the element type of like.
func (l *lowering) zeros(like ir.ValueID, shape ...int) ir.ValueID {
	value := ir.Attrs{"value": {Value: tensor.New(l.types[like].DType, 1)}}
	return l.Op("ConstantOfShape", value, l.Ints(shape...))
}

// number appends a scalar of the element type of like.
func (l *lowering) number(x float64, like ir.ValueID) ir.ValueID {
	return l.Float(x, l.types[like].DType)
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
		v = l.Op("ReduceSum", ir.Pairs("keepdims", 0), v, l.Ints(axes...))
	}
	return l.reshape(v, to...), nil
}

// product multiplies extents.
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
