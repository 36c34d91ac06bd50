package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// training is the domain of the operators that train a network. Its Gradient is
// expanded in nn/exec.
const training = "ai.onnx.preview.training"

// One step of gradient descent on any number of tensors: inputs are the
// learning rate, how many steps came before, the tensors X, their gradients, and
// one or two states of each; outputs the new tensors and states.
var optimizerOps = []Op{
	{Name: "Adagrad", Domain: training, MinIn: 5, Body: adagrad},
	{Name: "Adam", Domain: training, MinIn: 6, Body: adam},
	{Name: "Momentum", Domain: training, MinIn: 5, Body: momentum},
}

// adagrad: H' = H + G²; X' = X - R/(1+T·decay) · G/(√H' + ε) (Duchi et al.,
// JMLR 12, 2011).
func adagrad(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	return eachParameter(b, n, in, 1, func(s *descent, x, g ir.ValueID, states []ir.ValueID) []ir.ValueID {
		r := s.div(s.rate, s.add(s.num(1), s.mul(s.steps, s.attr("decay_factor", 0))))
		g = s.regularized(x, g)
		h := s.add(states[0], s.mul(g, g))
		root := s.add(s.Op("Sqrt", nil, h), s.attr("epsilon", 1e-6))
		return []ir.ValueID{s.sub(x, s.mul(r, s.div(g, root))), h}
	})
}

// adam: V' = αV + (1-α)G; H' = βH + (1-β)G²; X' = X - R' · V'/(√H' + ε), where
// R' = R·√(1-β^T)/(1-α^T) from the second step on (arXiv 1412.6980, section 2).
func adam(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	return eachParameter(b, n, in, 2, func(s *descent, x, g ir.ValueID, states []ir.ValueID) []ir.ValueID {
		alpha, beta := s.attr("alpha", 0.9), s.attr("beta", 0.999)
		rest := func(of ir.ValueID) ir.ValueID { return s.sub(s.num(1), of) }
		after := func(of ir.ValueID) ir.ValueID { return rest(s.Op("Pow", nil, of, s.steps)) }
		g = s.regularized(x, g)
		v := s.add(s.mul(alpha, states[0]), s.mul(rest(alpha), g))
		h := s.add(s.mul(beta, states[1]), s.mul(rest(beta), s.mul(g, g)))
		r := s.fromSecond(s.div(s.mul(s.rate, s.Op("Sqrt", nil, after(beta))), after(alpha)), s.rate)
		root := s.add(s.Op("Sqrt", nil, h), s.attr("epsilon", 1e-6))
		moved := s.sub(x, s.div(s.mul(r, v), root))
		return []ir.ValueID{s.mul(rest(s.attr("norm_coefficient_post", 0)), moved), v, h}
	})
}

// momentum: V' = αV + βG, with β = 1 in the first step; X' = X - R·V', or by
// Nesterov's rule X - R·(G + αV').
func momentum(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	mode := n.Attrs.Str("mode", "")
	if mode != "standard" && mode != "nesterov" {
		return nil, fmt.Errorf("mode is %q and not standard or nesterov", mode)
	}
	return eachParameter(b, n, in, 1, func(s *descent, x, g ir.ValueID, states []ir.ValueID) []ir.ValueID {
		alpha := s.attr("alpha", 0)
		g = s.regularized(x, g)
		v := s.add(s.mul(alpha, states[0]), s.mul(s.fromSecond(s.attr("beta", 0), s.num(1)), g))
		way := v
		if mode == "nesterov" {
			way = s.add(g, s.mul(alpha, v))
		}
		return []ir.ValueID{s.sub(x, s.mul(s.rate, way)), v}
	})
}

// eachParameter applies a step to every tensor, which has that many states, and
// puts the outputs in the order of the inputs.
func eachParameter(b *ir.Builder, n *ir.Node, in []ir.ValueID, states int, step func(s *descent, x, g ir.ValueID, states []ir.ValueID) []ir.ValueID) ([]ir.ValueID, error) {
	lists, each := in[2:], 2+states
	count := len(lists) / each
	if len(lists)%each != 0 {
		return nil, fmt.Errorf("%d inputs are no whole number of tensors with their gradients and states", len(lists))
	}
	for i, v := range in {
		if v == ir.None {
			return nil, fmt.Errorf("input %d is missing", i)
		}
	}
	out := make([]ir.ValueID, (1+states)*count)
	for i := range count {
		of := make([]ir.ValueID, each)
		for k := range of {
			of[k] = lists[k*count+i]
		}
		s := &descent{Builder: b, n: n, like: of[0]}
		s.rate, s.steps = s.cast(in[0]), s.cast(in[1])
		for k, v := range step(s, of[0], of[1], of[2:]) {
			out[k*count+i] = v
		}
	}
	return out, nil
}

// A descent writes the step of one tensor, in its element type.
type descent struct {
	*ir.Builder
	n           *ir.Node
	like        ir.ValueID
	rate, steps ir.ValueID
}

func (s *descent) add(a, b ir.ValueID) ir.ValueID { return s.Op("Add", nil, a, b) }
func (s *descent) sub(a, b ir.ValueID) ir.ValueID { return s.Op("Sub", nil, a, b) }
func (s *descent) mul(a, b ir.ValueID) ir.ValueID { return s.Op("Mul", nil, a, b) }
func (s *descent) div(a, b ir.ValueID) ir.ValueID { return s.Op("Div", nil, a, b) }
func (s *descent) cast(v ir.ValueID) ir.ValueID   { return s.Op("CastLike", nil, v, s.like) }
func (s *descent) num(v float64) ir.ValueID       { return s.cast(s.Const(tensor.Scalar(v))) }
func (s *descent) attr(name string, def float64) ir.ValueID {
	return s.num(s.n.Attrs.Float(name, def))
}

// regularized adds the gradient of norm_coefficient/2·‖X‖².
func (s *descent) regularized(x, g ir.ValueID) ir.ValueID {
	return s.add(s.mul(s.attr("norm_coefficient", 0), x), g)
}

// fromSecond chooses between the first step and the later ones.
func (s *descent) fromSecond(later, first ir.ValueID) ir.ValueID {
	return s.Op("Where", nil, s.Op("Greater", nil, s.steps, s.num(0)), later, first)
}
