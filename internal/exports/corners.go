package exports

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Corners lists the values of g that decide on which side of a corner a
// function is: what a ReLU or a max pool reads.
func Corners(g *ir.Graph) []ir.ValueID {
	var list []ir.ValueID
	for _, i := range corneredNodes(g) {
		list = append(list, g.Nodes[i].Inputs[0])
	}
	return list
}

func corneredNodes(g *ir.Graph) []ir.NodeID {
	var list []ir.NodeID
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Domain == "" && cornered[n.Op] != nil {
			list = append(list, ir.NodeID(i))
		}
	}
	return list
}

// Held returns the network g in float64, with every function that has corners
// on the side of them where the values of Corners put it: a ReLU is a product
// with ones and zeros, a max pool takes the elements that were the greatest.
//
// Rounding decides where a value next to a corner lies, and the gradient behind
// it is all there or not at all; so gradients in two precisions compare only on
// the same sides.
func Held(g *ir.Graph, corners []*tensor.Tensor) (*ir.Graph, error) {
	held := Double(g)
	b := ir.NewBuilder(held, "held")
	for k, i := range corneredNodes(g) {
		y, err := cornered[g.Nodes[i].Op](b, g, &g.Nodes[i], corners[k])
		if err != nil {
			return nil, err
		}
		if y != ir.None {
			// The node passes on what b has computed.
			n := &held.Nodes[i]
			n.Op, n.Attrs, n.Inputs, n.Outputs = "Identity", nil, []ir.ValueID{y}, n.Outputs[:1]
		}
	}
	return held, held.Sort()
}

// A holding appends what a node computes near x, and returns None if it has no
// corner after all.
type holding func(b *ir.Builder, g *ir.Graph, n *ir.Node, x *tensor.Tensor) (ir.ValueID, error)

var cornered = map[string]holding{
	"Relu":        line(func(*ir.Graph, *ir.Node) func(float64) (float64, float64) { return clipped(1, 0, 0, math.Inf(1)) }),
	"LeakyRelu":   line(leaky),
	"HardSigmoid": line(hardSigmoid),
	"Clip":        line(clip),
	"Abs":         line(func(*ir.Graph, *ir.Node) func(float64) (float64, float64) { return sign }),
	"HardSwish":   hardSwish,
	"MaxPool":     maxPool,
}

// line holds a function that is a line s·x + c on each side of its corners.
func line(of func(*ir.Graph, *ir.Node) func(x float64) (s, c float64)) holding {
	return func(b *ir.Builder, g *ir.Graph, n *ir.Node, x *tensor.Tensor) (ir.ValueID, error) {
		f := of(g, n)
		if f == nil {
			return ir.None, nil
		}
		return onLine(b, n.Inputs[0], x, f)
	}
}

func onLine(b *ir.Builder, v ir.ValueID, x *tensor.Tensor, f func(x float64) (s, c float64)) (ir.ValueID, error) {
	list, err := x.Floats()
	if err != nil {
		return ir.None, err
	}
	slope, shift := tensor.New(tensor.Float64, x.Shape()...), tensor.New(tensor.Float64, x.Shape()...)
	for i, e := range list {
		tensor.Data[float64](slope)[i], tensor.Data[float64](shift)[i] = f(e)
	}
	return b.Op("Add", nil, b.Op("Mul", nil, v, b.Const(slope)), b.Const(shift)), nil
}

// clipped is a·x + c between two bounds.
func clipped(a, c, lo, hi float64) func(float64) (float64, float64) {
	return func(x float64) (float64, float64) {
		switch y := a*x + c; {
		case y <= lo:
			return 0, lo
		case y >= hi:
			return 0, hi
		}
		return a, c
	}
}

func sign(x float64) (float64, float64) {
	if x < 0 {
		return -1, 0
	}
	return 1, 0
}

func leaky(_ *ir.Graph, n *ir.Node) func(float64) (float64, float64) {
	alpha := n.Attrs.Float("alpha", 0.01)
	return func(x float64) (float64, float64) {
		if x < 0 {
			return alpha, 0
		}
		return 1, 0
	}
}

func hardSigmoid(_ *ir.Graph, n *ir.Node) func(float64) (float64, float64) {
	return clipped(n.Attrs.Float("alpha", 0.2), n.Attrs.Float("beta", 0.5), 0, 1)
}

// clip is held if its bounds are constants.
func clip(g *ir.Graph, n *ir.Node) func(float64) (float64, float64) {
	bounds := []float64{n.Attrs.Float("min", math.Inf(-1)), n.Attrs.Float("max", math.Inf(1))}
	for i := range bounds {
		v := n.Input(1 + i)
		if v == ir.None {
			continue
		}
		c := g.Values[v].Const
		if c == nil {
			return nil
		}
		list, err := c.Floats()
		if err != nil || len(list) != 1 {
			return nil
		}
		bounds[i] = list[0]
	}
	return clipped(1, 0, bounds[0], bounds[1])
}

func hardSwish(b *ir.Builder, _ *ir.Graph, n *ir.Node, x *tensor.Tensor) (ir.ValueID, error) {
	gate, err := onLine(b, n.Inputs[0], x, clipped(1./6, 0.5, 0, 1))
	return b.Op("Mul", nil, n.Inputs[0], gate), err
}

// maxPool gathers what was the greatest.
func maxPool(b *ir.Builder, _ *ir.Graph, n *ir.Node, x *tensor.Tensor) (ir.ValueID, error) {
	indexed := *n
	indexed.Outputs = []ir.ValueID{0, 1}
	out, err := op.Eval(&indexed, []*tensor.Tensor{x})
	if err != nil {
		return ir.None, err
	}
	return b.Op("Gather", nil, b.Op("Reshape", nil, n.Inputs[0], b.Ints(-1)), b.Const(out[1])), nil
}
