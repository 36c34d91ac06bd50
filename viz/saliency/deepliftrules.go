package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// errBoth refuses an operator both of whose inputs depend on the picture.
func errBoth(n *ir.Node) error {
	return viz.Userf("%s takes two values that depend on the picture, which has no rule here; use a method that reads gradients, such as ig", n.Op)
}

// product: a·b is split evenly, as its Shapley values are, by the slope half-way;
// a/b is a·(1/b), whose second factor is rescaled: Δ(1/b) = -Δb/(b b').
func (r rescale) product(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if n.Op != "Div" || !g.Needs(1) {
		return r.bilinear(g, n, dy)
	}
	a, b := n.Inputs[0], n.Inputs[1]
	inverse := g.Op("Reciprocal", nil, b)
	middle := g.Op("Mul", nil, g.Op("Add", nil, inverse, g.Op("Reciprocal", nil, r.twin(b))), g.Float(0.5, tensor.Float32))
	m := ir.Node{Name: n.Name, Op: "Mul", Version: ir.LatestOpset, Inputs: []ir.ValueID{r.mean(g, a), middle}, Outputs: n.Outputs}
	typed := with(with(g, m.Inputs[0], a), middle, b)
	out, err := plain(typed, &m, dy)
	if err != nil {
		return nil, err
	}
	out[1] = g.Op("Neg", nil, g.Op("Div", nil, out[1], g.Op("Mul", nil, b, r.twin(b))))
	return out, nil
}

// selection: what y gains over y' comes from where the picture's maximum is, and
// what it loses from where the baseline's is. With M = max(y, y'), the inputs
// get dy (M - y') at the one place and dy (y - M) at the other, over Δx; for
// minima the other way round.
func (r rescale) selection(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out, err := plain(g, n, dy)
	if err != nil {
		return nil, err
	}
	y, base := n.Outputs[0], r.twin(n.Outputs[0])
	far := "Max"
	if n.Op == "ReduceMin" || n.Op == "Min" {
		far = "Min"
	}
	edge := g.Op(far, nil, y, base)
	gained, lost := g.Op("Sub", nil, edge, base), g.Op("Sub", nil, y, edge)
	if n.Op == "MaxPool" {
		gained, lost = r.settleTies(g, n, gained, lost)
	}
	here, err := plain(g, n, []ir.ValueID{g.Op("Mul", nil, dy[0], gained)})
	if err != nil {
		return nil, err
	}
	m := *n
	m.Inputs, m.Outputs = r.twinsOf(n.Inputs), r.twinsOf(n.Outputs)
	there, err := plain(g, &m, []ir.ValueID{g.Op("Mul", nil, dy[0], lost)})
	if err != nil {
		return nil, err
	}
	for i, v := range n.Inputs {
		if g.Needs(i) && out[i] != ir.None {
			out[i] = over(g, g.Op("Add", nil, here[i], there[i]), r.difference(g, v), out[i])
		}
	}
	return out, nil
}

// settleTies gives what was lost to where the picture's maximum is if the
// baseline is as large there as anywhere under the window. A blank baseline is
// so everywhere, and the rule becomes the plain gradient, as in the programs of
// DeepLIFT's authors and in Captum.
func (r rescale) settleTies(g *op.Grad, n *ir.Node, gained, lost ir.ValueID) (ir.ValueID, ir.ValueID) {
	attrs := ir.Attrs{}
	for name, a := range n.Attrs {
		if name != "storage_order" {
			attrs[name] = a
		}
	}
	const equal = 1e-5 // but for rounding
	places := g.Node("", "MaxPool", attrs, 2, n.Inputs[0])[1]
	there := g.Op("Gather", nil, g.Op("Reshape", nil, r.twin(n.Inputs[0]), g.Ints(-1)), places)
	most := r.twin(n.Outputs[0])
	room := g.Op("Mul", nil, g.Op("Abs", nil, most), g.Float(equal, tensor.Float32))
	tied := g.Op("LessOrEqual", nil, g.Op("Sub", nil, most, there), room)
	zero := g.Float(0, tensor.Float32)
	own := g.Op("Where", nil, tied, lost, zero)
	return g.Op("Add", nil, gained, own), g.Op("Where", nil, tied, zero, lost)
}

func (r rescale) twinsOf(values []ir.ValueID) []ir.ValueID {
	out := make([]ir.ValueID, len(values))
	for i, v := range values {
		if out[i] = ir.None; v != ir.None {
			out[i] = r.twin(v)
		}
	}
	return out
}

// softmax: log p = x - log Σ exp x is a chain of rescaled functions, so with
// E = exp(x - m), S = Σ E and L = log S
//
//	dx_i = dy_i r_i - (Σ dy_j r_j) (ΔL/ΔS) (ΔE_i/Δx_i),  r = Δp/Δlog p.
//
// m is the largest of both runs.
func (r rescale) softmax(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	x, y := n.Inputs[0], n.Outputs[0]
	axes := g.Ints(softmaxAxes(n, len(g.Type(x).Shape))...)
	keep := ir.Pairs("keepdims", 1)
	top := g.Op("ReduceMax", keep, g.Op("Max", nil, x, r.twin(x)), axes)
	exp := func(v ir.ValueID) ir.ValueID { return g.Op("Exp", nil, g.Op("Sub", nil, v, top)) }
	e, e0 := exp(x), exp(r.twin(x))
	s, s0 := g.Op("ReduceSum", keep, e, axes), g.Op("ReduceSum", keep, e0, axes)
	dx := r.difference(g, x)
	dl := g.Op("Sub", nil, g.Op("Log", nil, s), g.Op("Log", nil, s0))
	slopeL := over(g, dl, g.Op("Sub", nil, s, s0), g.Op("Reciprocal", nil, s))
	slopeE := over(g, g.Op("Sub", nil, e, e0), dx, e)
	slopeP := over(g, r.difference(g, y), g.Op("Sub", nil, dx, dl), y)
	through := g.Op("Mul", nil, dy[0], slopeP)
	all := g.Op("Mul", nil, g.Op("ReduceSum", keep, through, axes), slopeL)
	out := nothing(n)
	out[0] = g.Op("Sub", nil, through, g.Op("Mul", nil, all, slopeE))
	return out, nil
}

// softmaxAxes lists the axes that a softmax sums over: one, or before opset 13
// all from one on.
func softmaxAxes(n *ir.Node, rank int) []int {
	if n.Version >= 13 {
		return []int{n.Attrs.Int("axis", -1)}
	}
	axis := n.Attrs.Int("axis", 1)
	if axis < 0 {
		axis += rank
	}
	var axes []int
	for a := axis; a < rank; a++ {
		axes = append(axes, a)
	}
	return axes
}
