package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
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

// firstLayer is the rule of a layer that reads colours.
func (r *relevance) firstLayer(g *op.Grad, n *ir.Node, dy []ir.ValueID, own layerRule) ([]ir.ValueID, error) {
	l := layerOf(g, n)
	switch r.firstRule {
	case "box":
		return r.boxRule(l, dy[0])
	case "wsquare":
		return r.blindRule(l, dy[0], g.Op("Mul", nil, l.weights(), l.weights()))
	case "flat":
		return r.blindRule(l, dy[0], r.filled(g, l.weights(), 1))
	}
	return own(r, g, n, dy)
}

// blindRule divides by weights alone, for an input of ones.
func (r *relevance) blindRule(l layer, relevance, w ir.ValueID) ([]ir.ValueID, error) {
	ones := r.filled(l.g, l.input(), 1)
	back, err := l.back(r.quotient(l.g, relevance, l.forward(ones, w, ir.None)), w)
	return l.result(back), err
}

// boxRule is z^B: with the bounds l and h of x, x w - l w⁺ - h w⁻ in place of
// x w, which is never negative.
func (r *relevance) boxRule(l layer, relevance ir.ValueID) ([]ir.ValueID, error) {
	low, high, err := r.bounds(l)
	if err != nil {
		return nil, err
	}
	g := l.g
	w, wp, wn := l.weights(), l.positive(l.weights()), l.negative(l.weights())
	less := g.Op("Add", nil, l.forward(low, wp, ir.None), l.forward(high, wn, ir.None))
	s := r.quotient(g, relevance, g.Op("Sub", nil, l.forward(l.input(), w, ir.None), less))
	share := func(x, w ir.ValueID) ir.ValueID {
		back, e := l.back(s, w)
		if e != nil {
			err = e
			return s
		}
		return g.Op("Mul", nil, x, back)
	}
	out := g.Op("Sub", nil, share(l.input(), w), g.Op("Add", nil, share(low, wp), share(high, wn)))
	return l.result(out), err
}

// bounds are what the layer reads of the darkest and of the brightest picture:
// the nodes before it, which are few, are written again for them.
func (r *relevance) bounds(l layer) (low, high ir.ValueID, err error) {
	planes := r.Planes()
	picture := func(v float64) ir.ValueID {
		t := tensor.New(tensor.Float32, r.Input.Shape()...)
		for i := range planes.H * planes.W {
			for c := range planes.Channels {
				t.F32()[planes.At(c, i/planes.W, i%planes.W)] = r.Model.Prep.Level(c, v)
			}
		}
		return l.g.Const(t)
	}
	dark, bright := picture(0), picture(255)
	if r.Model.Prep.Scale < 0 {
		dark, bright = bright, dark
	}
	if low, err = r.again(l.g, l.input(), dark); err == nil {
		high, err = r.again(l.g, l.input(), bright)
	}
	return low, high, err
}

// again writes a value for another picture.
func (r *relevance) again(g *op.Grad, v, picture ir.ValueID) (ir.ValueID, error) {
	p := r.graph.Values[v].Producer
	switch {
	case v == r.Model.Input:
		return picture, nil
	case p == ir.None || len(r.graph.Nodes[p].Outputs) != 1:
		return v, nil
	}
	n := r.graph.Nodes[p]
	inputs := make([]ir.ValueID, len(n.Inputs))
	for i, v := range n.Inputs {
		if inputs[i] = v; v != ir.None {
			var err error
			if inputs[i], err = r.again(g, v, picture); err != nil {
				return ir.None, err
			}
		}
	}
	out := g.G.AddValue(ir.Value{Name: g.Unique(n.Name + "/bound")})
	n.Name, n.Inputs, n.Outputs = g.Unique(n.Name+"/bound"), inputs, []ir.ValueID{out}
	if _, err := g.G.AddNode(n); err != nil {
		return ir.None, viz.Userf("the layers before %s cannot be repeated for z^B: %w", n.Name, err)
	}
	return out, nil
}

// filled has a value's shape and one number everywhere.
func (r *relevance) filled(g *op.Grad, v ir.ValueID, x float32) ir.ValueID {
	return g.Op("ConstantOfShape", ir.Attrs{"value": {Value: tensor.Vector(x)}}, g.Op("Shape", nil, v))
}
