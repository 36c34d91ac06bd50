package ort

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A derivative writes that of an activation at v, which is the activation's
// input or, for Relu, Sigmoid and Tanh, its output. The attributes are the
// activation's.
type derivative func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID

// slopes are the first derivatives, by activation, after nn/op/activations.go.
var slopes = map[string]derivative{
	"Affine": func(l *lowering, _ ir.ValueID, a ir.Attrs) ir.ValueID { return l.number(a.Float("alpha", 1)) },
	"Relu":   func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID { return l.step(l.greater(y, 0)) },
	"LeakyRelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.number(a.Float("alpha", 0.01)), l.number(1))
	},
	"ThresholdedRelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.step(l.greater(v, a.Float("alpha", 1)))
	},
	"Elu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.times(l.exp(v), a.Float("alpha", 1)), l.number(1))
	},
	"Selu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, gamma := selu(a)
		return l.where(l.less(v, 0), l.times(l.exp(v), alpha*gamma), l.number(gamma))
	},
	"Celu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.where(l.less(v, 0), l.exp(l.times(v, 1/a.Float("alpha", 1))), l.number(1))
	},
	"Sigmoid": func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID { return l.mul(y, l.minus(1, y)) },
	"Tanh":    func(l *lowering, y ir.ValueID, _ ir.Attrs) ir.ValueID { return l.minus(1, l.mul(y, y)) },
	"HardSigmoid": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha := a.Float("alpha", 0.2)
		return l.where(l.insideUnit(l.plus(l.times(v, alpha), a.Float("beta", 0.5))), l.number(alpha), l.number(0))
	},
	"HardSwish": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		inside := l.insideUnit(l.plus(l.times(v, 1./6), 0.5))
		return l.where(inside, l.plus(l.times(v, 1./3), 0.5), l.step(l.greater(v, 0)))
	},
	"Softplus": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID { return l.sigmoid(v) },
	"Softsign": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		r := l.Op("Reciprocal", nil, l.plus(l.Op("Abs", nil, v), 1))
		return l.mul(r, r)
	},
	"Mish": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		s, ds, _ := l.mishGate(v)
		return l.add(s, l.mul(v, ds))
	},
	"Swish": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID { return l.swishSlope(v, a.Float("alpha", 1)) },
	"QuickGelu": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.swishSlope(v, a.Float("alpha", 1.702))
	},
	"ScaledTanh": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, beta := a.Float("alpha", 1), a.Float("beta", 1)
		t := l.Op("Tanh", nil, l.times(v, beta))
		return l.times(l.minus(1, l.mul(t, t)), alpha*beta)
	},
	"ParametricSoftplus": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		alpha, beta := a.Float("alpha", 1), a.Float("beta", 1)
		return l.times(l.sigmoid(l.times(v, beta)), alpha*beta)
	},
	"Shrink": func(l *lowering, v ir.ValueID, a ir.Attrs) ir.ValueID {
		return l.step(l.greater(l.Op("Abs", nil, v), a.Float("lambd", 0.5)))
	},
	"GeluErf": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		cdf := l.plus(l.times(l.Op("Erf", nil, l.times(v, math.Sqrt2/2)), 0.5), 0.5)
		return l.add(cdf, l.mul(v, l.normalDensity(v)))
	},
	"GeluTanh": func(l *lowering, v ir.ValueID, _ ir.Attrs) ir.ValueID {
		t, dt, _ := l.geluGate(v)
		return l.times(l.add(l.plus(t, 1), l.mul(v, dt)), 0.5)
	},
}

func selu(a ir.Attrs) (alpha, gamma float64) {
	return a.Float("alpha", 1.67326319217681884765625), a.Float("gamma", 1.05070102214813232421875)
}

func (l *lowering) exp(v ir.ValueID) ir.ValueID     { return l.Op("Exp", nil, v) }
func (l *lowering) sigmoid(v ir.ValueID) ir.ValueID { return l.Op("Sigmoid", nil, v) }

// insideUnit tells where a value lies strictly between 0 and 1.
func (l *lowering) insideUnit(v ir.ValueID) ir.ValueID {
	return l.Op("And", nil, l.greater(v, 0), l.less(v, 1))
}

// swishSlope is that of x·sigmoid(αx): p + αx p(1-p).
func (l *lowering) swishSlope(v ir.ValueID, alpha float64) ir.ValueID {
	z := l.times(v, alpha)
	p := l.sigmoid(z)
	return l.add(p, l.mul(l.mul(z, p), l.minus(1, p)))
}

// mishGate is s = tanh(softplus(x)) and its first two derivatives.
func (l *lowering) mishGate(v ir.ValueID) (s, ds, dds ir.ValueID) {
	p := l.sigmoid(v)
	s = l.Op("Tanh", nil, l.Op("Softplus", nil, v))
	rest := l.minus(1, l.mul(s, s))
	ds = l.mul(rest, p)
	dds = l.sub(l.mul(ds, l.minus(1, p)), l.times(l.mul(l.mul(s, ds), p), 2))
	return s, ds, dds
}

// normalDensity is exp(-x²/2)/√2π.
func (l *lowering) normalDensity(v ir.ValueID) ir.ValueID {
	return l.times(l.exp(l.times(l.mul(v, v), -0.5)), 1/math.Sqrt(2*math.Pi))
}

// geluGate is t = tanh(√(2/π)(x + 0.044715x³)) and its first two derivatives.
func (l *lowering) geluGate(v ir.ValueID) (t, dt, ddt ir.ValueID) {
	const cube = 0.044715
	c := math.Sqrt(2 / math.Pi)
	square := l.mul(v, v)
	t = l.Op("Tanh", nil, l.mul(v, l.plus(l.times(square, c*cube), c)))
	du := l.plus(l.times(square, 3*c*cube), c)
	rest := l.minus(1, l.mul(t, t))
	dt = l.mul(rest, du)
	ddt = l.sub(l.mul(rest, l.times(v, 6*c*cube)), l.times(l.mul(l.mul(t, dt), du), 2))
	return t, dt, ddt
}
