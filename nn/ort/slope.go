package ort

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A slope writes the derivative of an activation at v, which is its input or,
// for Relu, Sigmoid and Tanh, its output. The attributes are the activation's.
type slope func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID

// slopes are by activation, after nn/op/activations.go.
var slopes = map[string]slope{
	"Affine": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID { return l.number(a.Float("alpha", 1), v) },
	"LeakyRelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.number(a.Float("alpha", 0.01), v), l.number(1, v))
	},
	"ThresholdedRelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.step(l.greater(v, a.Float("alpha", 1)), v)
	},
	"Elu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.times(l.Op("Exp", nil, v), a.Float("alpha", 1), v), l.number(1, v))
	},
	"Selu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, gamma := a.Float("alpha", 1.67326319217681884765625), a.Float("gamma", 1.05070102214813232421875)
		return l.where(l.less(v, 0), l.times(l.Op("Exp", nil, v), alpha*gamma, v), l.number(gamma, v))
	},
	"Celu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.Op("Exp", nil, l.times(v, 1/a.Float("alpha", 1), v)), l.number(1, v))
	},
	"Sigmoid": func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID {
		return l.Op("Mul", nil, y, l.minus(1, y, y))
	},
	"Tanh": func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID {
		return l.minus(1, l.Op("Mul", nil, y, y), y)
	},
	"HardSigmoid": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha := a.Float("alpha", 0.2)
		inside := l.insideUnit(l.plus(l.times(v, alpha, v), a.Float("beta", 0.5), v), v)
		return l.where(inside, l.number(alpha, v), l.number(0, v))
	},
	"HardSwish": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		inside := l.insideUnit(l.plus(l.times(v, 1./6, v), 0.5, v), v)
		return l.where(inside, l.plus(l.times(v, 1./3, v), 0.5, v), l.step(l.greater(v, 0), v))
	},
	"Softplus": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID { return l.Op("Sigmoid", nil, v) },
	"Softsign": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		r := l.Op("Reciprocal", nil, l.plus(l.Op("Abs", nil, v), 1, v))
		return l.Op("Mul", nil, r, r)
	},
	"Mish": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		// with s = tanh(softplus(x)): s + x (1-s²) sigmoid(x)
		s := l.Op("Tanh", nil, l.Op("Softplus", nil, v))
		rest := l.Op("Mul", nil, l.minus(1, l.Op("Mul", nil, s, s), v), l.Op("Sigmoid", nil, v))
		return l.Op("Add", nil, s, l.Op("Mul", nil, v, rest))
	},
	"Swish":     func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID { return l.swish(v, a.Float("alpha", 1)) },
	"QuickGelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID { return l.swish(v, a.Float("alpha", 1.702)) },
	"Shrink": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.step(l.greater(l.Op("Abs", nil, v), a.Float("lambd", 0.5)), v)
	},
}

// slopeOf returns the lowerer of the gradient of an activation, which is dy
// times the slope; nil if the operator is none.
func slopeOf(n *ir.Node) lowerer {
	name, ok := strings.CutSuffix(n.Op, "Grad")
	if name == "Relu" && ok {
		return lowerReluGrad
	}
	f := slopes[name]
	if !ok || f == nil {
		return nil
	}
	return func(l *lowering, n *ir.Node) (ir.ValueID, error) {
		return l.Op("Mul", nil, n.Inputs[0], f(l, n.Inputs[1], n.Attrs)), nil
	}
}

// lowerReluGrad chooses instead of multiplying, so that an infinite gradient
// does not pass where nothing does.
func lowerReluGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, y := n.Inputs[0], n.Inputs[1]
	return l.where(l.greater(y, 0), dy, l.number(0, dy)), nil
}

// swish is the slope of x·sigmoid(αx): p + αx p(1-p).
func (l *lowering) swish(v ir.ValueID, alpha float64) ir.ValueID {
	z := l.times(v, alpha, v)
	p := l.Op("Sigmoid", nil, z)
	bend := l.Op("Mul", nil, l.Op("Mul", nil, z, p), l.minus(1, p, v))
	return l.Op("Add", nil, p, bend)
}

// The following write arithmetic with numbers of the element type of like, or
// of v where there is no like.

func (l *lowering) where(cond, a, b ir.ValueID) ir.ValueID { return l.Op("Where", nil, cond, a, b) }

func (l *lowering) less(v ir.ValueID, x float64) ir.ValueID {
	return l.Op("Less", nil, v, l.number(x, v))
}

func (l *lowering) greater(v ir.ValueID, x float64) ir.ValueID {
	return l.Op("Greater", nil, v, l.number(x, v))
}

// step is 1 where a condition holds, else 0.
func (l *lowering) step(cond, like ir.ValueID) ir.ValueID {
	return l.where(cond, l.number(1, like), l.number(0, like))
}

func (l *lowering) times(v ir.ValueID, x float64, like ir.ValueID) ir.ValueID {
	return l.Op("Mul", nil, v, l.number(x, like))
}

func (l *lowering) plus(v ir.ValueID, x float64, like ir.ValueID) ir.ValueID {
	return l.Op("Add", nil, v, l.number(x, like))
}

func (l *lowering) minus(x float64, v, like ir.ValueID) ir.ValueID {
	return l.Op("Sub", nil, l.number(x, like), v)
}

// insideUnit tells where a value lies strictly between 0 and 1.
func (l *lowering) insideUnit(v, like ir.ValueID) ir.ValueID {
	above := l.Op("Greater", nil, v, l.number(0, like))
	return l.Op("And", nil, above, l.Op("Less", nil, v, l.number(1, like)))
}
