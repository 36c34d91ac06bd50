package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Operators that ONNX Runtime's graph optimizer puts in place of several of
// ONNX's; their rules are those of the parts.
//
//	SkipLayerNormalization(x, skip, scale, bias?, b?) -> y, mean?, inv?, sum?
//	SkipSimplifiedLayerNormalization(x, skip, scale, b?) -> y, none, inv?, sum?
//	FusedMatMul(a, b) = alpha·A·B
//
// The first two normalize sum = x + skip + b over the last axis. FusedMatMul
// exchanges axes of its factors first: the last two if transA or transB, the
// batch's first with the row's if transBatchA or transBatchB.
var fusedOps = []Op{
	{
		Name: "SkipLayerNormalization", Domain: microsoft, MinIn: 3,
		Infer: inferSkipNorm, Eval: evalSkipNorm, Grad: gradSkipNorm, Cost: flops(10),
	},
	{
		Name: "SkipSimplifiedLayerNormalization", Domain: microsoft, MinIn: 3,
		Infer: inferSkipNorm, Eval: evalSkipNorm, Grad: gradSkipNorm, Cost: flops(7),
	},
	{
		Name: "FusedMatMul", Domain: microsoft, MinIn: 2,
		Infer: inferFusedMatMul, Eval: byFloat(evalFusedMatMul[float32], evalFusedMatMul[float64]), Grad: gradFusedMatMul, Cost: costFusedMatMul,
	},
}

// A skipNorm is one of the two: its normalization as a node of ONNX, and where
// the bias of the sum is among the inputs.
type skipNorm struct {
	norm  *ir.Node
	addAt int
}

func readSkipNorm(n *ir.Node) skipNorm {
	epsilon := ir.Pairs("epsilon", n.Attrs.Float("epsilon", 1e-12))
	norm := &ir.Node{Name: n.Name, Op: "LayerNormalization", Version: 17, Attrs: epsilon}
	if n.Op == "SkipLayerNormalization" {
		return skipNorm{norm, 4}
	}
	norm.Op = "RMSNormalization"
	return skipNorm{norm, 3}
}

// parameters are scale and, for LayerNormalization, bias.
func parameters[T any](s skipNorm, in []T) []T { return in[2:min(len(in), s.addAt)] }

func inferSkipNorm(n *ir.Node, in []Type) ([]Type, error) {
	s := readSkipNorm(n)
	sum := Type{DType: in[0].DType, Shape: in[0].Shape}
	if sum.Shape != nil && in[1].Shape != nil {
		if err := checkAddend(in[1].Shape, sum.Shape); err != nil {
			return nil, err
		}
	}
	out, err := inferLayerStats(s.norm, append([]Type{sum}, parameters(s, in)...), 2)
	if err != nil {
		return nil, err
	}
	return append(out, sum), nil
}

func evalSkipNorm(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	s := readSkipNorm(n)
	sum, err := addInto(in[0], in[1])
	if b := opt(in, s.addAt); err == nil && b != nil {
		sum, err = addInto(sum, b)
	}
	if err != nil {
		return nil, err
	}
	args := append([]*tensor.Tensor{sum}, parameters(s, in)...)
	if s.norm.Op == "RMSNormalization" {
		out, err := byFloat(evalRMSNorm[float32], evalRMSNorm[float64])(s.norm, args)
		if err != nil {
			return nil, err
		}
		return []*tensor.Tensor{out[0], nil, out[1], sum}, nil
	}
	out, err := byFloat(evalLayerNorm[float32], evalLayerNorm[float64])(s.norm, args)
	if err != nil {
		return nil, err
	}
	return append(out, sum), nil
}

// gradSkipNorm differentiates the normalization of the sum, whose gradient is
// that of all addends. A gradient that flows into the sum itself is added.
func gradSkipNorm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	s := readSkipNorm(n)
	out := noGrads(n)
	sum := g.skipSum(n, s)
	inputs := append([]ir.ValueID{sum}, parameters(s, n.Inputs)...)
	norm := &ir.Node{Name: n.Name, Op: s.norm.Op, Attrs: s.norm.Attrs, Inputs: inputs, Outputs: n.Outputs[:1]}
	dsum := ir.ValueID(ir.None)
	if dy[0] != ir.None {
		part := *g.with(sum, Type{DType: g.Type(n.Inputs[0]).DType, Shape: g.Type(n.Inputs[0]).Shape})
		part.Wanted = []bool{true, g.Needs(2), s.addAt == 4 && g.Needs(3)}
		rule := gradLayerNorm
		if norm.Op == "RMSNormalization" {
			rule = gradRMSNorm
		}
		grads, err := rule(&part, norm, dy[:1])
		if err != nil {
			return nil, err
		}
		dsum = grads[0]
		copy(out[2:], grads[1:])
	}
	if len(dy) > 3 && dy[3] != ir.None {
		if dsum == ir.None {
			dsum = dy[3]
		} else {
			dsum = g.Op("Add", nil, dsum, dy[3])
		}
	}
	for _, i := range []int{0, 1, s.addAt} {
		if g.Needs(i) && dsum != ir.None {
			out[i] = g.sumTo(dsum, n.Inputs[i], n.Inputs[0])
		}
	}
	return out, nil
}

// skipSum appends the sum that is normalized, or takes the node's own.
func (g *Grad) skipSum(n *ir.Node, s skipNorm) ir.ValueID {
	if v := n.Output(3); v != ir.None {
		return v
	}
	sum := g.Op("Add", nil, n.Inputs[0], n.Inputs[1])
	if b := n.Input(s.addAt); b != ir.None {
		sum = g.Op("Add", nil, sum, b)
	}
	return sum
}
