package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
)

// The gradient of both losses with respect to the log-probabilities is
// -w·dloss at each label and zero elsewhere, with dloss divided by Σw for a
// mean; w is the weight of the label's class, zero where it is ignored.

// gradLikelihood spreads the gradient of NegativeLogLikelihoodLoss.
func gradLikelihood(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) || dy[0] == ir.None {
		return out, nil
	}
	l, err := g.labelGrad(n, dy[0])
	if err != nil {
		return nil, err
	}
	out[0] = g.Op("Neg", nil, g.Op("Mul", nil, l.oneHot, l.dw))
	return out, nil
}

// gradCrossEntropy adds the gradient through the log-probabilities, the
// second output, if there is one: dlogp - p·Σdlogp.
func gradCrossEntropy(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	overClasses := ir.Pairs("axis", 1)
	p := g.Op("Softmax", overClasses, n.Inputs[0])
	if dy[0] != ir.None {
		l, err := g.labelGrad(n, dy[0])
		if err != nil {
			return nil, err
		}
		out[0] = g.Op("Mul", nil, g.Op("Sub", nil, p, l.oneHot), l.dw)
	}
	if len(dy) > 1 && dy[1] != ir.None {
		through := g.Op("Sub", nil, dy[1], g.Op("Mul", nil, p, g.reduceSum(dy[1], true, 1)))
		if out[0] != ir.None {
			through = g.Op("Add", nil, out[0], through)
		}
		out[0] = through
	}
	return out, nil
}

// A labelGrad is what both rules need: the labels as vectors over the classes,
// and w·dloss for every label, both with an axis of classes.
type labelGrad struct{ oneHot, dw ir.ValueID }

func (g *Grad) labelGrad(n *ir.Node, dloss ir.ValueID) (labelGrad, error) {
	kind, err := reductionOf(n)
	if err != nil {
		return labelGrad{}, err
	}
	x := n.Inputs[0]
	classes, w := g.labelWeights(n)
	if kind == "mean" {
		dloss = g.Op("Div", nil, dloss, g.Op("ReduceSum", ir.Pairs("keepdims", 0), w))
	}
	dw := g.Op("Unsqueeze", nil, g.Op("Mul", nil, w, dloss), g.Ints(1))
	offOn := g.Op("CastLike", nil, g.Ints(0, 1), x)
	count := g.Op("Gather", nil, g.shapeOf(x), g.Ints(1))
	oneHot := g.Op("OneHot", ir.Pairs("axis", 1), classes, count, offOn)
	return labelGrad{oneHot, dw}, nil
}

// labelWeights returns the labels, class 0 where they are ignored, and the
// weight of each.
func (g *Grad) labelWeights(n *ir.Node) (classes, w ir.ValueID) {
	x, labels := n.Inputs[0], n.Inputs[1]
	classes = labels
	counts := g.Op("Equal", nil, labels, labels) // all of them
	if n.Attrs.Has("ignore_index") {
		ignored := g.Op("CastLike", nil, g.Ints(n.Attrs.Int("ignore_index", 0)), labels)
		counts = g.Op("Not", nil, g.Op("Equal", nil, labels, ignored))
		classes = g.Op("Mul", nil, labels, g.Op("CastLike", nil, counts, labels))
	}
	w = g.Op("CastLike", nil, counts, x)
	if n.Input(2) != ir.None {
		w = g.Op("Mul", nil, w, g.Op("Gather", nil, n.Inputs[2], classes))
	}
	return classes, w
}
