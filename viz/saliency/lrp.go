package saliency

import (
	"context"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A FirstRule is how layer-wise relevance propagation leaves the first layers,
// whose inputs are colours.
type FirstRule string

// Choices lists the rules.
func (FirstRule) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "auto", Help: "for lrp box, or w² where no picture is taken; the variant's own rule for the others"},
		{Name: "same", Help: "the variant's own rule"},
		{Name: "box", Help: "z^B: against the darkest and the brightest picture there can be (Montavon 2017)"},
		{Name: "wsquare", Help: "w²: by the squared weights, whatever the picture (Montavon 2017)"},
		{Name: "flat", Help: "evenly over what a unit sees (Lapuschkin 2019)"},
	}
}

// Layer-wise relevance propagation sends the logit back so that each unit
// divides what it gets among its inputs. Bach et al., PLoS ONE 10 (2015); rules
// as named in Montavon et al., "Layer-Wise Relevance Propagation: An Overview"
// (2019), sections 10.2 and 10.3. What transformers add to these has the rules of
// AttnLRP: see lrpattention.go.

// lrpComposite uses γ for convolutions, ε for dense layers and z^B at the
// input, as the overview's section 10.3 has it and Zennit's EpsilonGammaBox; where
// the input has no least and greatest values, w² is its rule for it.
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
	top         attribution.Target // what relevance is of
	conv, dense layerRule
	firstRule   FirstRule
	first       map[ir.ValueID]bool // outputs of the first layers with weights
	gates       map[ir.ValueID]bool // values that open and close others
}

// A layerRule divides what reaches a layer with weights.
type layerRule func(r *relevance, g *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error)

func (p *probe) relevance(ctx context.Context, r relevance, auto FirstRule) ([]float32, error) {
	if err := r.ready(p, auto); err != nil {
		return nil, err
	}
	shares, score, err := r.of(ctx, p.Main)
	if err != nil {
		return nil, err
	}
	sum := 0.0
	for _, v := range shares[0].F32() {
		sum += float64(v)
	}
	p.fact("relevance that reaches the input", "%.4g of %.4g", sum, score)
	return shares[0].F32(), nil
}

// ready learns what the rules ask of the network of p.
func (r *relevance) ready(p *probe, auto FirstRule) error {
	r.probe, r.top = p, p.additive()
	g, err := p.spelled(r.top.Value)
	if err != nil {
		return err
	}
	r.graph = foldNorms(g)
	if r.firstRule = p.options.FirstRule; r.firstRule == "auto" {
		if r.firstRule = auto; auto == "box" && p.Model.Prep == nil {
			r.firstRule = "wsquare" // the overview's rule for inputs that have no bounds
		}
		if p.OfTokens() {
			r.firstRule = "same" // embeddings are learned, as what deeper layers read
		}
	}
	r.survey(p.Main)
	return nil
}

// of is the relevance of values of r.graph for the score, which each number that
// it sums up has its own part of.
func (r *relevance) of(ctx context.Context, values ...ir.ValueID) (shares []*tensor.Tensor, score float64, err error) {
	score = r.Score(r.top)
	seed := r.Seed(r.top)
	for i, v := range r.Out[r.top.Value].F32() {
		seed.F32()[i] *= v
	}
	shares, _, err = exec.NewSession(r.graph, r.Model.Session().Executor()).Gradient(ctx,
		r.Feeds(),
		exec.GradientOf{Y: r.top.Value, Seed: seed, Wrt: values, Rules: r.rules(), RulesName: "lrp"})
	return shares, score, err
}

// rules are those of families, and of layers with weights by name.
func (r *relevance) rules() autodiff.Rules {
	rules := rulesFor(r.graph, r.title, map[family]op.GradFunc{
		moves: plain, selects: plain, rescales: through, norms: through, softmax: taylor,
		linear: r.linear, products: r.product,
		logSumExp: plain, // its slopes are the shares of the exponentials in their sum
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

// through gives all relevance to the first input, the identity rule: activations
// and normalizations change how large a unit is and not what it is of.
func through(_ *op.Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := nothing(n)
	out[0] = dy[0]
	return out, nil
}
