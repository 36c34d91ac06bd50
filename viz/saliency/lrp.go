package saliency

import (
	"context"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A FirstRule is how layer-wise relevance propagation leaves the first layers,
// whose inputs are colours.
type FirstRule string

// Choices lists the rules.
func (FirstRule) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "auto", Help: "box for lrp, and the variant's own rule for the others"},
		{Name: "same", Help: "the variant's own rule"},
		{Name: "box", Help: "z^B: against the darkest and the brightest picture there can be (Montavon 2017)"},
		{Name: "wsquare", Help: "w²: by the squared weights, whatever the picture (Montavon 2017)"},
		{Name: "flat", Help: "evenly over what a unit sees (Lapuschkin 2019)"},
	}
}

// Layer-wise relevance propagation sends the logit back so that each unit
// divides what it gets among its inputs. Bach et al., PLoS ONE 10 (2015); rules
// as named in Montavon et al., "Layer-Wise Relevance Propagation: An Overview"
// (2019), sections 10.2 and 10.3.

// lrpComposite uses γ for convolutions, ε for dense layers and z^B at the
// input, as the overview's section 10.3 has it and Zennit's EpsilonGammaBox.
func lrpComposite(ctx context.Context, p *probe) ([]float32, error) {
	return p.relevance(ctx, relevance{conv: (*relevance).gammaRule, dense: (*relevance).epsilonRule}, "box")
}

func lrpEpsilon(ctx context.Context, p *probe) ([]float32, error) {
	return p.relevance(ctx, relevance{conv: (*relevance).epsilonRule, dense: (*relevance).epsilonRule}, "same")
}

func lrpGamma(ctx context.Context, p *probe) ([]float32, error) {
	return p.relevance(ctx, relevance{conv: (*relevance).gammaRule, dense: (*relevance).gammaRule}, "same")
}

func lrpAlphaBeta(ctx context.Context, p *probe) ([]float32, error) {
	return p.relevance(ctx, relevance{conv: (*relevance).alphaBetaRule, dense: (*relevance).alphaBetaRule}, "same")
}

// relevance are the rules of one run.
type relevance struct {
	*probe
	graph       *ir.Graph
	conv, dense layerRule
	firstRule   FirstRule
	first       map[ir.ValueID]bool // outputs of the first layers with weights
	gates       map[ir.ValueID]bool // values that open and close others
}

// A layerRule divides what reaches a layer with weights.
type layerRule func(r *relevance, g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error)

func (p *probe) relevance(ctx context.Context, r relevance, auto FirstRule) ([]float32, error) {
	logit := p.logit()
	in, y := p.Model.Input, logit.Value
	g, err := exec.Prepare(p.Model.Net, []exec.Feed{{Value: in, DType: tensor.Float32, Shape: p.Input.Shape()}}, []ir.ValueID{y})
	if err != nil {
		return nil, err
	}
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, err
	}
	g = pass.Respell(g, func(b *ir.Builder, n *ir.Node) []ir.ValueID { return spellNorm(b, n, types) })
	r.probe, r.graph = p, foldNorms(g)
	if r.firstRule = p.options.FirstRule; r.firstRule == "auto" {
		r.firstRule = auto
	}
	r.survey(in)
	score := logit.Score(p.Logits.F32())
	seed := p.Seed(logit)
	seed.F32()[p.target.Class] *= float32(score)
	grads, _, err := exec.NewSession(r.graph, p.Model.Session().Executor()).Gradient(ctx,
		map[ir.ValueID]*tensor.Tensor{in: p.Input},
		exec.GradientOf{Y: y, Seed: seed, Wrt: []ir.ValueID{in}, Rules: r.rules(), RulesName: "lrp"})
	if err != nil {
		return nil, err
	}
	sum := 0.0
	for _, v := range grads[0].F32() {
		sum += float64(v)
	}
	p.fact("relevance that reaches the pixels", "%.4g of %.4g", sum, score)
	return grads[0].F32(), nil
}

// rules are those of families, and of layers with weights by name.
func (r *relevance) rules() autodiff.Rules {
	rules := rulesFor(r.graph, r.title, map[family]op.GradFunc{
		moves: plain, selects: plain, rescales: through, norms: through, softmax: stop,
		linear: r.sum, products: r.product,
	})
	weighted := func(rule layerRule) op.GradFunc {
		return func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
			if dependent(g, n) > 1 {
				return nil, errBoth(n)
			}
			if r.first[n.Outputs[0]] {
				return r.firstLayer(g, n, dy, rule)
			}
			return rule(r, g, n, dy)
		}
	}
	for name, rule := range map[string]layerRule{"Conv": r.conv, "ConvTranspose": r.conv, "Gemm": r.dense} {
		if rules[name] != nil {
			rules[name] = weighted(rule)
		}
	}
	if rules["MatMul"] != nil {
		rules["MatMul"] = func(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
			if dependent(g, n) > 1 {
				return r.product(g, n, dy)
			}
			return weighted(r.dense)(g, n, dy)
		}
	}
	for _, name := range []string{"QuantizeLinear", "DequantizeLinear"} {
		if rules[name] != nil {
			rules[name] = through
		}
	}
	return rules
}

// through gives all relevance to the first input: activations and normalizations
// change how large a unit is and not what it is of.
func through(_ *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := nothing(n)
	out[0] = dy[0]
	return out, nil
}

// stop lets no relevance through: where attention looks is taken as given (Ali
// et al. 2022, arXiv 2202.07304, section 4.1).
func stop(_ *op.Grad, n *ir.Node, _ []ir.ValueID) ([]ir.ValueID, error) { return nothing(n), nil }

// sum divides among the summands, by the ε rule. A mean that is subtracted from
// what it is the mean of, as layer normalization does, gets nothing.
func (r *relevance) sum(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if n.Op == "Sub" && r.centres(n) {
		return through(g, n, dy)
	}
	return r.epsilonRule(g, n, dy)
}

func (r *relevance) centres(n *ir.Node) bool {
	p := r.graph.Values[n.Inputs[1]].Producer
	return p != ir.None && r.graph.Nodes[p].Op == "ReduceMean" && r.graph.Nodes[p].Inputs[0] == n.Inputs[0]
}

// product divides between two factors: a gate or a divisor gets nothing (Arras et
// al. 2017, arXiv 1706.07206, section 3.2), and two equals half each.
func (r *relevance) product(g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	if dependent(g, n) < 2 {
		return r.epsilonRule(g, n, dy)
	}
	c := *g
	c.Wanted = append([]bool(nil), g.Wanted...)
	switch a, b := r.gates[n.Inputs[0]], r.gates[n.Inputs[1]]; {
	case n.Op == "Div" || b && !a:
		c.Wanted[1] = false
	case a && !b:
		c.Wanted[0] = false
	default:
		half := g.Op("Mul", nil, dy[0], g.Float(0.5, tensor.Float32))
		return r.epsilonRule(g, n, append([]ir.ValueID{half}, dy[1:]...))
	}
	return r.epsilonRule(&c, n, dy)
}
