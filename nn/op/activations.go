package op

import "math"

// activations are those of ONNX. Where a function has a corner, its slope
// there is the one on the side of zero.
var activations = []activation{
	{
		name: "Relu", ofOutput: true,
		f:     func(x float64, _ []float64) float64 { return choose(x < 0, 0, x) },
		slope: func(y float64, _ []float64) float64 { return choose(y > 0, 1, 0) },
	},
	{
		name: "LeakyRelu", knobs: []knob{{"alpha", 0.01}},
		f:     func(x float64, k []float64) float64 { return choose(x < 0, k[0]*x, x) },
		slope: func(x float64, k []float64) float64 { return choose(x < 0, k[0], 1) },
	},
	{
		name: "ThresholdedRelu", knobs: []knob{{"alpha", 1}},
		f:     func(x float64, k []float64) float64 { return choose(x <= k[0], 0, x) },
		slope: func(x float64, k []float64) float64 { return choose(x > k[0], 1, 0) },
	},
	{
		name: "Elu", knobs: []knob{{"alpha", 1}},
		f:     func(x float64, k []float64) float64 { return choose(x < 0, k[0]*math.Expm1(x), x) },
		slope: func(x float64, k []float64) float64 { return choose(x < 0, k[0]*math.Exp(x), 1) },
		bend:  func(x float64, k []float64) float64 { return choose(x < 0, k[0]*math.Exp(x), 0) },
	},
	{
		// arXiv 1706.02515
		name: "Selu", knobs: []knob{{"alpha", 1.67326319217681884765625}, {"gamma", 1.05070102214813232421875}},
		f:     func(x float64, k []float64) float64 { return k[1] * choose(x < 0, k[0]*math.Expm1(x), x) },
		slope: func(x float64, k []float64) float64 { return k[1] * choose(x < 0, k[0]*math.Exp(x), 1) },
		bend:  func(x float64, k []float64) float64 { return choose(x < 0, k[1]*k[0]*math.Exp(x), 0) },
	},
	{
		// arXiv 1704.07483
		name: "Celu", knobs: []knob{{"alpha", 1}},
		f:     func(x float64, k []float64) float64 { return choose(x < 0, k[0]*math.Expm1(x/k[0]), x) },
		slope: func(x float64, k []float64) float64 { return choose(x < 0, math.Exp(x/k[0]), 1) },
		bend:  func(x float64, k []float64) float64 { return choose(x < 0, math.Exp(x/k[0])/k[0], 0) },
	},
	{
		name: "Sigmoid", ofOutput: true,
		f:     func(x float64, _ []float64) float64 { return logistic(x) },
		slope: func(y float64, _ []float64) float64 { return y * (1 - y) },
		bend:  func(y float64, _ []float64) float64 { return 1 - 2*y },
	},
	{
		name: "Tanh", ofOutput: true,
		f:     func(x float64, _ []float64) float64 { return math.Tanh(x) },
		slope: func(y float64, _ []float64) float64 { return 1 - y*y },
		bend:  func(y float64, _ []float64) float64 { return -2 * y },
	},
	{
		name: "HardSigmoid", knobs: []knob{{"alpha", 0.2}, {"beta", 0.5}},
		f:     func(x float64, k []float64) float64 { return min(max(k[0]*x+k[1], 0), 1) },
		slope: func(x float64, k []float64) float64 { return choose(inUnit(k[0]*x+k[1]), k[0], 0) },
	},
	{
		// arXiv 1905.02244
		name:  "HardSwish",
		f:     func(x float64, _ []float64) float64 { return x * min(max(x/6+0.5, 0), 1) },
		slope: func(x float64, _ []float64) float64 { return choose(inUnit(x/6+0.5), x/3+0.5, choose(x > 0, 1, 0)) },
		bend:  func(x float64, _ []float64) float64 { return choose(inUnit(x/6+0.5), 1./3, 0) },
	},
	{
		name:  "Softplus",
		f:     func(x float64, _ []float64) float64 { return softplus(x) },
		slope: func(x float64, _ []float64) float64 { return logistic(x) },
		bend:  func(x float64, _ []float64) float64 { return logistic(x) * logistic(-x) },
	},
	{
		name:  "Softsign",
		f:     func(x float64, _ []float64) float64 { return x / (1 + math.Abs(x)) },
		slope: func(x float64, _ []float64) float64 { return math.Pow(1+math.Abs(x), -2) },
		bend:  func(x float64, _ []float64) float64 { return math.Copysign(2*math.Pow(1+math.Abs(x), -3), -x) },
	},
	{
		// x·tanh(softplus(x)), arXiv 1908.08681
		name:  "Mish",
		f:     func(x float64, _ []float64) float64 { return x * math.Tanh(softplus(x)) },
		slope: func(x float64, _ []float64) float64 { s, ds, _ := mishGate(x); return s + x*ds },
		bend:  func(x float64, _ []float64) float64 { _, ds, dds := mishGate(x); return 2*ds + x*dds },
	},
	{
		// x·sigmoid(alpha·x), arXiv 1710.05941
		name: "Swish", knobs: []knob{{"alpha", 1}},
		f: swish, slope: swishSlope, bend: swishBend,
	},
	{
		name: "QuickGelu", domain: "com.microsoft", knobs: []knob{{"alpha", 1.702}},
		f: swish, slope: swishSlope, bend: swishBend,
	},
	{
		name: "Affine", knobs: []knob{{"alpha", 1}, {"beta", 0}},
		f:     func(x float64, k []float64) float64 { return k[0]*x + k[1] },
		slope: func(_ float64, k []float64) float64 { return k[0] },
	},
	{
		name: "ScaledTanh", knobs: []knob{{"alpha", 1}, {"beta", 1}},
		f:     func(x float64, k []float64) float64 { return k[0] * math.Tanh(k[1]*x) },
		slope: func(x float64, k []float64) float64 { t := math.Tanh(k[1] * x); return k[0] * k[1] * (1 - t*t) },
		bend: func(x float64, k []float64) float64 {
			t := math.Tanh(k[1] * x)
			return -2 * k[0] * k[1] * k[1] * t * (1 - t*t)
		},
	},
	{
		name: "ParametricSoftplus", knobs: []knob{{"alpha", 1}, {"beta", 1}},
		f:     func(x float64, k []float64) float64 { return k[0] * softplus(k[1]*x) },
		slope: func(x float64, k []float64) float64 { return k[0] * k[1] * logistic(k[1]*x) },
		bend:  func(x float64, k []float64) float64 { return k[0] * k[1] * k[1] * logistic(k[1]*x) * logistic(-k[1]*x) },
	},
	{
		name: "Shrink", knobs: []knob{{"lambd", 0.5}, {"bias", 0}},
		f:     shrink,
		slope: func(x float64, k []float64) float64 { return choose(math.Abs(x) > k[0], 1, 0) },
	},
}

// choose returns a if the condition holds, else b; x is NaN where neither
// x < 0 nor x > 0, and functions above then return x.
func choose(cond bool, a, b float64) float64 {
	if cond {
		return a
	}
	return b
}

func inUnit(x float64) bool { return x > 0 && x < 1 }

func shrink(x float64, k []float64) float64 {
	switch {
	case x < -k[0]:
		return x + k[1]
	case x > k[0]:
		return x - k[1]
	}
	return 0
}

// mishGate returns tanh(softplus(x)) and its first two derivatives.
func mishGate(x float64) (s, ds, dds float64) {
	p := logistic(x)
	s = math.Tanh(softplus(x))
	ds = (1 - s*s) * p
	dds = -2*s*ds*p + (1-s*s)*p*(1-p)
	return s, ds, dds
}

func swish(x float64, k []float64) float64 { return x * logistic(k[0]*x) }

func swishSlope(x float64, k []float64) float64 {
	p := logistic(k[0] * x)
	return p + k[0]*x*p*(1-p)
}

func swishBend(x float64, k []float64) float64 {
	p := logistic(k[0] * x)
	return k[0] * p * (1 - p) * (2 + k[0]*x*(1-2*p))
}
