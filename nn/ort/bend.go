package ort

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// bends are the second derivatives, of the activations that have any, by the
// same v as slopes.
var bends = map[string]derivative{
	"Elu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.times(l.exp(v), a.Float("alpha", 1)), l.number(0))
	},
	"Selu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, gamma := selu(a)
		return l.where(l.less(v, 0), l.times(l.exp(v), alpha*gamma), l.number(0))
	},
	"Celu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha := a.Float("alpha", 1)
		return l.where(l.less(v, 0), l.times(l.exp(l.times(v, 1/alpha)), 1/alpha), l.number(0))
	},
	"Sigmoid": func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID { return l.minus(1, l.times(y, 2)) },
	"Tanh":    func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID { return l.times(y, -2) },
	"HardSwish": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		return l.where(l.insideUnit(l.plus(l.times(v, 1./6), 0.5)), l.number(1./3), l.number(0))
	},
	"Softplus": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID { return l.bell(v) },
	"Softsign": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		r := l.Op("Reciprocal", nil, l.plus(l.Op("Abs", nil, v), 1))
		return l.mul(l.where(l.less(v, 0), l.number(2), l.number(-2)), l.mul(r, l.mul(r, r)))
	},
	"Mish": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		_, ds, dds := l.mishGate(v)
		return l.add(l.times(ds, 2), l.mul(v, dds))
	},
	"Swish":     func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID { return l.swishBend(v, a.Float("alpha", 1)) },
	"QuickGelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID { return l.swishBend(v, a.Float("alpha", 1.702)) },
	"ScaledTanh": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, beta := a.Float("alpha", 1), a.Float("beta", 1)
		t := l.Op("Tanh", nil, l.times(v, beta))
		return l.times(l.mul(t, l.minus(1, l.mul(t, t))), -2*alpha*beta*beta)
	},
	"ParametricSoftplus": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, beta := a.Float("alpha", 1), a.Float("beta", 1)
		return l.times(l.bell(l.times(v, beta)), alpha*beta*beta)
	},
	"GeluErf": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		return l.mul(l.minus(2, l.mul(v, v)), l.normalDensity(v))
	},
	"GeluTanh": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		_, dt, ddt := l.geluGate(v)
		return l.add(dt, l.times(l.mul(v, ddt), 0.5))
	},
}

// bell is sigmoid(x)·sigmoid(-x).
func (l *lowering) bell(v ir.ValueID) ir.ValueID {
	return l.mul(l.sigmoid(v), l.sigmoid(l.Op("Neg", nil, v)))
}

// swishBend is αp(1-p)(2 + αx(1-2p)).
func (l *lowering) swishBend(v ir.ValueID, alpha float64) ir.ValueID {
	z := l.times(v, alpha)
	p := l.sigmoid(z)
	rest := l.plus(l.mul(z, l.minus(1, l.times(p, 2))), 2)
	return l.times(l.mul(l.mul(p, l.minus(1, p)), rest), alpha)
}

// derivativeOf returns the lowerer of the gradient of an activation, or of the
// gradient of that; nil if the operator is neither.
func derivativeOf(n *ir.Node) lowerer {
	name, first := strings.CutSuffix(n.Op, "Grad")
	if first && name == "Relu" {
		return single(lowerReluGrad)
	}
	f := slopes[name]
	if !first {
		f = bends[strings.TrimSuffix(n.Op, "Grad2")]
	}
	if f == nil {
		return nil
	}
	return single(func(l *lowering, n *ir.Node) (ir.ValueID, error) {
		return l.mul(n.Inputs[0], f(l, n.Inputs[1], n.Attrs)), nil
	})
}

// lowerReluGrad chooses instead of multiplying, so that an infinite gradient
// does not pass where nothing does.
func lowerReluGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	dy, y := n.Inputs[0], n.Inputs[1]
	return l.where(l.greater(y, 0), dy, l.number(0)), nil
}
