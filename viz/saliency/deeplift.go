package saliency

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// deepLIFT sends back, in place of slopes, multipliers: by how much each value
// differs from what it is for the baseline, over the same for what it is made
// of (the rescale rule). arXiv 1704.02685, section 3.5.1. Products, softmax and
// normalizations, which the paper has no rules for, have such here that shares
// add up too: see deepliftrules.go, deepliftnorm.go, deepliftlogsum.go
// and spellnorm.go.
//
// The network runs on the picture and on the baseline as one graph, so that any
// rule can read a value and its twin.
func deepLIFT(ctx context.Context, p *probe) ([]float32, error) {
	sum := p.additive()
	in, y := p.Main, sum.Value
	g, err := p.spelled(y)
	if err != nil {
		return nil, err
	}
	g, twins, err := pass.Twin(g, in)
	if err != nil {
		return nil, err
	}
	if _, ok := twins[y]; !ok {
		return make([]float32, p.Input.Len()), nil // nothing depends on the picture
	}
	rules := rulesFor(g, p.title, rescale{twins}.rules())
	if rules["LpNormalization"] != nil {
		rules["LpNormalization"] = rescale{twins}.lpNorm
	}
	base, feeds := p.baseline(), p.Feeds()
	feeds[twins[in]] = tensor.Of(base, p.Input.Shape()...)
	grads, values, err := exec.NewSession(g, p.Model.Session().Executor()).Gradient(ctx,
		feeds,
		exec.GradientOf{
			Y: y, Seed: p.Seed(sum), Wrt: []ir.ValueID{in}, Fetch: []ir.ValueID{twins[y]},
			Rules: rules, RulesName: "deeplift",
		})
	if err != nil {
		return nil, err
	}
	shares := grads[0].F32()
	for i, x := range p.Input.F32() {
		shares[i] *= x - base[i]
	}
	score, baseScore := p.Score(sum), sum.Score(values[0].F32())
	p.addUp(shares, score-baseScore, "rounding is all that may part them, so the network holds numbers of very different size")
	p.warnOfCancelling(shares, math.Abs(score)+math.Abs(baseScore))
	return shares, nil
}

// cancelling is how many times larger than the scores shares may be in all before
// it is warned of.
const cancelling = 1000

// warnOfCancelling tells of shares that are much larger than what they add up to.
func (p *probe) warnOfCancelling(shares []float32, scores float64) {
	all := 0.0
	for _, v := range shares {
		all += math.Abs(float64(v))
	}
	if all > cancelling*scores {
		p.warn("The shares of %s are %.3g in all, though the scores are %.3g, and nearly cancel: a blank baseline leaves normalizations next to nothing to divide by. Try another baseline, as --baseline blurred, before you believe the map.", p.title, all, scores)
	}
}

// rescale are the rules of DeepLIFT.
type rescale struct{ twins map[ir.ValueID]ir.ValueID }

func (r rescale) rules() map[family]op.GradFunc {
	return map[family]op.GradFunc{
		moves: plain, linear: r.bilinear, rescales: r.elementwise, products: r.product, selects: r.selection, softmax: r.softmax,
		logSumExp: r.logSumExp,
	}
}

// twin returns a value for the baseline.
func (r rescale) twin(v ir.ValueID) ir.ValueID {
	if t, ok := r.twins[v]; ok {
		return t
	}
	return v
}

// nearZero is the difference below which a slope is used instead, as in Captum.
const nearZero = 1e-10

// over returns dividend/divisor, and where the divisor is zero otherwise.
func over(g *op.Grad, dividend, divisor, otherwise ir.ValueID) ir.ValueID {
	zero := g.Op("Less", nil, g.Op("Abs", nil, divisor), g.Float(nearZero, tensor.Float32))
	safe := g.Op("Where", nil, zero, g.Float(1, tensor.Float32), divisor)
	return g.Op("Where", nil, zero, otherwise, g.Op("Div", nil, dividend, safe))
}

// difference is by how much a value differs from its twin.
func (r rescale) difference(g *op.Grad, v ir.ValueID) ir.ValueID {
	return g.Op("Sub", nil, v, r.twin(v))
}

// gentle are smooth functions of which the slope half-way is better than the quotient
// of two small differences, whose rounding shows: below small its error is some
// 1e-5, and so is that of the quotient above.
var gentle = map[string]bool{
	"Sigmoid": true, "Tanh": true, "Softplus": true, "Erf": true, "Mish": true, "Swish": true,
	"Gelu": true, "com.microsoft.Gelu": true, "com.microsoft.QuickGelu": true, "tomo.GeluErf": true, "tomo.GeluTanh": true,
}

const small = 1e-2

// elementwise: dx = dy Δy/Δx.
func (r rescale) elementwise(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if dependent(g, n) > 1 {
		return nil, errBoth(n)
	}
	x := n.Inputs[0]
	change, dx := g.Op("Mul", nil, dy[0], r.difference(g, n.Outputs[0])), r.difference(g, x)
	if !gentle[opName(n)] {
		out, err := plain(g, n, dy)
		if err == nil && out[0] != ir.None {
			out[0] = over(g, change, dx, out[0])
		}
		return out, err
	}
	m := *n
	m.Inputs = append([]ir.ValueID(nil), n.Inputs...)
	m.Inputs[0] = r.mean(g, x)
	m.Outputs = []ir.ValueID{g.G.AddValue(ir.Value{Name: g.Unique(n.Name + "/midway")})}
	m.Name = g.Unique(n.Name + "/midway")
	if _, err := g.G.AddNode(m); err != nil {
		return nil, err
	}
	out, err := plain(with(with(g, m.Inputs[0], x), m.Outputs[0], n.Outputs[0]), &m, dy)
	if err != nil {
		return nil, err
	}
	near := g.Op("Less", nil, g.Op("Abs", nil, dx), g.Float(small, tensor.Float32))
	out[0] = g.Op("Where", nil, near, out[0], over(g, change, dx, out[0]))
	return out, nil
}

// bilinear: where two inputs depend on the picture, as the weights of a
// convolution may, the slope half-way between the two runs is exact for what is
// linear in each.
func (r rescale) bilinear(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if dependent(g, n) < 2 {
		return plain(g, n, dy)
	}
	return r.midway(g, n, dy)
}

// midway applies the plain rule with inputs half-way between the two runs.
func (r rescale) midway(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	m := *n
	m.Inputs = append([]ir.ValueID(nil), n.Inputs...)
	for i, v := range n.Inputs {
		if g.Needs(i) {
			m.Inputs[i] = r.mean(g, v)
			g = with(g, m.Inputs[i], v)
		}
	}
	return plain(g, &m, dy)
}

// mean is half-way between a value and its twin.
func (r rescale) mean(g *op.Grad, v ir.ValueID) ir.ValueID {
	return g.Op("Mul", nil, g.Op("Add", nil, v, r.twin(v)), g.Float(0.5, tensor.Float32))
}
