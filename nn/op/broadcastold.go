package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Before opset 7 a binary operator broadcast only its second input, where the
// attribute broadcast was 1, with its axes aligned from the attribute axis on
// (default: at the last axes). Files of that age rarely rely on equal shapes
// being refused, so here what NumPy can broadcast is broadcast without the
// attribute too.

// trailing returns how many axes of extent 1 must be put behind the second
// input's, so that NumPy's broadcasting aligns it as the attribute axis says.
func trailing(n *ir.Node, rankA, rankB int) (int, error) {
	if n.Domain != "" || n.Version >= 7 || !n.Attrs.Bool("broadcast", false) || !n.Attrs.Has("axis") {
		return 0, nil
	}
	axis, err := axisOf(n.Attrs.Int("axis", 0), rankA)
	if err != nil && rankB == 0 {
		return 0, nil // a scalar fits everywhere
	}
	if err == nil && axis+rankB > rankA {
		err = fmt.Errorf("axis %d leaves no room for the %d axes of the second input in the %d of the first", axis, rankB, rankA)
	}
	return rankA - axis - rankB, err
}

func alignOld(n *ir.Node, a, b *tensor.Tensor) (*tensor.Tensor, error) {
	k, err := trailing(n, a.Rank(), b.Rank())
	if err != nil || k == 0 {
		return b, err
	}
	shape := append([]int(nil), b.Shape()...)
	for range k {
		shape = append(shape, 1)
	}
	return b.Reshape(shape...), nil
}

func alignOldDims(n *ir.Node, a, b ir.Shape) (ir.Shape, error) {
	if a == nil || b == nil {
		return b, nil
	}
	k, err := trailing(n, len(a), len(b))
	if err != nil || k == 0 {
		return b, err
	}
	b = append(ir.Shape{}, b...)
	for range k {
		b = append(b, ir.Known(1))
	}
	return b, nil
}

// A pair is the two operands of a binary operator in a gradient rule, the
// second aligned as alignOld does, so that the rule may think in NumPy's terms.
type pair struct {
	g    *Grad
	n    *ir.Node
	a, b ir.ValueID
	tail int // axes that align put behind b's
}

func (g *Grad) pair(n *ir.Node) (pair, error) {
	p := pair{g: g, n: n, a: n.Inputs[0], b: n.Inputs[1]}
	if n.Domain != "" || n.Version >= 7 || !n.Attrs.Has("axis") {
		return p, nil
	}
	a, b := g.Type(p.a).Shape, g.Type(p.b).Shape
	if a == nil || b == nil {
		return p, fmt.Errorf("the ranks must be known to broadcast from an axis")
	}
	var err error
	if p.tail, err = trailing(n, len(a), len(b)); err != nil || p.tail == 0 {
		return p, err
	}
	p.b = g.Op("Unsqueeze", nil, p.b, g.Ints(p.tailAxes(len(b))...))
	return p, nil
}

func (p pair) tailAxes(rankB int) []int {
	axes := make([]int, p.tail)
	for i := range axes {
		axes[i] = rankB + i
	}
	return axes
}

// grads returns the gradients of the operands, given functions that build them
// in the shape of the output. They are called only for what is asked for.
func (p pair) grads(da, db func() ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(p.n)
	y := p.n.Outputs[0]
	if p.g.Needs(0) {
		out[0] = p.g.sumTo(da(), p.n.Inputs[0], y)
	}
	switch {
	case !p.g.Needs(1):
	case p.tail == 0:
		out[1] = p.g.sumTo(db(), p.n.Inputs[1], y)
	default:
		sum := p.g.Node(Domain, "SumTo", nil, 1, db(), p.b)[0]
		out[1] = p.g.Op("Squeeze", nil, sum, p.g.Ints(p.tailAxes(len(p.g.Type(p.n.Inputs[1]).Shape))...))
	}
	return out, nil
}
