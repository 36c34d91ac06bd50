package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A rule of a linear operator z = x·w + b, for relevance R, is
//
//	R_i = x_i Σ_j w_ij R_j / z_j,
//
// whose sum is what the operator's own gradient rule computes of R/z; so any
// linear operator has it, and its variants differ in x, w and z.

// epsilonRule: z is what the operator puts out, with ε away from zero.
func (r *relevance) epsilonRule(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	back, err := plain(g, n, []ir.ValueID{r.quotient(g, dy[0], n.Outputs[0])})
	if err != nil {
		return nil, err
	}
	for i, v := range n.Inputs {
		if g.Needs(i) && back[i] != ir.None {
			back[i] = g.Op("Mul", nil, v, back[i])
		}
	}
	return back, nil
}

// quotient is R/(z ± ε), with the sign of z.
func (r *relevance) quotient(g *op.Grad, relevance, z ir.ValueID) ir.ValueID {
	eps := r.options.Epsilon
	negative := g.Op("Less", nil, z, g.Float(0, tensor.Float32))
	away := g.Op("Where", nil, negative, g.Float(-eps, tensor.Float32), g.Float(eps, tensor.Float32))
	return g.Op("Div", nil, relevance, g.Op("Add", nil, z, away))
}

// A layer is a node with weights: a convolution or a matrix product.
type layer struct {
	g         *op.Grad
	n         *ir.Node
	x, weight int // which of its inputs they are
}

func layerOf(g *op.Grad, n *ir.Node) layer {
	if g.Needs(0) {
		return layer{g, n, 0, 1}
	}
	return layer{g, n, 1, 0}
}

func (l layer) input() ir.ValueID   { return l.n.Inputs[l.x] }
func (l layer) weights() ir.ValueID { return l.n.Inputs[l.weight] }
func (l layer) bias() ir.ValueID    { return l.n.Input(2) }

// with is the node with other inputs.
func (l layer) with(x, w, bias ir.ValueID) ir.Node {
	m := *l.n
	m.Inputs = []ir.ValueID{x, w}
	if l.x == 1 {
		m.Inputs = []ir.ValueID{w, x}
	}
	if bias != ir.None {
		m.Inputs = append(m.Inputs, bias)
	}
	return m
}

// forward appends the node with other inputs, and returns what it puts out.
func (l layer) forward(x, w, bias ir.ValueID) ir.ValueID {
	m := l.with(x, w, bias)
	return l.g.Node(m.Domain, m.Op, m.Attrs, 1, m.Inputs...)[0]
}

// back is the gradient of the node with other weights with respect to its x.
func (l layer) back(dy, w ir.ValueID) (ir.ValueID, error) {
	m := l.with(l.input(), w, ir.None)
	m.Outputs = l.n.Outputs
	g := with(l.g, w, l.weights())
	g.Wanted = make([]bool, len(m.Inputs))
	g.Wanted[l.x] = true
	out, err := plain(g, &m, []ir.ValueID{dy})
	if err != nil {
		return ir.None, err
	}
	return out[l.x], nil
}

// positive and negative are the parts of a value of one sign; None stays None.
func (l layer) positive(v ir.ValueID) ir.ValueID {
	if v == ir.None {
		return v
	}
	return l.g.Op("Relu", nil, v)
}

func (l layer) negative(v ir.ValueID) ir.ValueID {
	if v == ir.None {
		return v
	}
	return l.g.Op("Sub", nil, v, l.positive(v))
}

func (l layer) result(x ir.ValueID) []ir.ValueID {
	out := nothing(l.n)
	out[l.x] = x
	return out
}

// gammaRule favours positive weights: w + γ w⁺ in place of w, and of the bias.
func (r *relevance) gammaRule(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	l := layerOf(g, n)
	gamma := g.Float(r.options.Gamma, tensor.Float32)
	favour := func(v ir.ValueID) ir.ValueID {
		if v == ir.None {
			return v
		}
		return g.Op("Add", nil, v, g.Op("Mul", nil, gamma, l.positive(v)))
	}
	w := favour(l.weights())
	back, err := l.back(r.quotient(g, dy[0], l.forward(l.input(), w, favour(l.bias()))), w)
	if err != nil {
		return nil, err
	}
	return l.result(g.Op("Mul", nil, l.input(), back)), nil
}

// alphaBetaRule divides α of the relevance among what is positive in z and
// takes β = α - 1 of it from what is negative.
func (r *relevance) alphaBetaRule(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	l := layerOf(g, n)
	xp, xn := l.positive(l.input()), l.negative(l.input())
	wp, wn := l.positive(l.weights()), l.negative(l.weights())
	part := func(share float64, w1, w2, bias ir.ValueID) (ir.ValueID, error) {
		z := g.Op("Add", nil, l.forward(xp, w1, bias), l.forward(xn, w2, ir.None))
		s := g.Op("Mul", nil, r.quotient(g, dy[0], z), g.Float(share, tensor.Float32))
		b1, err := l.back(s, w1)
		if err != nil {
			return ir.None, err
		}
		b2, err := l.back(s, w2)
		return g.Op("Add", nil, g.Op("Mul", nil, xp, b1), g.Op("Mul", nil, xn, b2)), err
	}
	out, err := part(r.options.Alpha, wp, wn, l.positive(l.bias()))
	if err != nil || r.options.Alpha == 1 {
		return l.result(out), err
	}
	less, err := part(1-r.options.Alpha, wn, wp, l.negative(l.bias()))
	return l.result(g.Op("Add", nil, out, less)), err
}
