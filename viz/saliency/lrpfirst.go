package saliency

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

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
	if low, err = r.again(l.g, l.input(), map[ir.ValueID]ir.ValueID{r.Main: dark}); err == nil {
		high, err = r.again(l.g, l.input(), map[ir.ValueID]ir.ValueID{r.Main: bright})
	}
	return low, high, err
}

// again writes a value for another picture. What is written already, the picture
// at first, is in written: many paths may lead to one value.
func (r *relevance) again(g *op.Grad, v ir.ValueID, written map[ir.ValueID]ir.ValueID) (ir.ValueID, error) {
	if to, ok := written[v]; ok {
		return to, nil
	}
	producer := r.graph.Values[v].Producer
	if producer == ir.None {
		return v, nil
	}
	n := r.graph.Nodes[producer]
	own := n.Outputs
	n.Inputs, n.Outputs = slices.Clone(n.Inputs), slices.Clone(own)
	for i, v := range n.Inputs {
		if v != ir.None {
			var err error
			if n.Inputs[i], err = r.again(g, v, written); err != nil {
				return ir.None, err
			}
		}
	}
	n.Name = g.Unique(n.Name + "/bound")
	for i, v := range own {
		if v != ir.None {
			n.Outputs[i] = g.G.AddValue(ir.Value{Name: g.Unique(n.Name)})
			written[v] = n.Outputs[i]
		}
	}
	if _, err := g.G.AddNode(n); err != nil {
		return ir.None, viz.Userf("the layers before %s cannot be repeated for z^B: %w", n.Name, err)
	}
	return written[v], nil
}

// filled has a value's shape and one number everywhere.
func (r *relevance) filled(g *op.Grad, v ir.ValueID, x float32) ir.ValueID {
	return g.Op("ConstantOfShape", ir.Attrs{"value": {Value: tensor.Vector(x)}}, g.Op("Shape", nil, v))
}
