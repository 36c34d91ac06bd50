package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// The rules below think in the shape of the output; pair.grads sums each
// gradient down to the shape of its operand.

func addGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	p, err := g.pair(n)
	if err != nil {
		return nil, err
	}
	same := func() ir.ValueID { return dy[0] }
	return p.grads(same, same)
}

func subGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	p, err := g.pair(n)
	if err != nil {
		return nil, err
	}
	return p.grads(
		func() ir.ValueID { return dy[0] },
		func() ir.ValueID { return g.Op("Neg", nil, dy[0]) })
}

func mulGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	p, err := g.pair(n)
	if err != nil {
		return nil, err
	}
	return p.grads(
		func() ir.ValueID { return g.Op("Mul", nil, dy[0], p.b) },
		func() ir.ValueID { return g.Op("Mul", nil, dy[0], p.a) })
}

// d(a/b) = da/b - y·db/b.
func divGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	p, err := g.pair(n)
	if err != nil {
		return nil, err
	}
	quotient := g.once(func() ir.ValueID { return g.Op("Div", nil, dy[0], p.b) })
	return p.grads(quotient, func() ir.ValueID {
		return g.Op("Neg", nil, g.Op("Mul", nil, quotient(), n.Outputs[0]))
	})
}

// y = a - b·q with q constant between jumps, so dy/db = -q = (y-a)/b.
func modGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	p, err := g.pair(n)
	if err != nil {
		return nil, err
	}
	return p.grads(
		func() ir.ValueID { return dy[0] },
		func() ir.ValueID {
			q := g.Op("Round", nil, g.Op("Div", nil, g.Op("Sub", nil, n.Outputs[0], p.a), p.b))
			return g.Op("Mul", nil, dy[0], q)
		})
}

// dy/da = b·a^(b-1), and 0 where b is 0; dy/db = y·log a, and 0 where a is 0.
func powGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	p, err := g.pair(n)
	if err != nil {
		return nil, err
	}
	b, zero := p.b, g.scalar(0, p.a)
	if g.Type(n.Inputs[1]).DType != g.Type(p.a).DType {
		b = g.Op("CastLike", nil, b, p.a)
	}
	return p.grads(
		func() ir.ValueID {
			lower := g.Op("Pow", nil, p.a, g.Op("Sub", nil, b, g.scalar(1, p.a)))
			slope := g.Op("Mul", nil, b, lower)
			return g.Op("Mul", nil, dy[0], g.Op("Where", nil, g.Op("Equal", nil, b, zero), zero, slope))
		},
		func() ir.ValueID {
			slope := g.Op("Mul", nil, n.Outputs[0], g.Op("Log", nil, p.a))
			return g.Op("Mul", nil, dy[0], g.Op("Where", nil, g.Op("Equal", nil, p.a, zero), zero, slope))
		})
}

func sumGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	for i, x := range n.Inputs {
		if g.Needs(i) {
			out[i] = g.sumTo(dy[0], x, n.Outputs[0])
		}
	}
	return out, nil
}

func meanGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	share := g.Op("Mul", nil, dy[0], g.scalar(1/float64(len(n.Inputs)), n.Inputs[0]))
	return sumGrad(g, n, []ir.ValueID{share})
}

// extremeGrad gives the gradient to the inputs that are the extreme one, in
// equal shares.
func extremeGrad(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	masks := make([]ir.ValueID, len(n.Inputs))
	for i, x := range n.Inputs {
		masks[i] = g.Op("CastLike", nil, g.Op("Equal", nil, x, n.Outputs[0]), dy[0])
	}
	share := g.Op("Div", nil, dy[0], g.Op("Sum", nil, masks...))
	out := noGrads(n)
	for i, x := range n.Inputs {
		if g.Needs(i) {
			out[i] = g.sumTo(g.Op("Mul", nil, share, masks[i]), x, n.Outputs[0])
		}
	}
	return out, nil
}

// once builds a value at its first call.
func (g *Grad) once(build func() ir.ValueID) func() ir.ValueID {
	v := ir.ValueID(ir.None)
	return func() ir.ValueID {
		if v == ir.None {
			v = build()
		}
		return v
	}
}
