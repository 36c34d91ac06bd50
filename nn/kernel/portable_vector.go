package kernel

import "math"

// portableVector holds the loops in plain Go.
var portableVector = vectorKernels{
	add: func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = a[i] + b[i]
		}
	},
	sub: func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = a[i] - b[i]
		}
	},
	mul: func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = a[i] * b[i]
		}
	},
	div: func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = a[i] / b[i]
		}
	},
	max: func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = max(a[i], b[i])
		}
	},
	min: func(dst, a, b []float32) {
		for i := range dst {
			dst[i] = min(a[i], b[i])
		}
	},
	reluGrad: func(dst, dy, y []float32) {
		for i := range dst {
			if y[i] <= 0 {
				dst[i] = 0
			} else {
				dst[i] = dy[i]
			}
		}
	},
	keepEqual: func(dst, src, a, b []float32) {
		for i := range dst {
			if a[i] == b[i] {
				dst[i] = src[i]
			} else {
				dst[i] = 0
			}
		}
	},
	pickLargest: func(dst, src, x, largest []float32) {
		for i, v := range x {
			if v == largest[i] || v != v {
				dst[i] = src[i]
			} else {
				dst[i] = 0
			}
		}
	},
	passLargest: func(dst, src, x, largest []float32) {
		for i, v := range x {
			if v == largest[i] || v != v {
				dst[i] = 0
			} else {
				dst[i] = src[i]
			}
		}
	},
	sigmoidGrad: func(dst, dy, y []float32) {
		for i := range dst {
			dst[i] = dy[i] * y[i] * (1 - y[i])
		}
	},
	tanhGrad: func(dst, dy, y []float32) {
		for i := range dst {
			dst[i] = dy[i] * (1 - y[i]*y[i])
		}
	},
	geluGrad:     eachSlope(geluSlope),
	geluTanhGrad: eachSlope(geluTanhSlope),
	scaleShift: func(dst, src []float32, a, b float32) {
		for i, x := range src {
			dst[i] = a*x + b
		}
	},
	axpy: func(dst, src []float32, a float32) {
		for i, x := range src {
			dst[i] += a * x
		}
	},
	clip: func(dst, src []float32, lo, hi float32) {
		for i, x := range src {
			dst[i] = min(max(x, lo), hi)
		}
	},
	leaky: func(dst, src []float32, alpha float32) {
		for i, x := range src {
			if x < 0 {
				x *= alpha
			}
			dst[i] = x
		}
	},
	hardSigmoid: func(dst, src []float32, alpha, beta float32) {
		for i, x := range src {
			dst[i] = min(max(alpha*x+beta, 0), 1)
		}
	},
	hardSwish: func(dst, src []float32) {
		for i, x := range src {
			dst[i] = x * min(max(x/6+0.5, 0), 1)
		}
	},
	exp:        each(math.Exp),
	log:        each(math.Log),
	tanh:       each(math.Tanh),
	sigmoid:    each(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
	erf:        each(math.Erf),
	gelu:       each(gelu),
	geluTanh:   each(geluTanh),
	silu:       each(func(x float64) float64 { return x / (1 + math.Exp(-x)) }),
	sqrt:       each(math.Sqrt),
	abs:        each(math.Abs),
	reciprocal: each(func(x float64) float64 { return 1 / x }),
	expSum:     portableExpSum,
	normalize:  portableNormalize,
	finish:     portableFinish, finishResidual: portableFinishOne, finishColumns: portableFinishOne, finishBoth: portableFinishBoth,
	sum:        func(src []float32) float32 { return pairwise(src, func(x float32) float32 { return x }) },
	sumSquares: func(src []float32) float32 { return pairwise(src, func(x float32) float32 { return x * x }) },
	maxOf:      portableMax,
	minOf:      portableMin,
	dot:        portableDot,
	sumSquaredDiff: func(src []float32, center float32) float32 {
		return pairwise(src, func(x float32) float32 { return (x - center) * (x - center) })
	},
}

// each applies f, computed in float64, to a slice.
func each(f func(float64) float64) func(dst, src []float32) {
	return func(dst, src []float32) {
		for i, x := range src {
			dst[i] = float32(f(float64(x)))
		}
	}
}

// eachSlope multiplies dy by f, computed in float64.
func eachSlope(f func(float64) float64) func(dst, dy, x []float32) {
	return func(dst, dy, x []float32) {
		for i := range dst {
			dst[i] = float32(float64(dy[i]) * f(float64(x[i])))
		}
	}
}

// geluSlope is Phi(x) + x*phi(x), which is 0 or 1 long before it is Inf*0.
func geluSlope(x float64) float64 {
	x = max(-50, min(50, x))
	return math.Erfc(-x*math.Sqrt2/2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

// geluTanhSlope is the derivative of geluTanh.
func geluTanhSlope(x float64) float64 {
	x = max(-50, min(50, x))
	k := 2 * math.Sqrt(2/math.Pi)
	s := 1 / (1 + math.Exp(-k*(x+0.044715*x*x*x)))
	return s * (1 + x*(1-s)*k*(1+3*0.044715*x*x))
}

// gelu is x*Phi(x); |x|*Phi(-|x|) vanishes long before it is Inf*0.
func gelu(x float64) float64 {
	a := min(math.Abs(x), 50)
	return max(x, 0) - a/2*math.Erfc(a*math.Sqrt2/2)
}

// geluTanh is the approximation of arXiv:1606.08415, section 2.
func geluTanh(x float64) float64 {
	return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func portableExpSum(dst, src []float32, shift float32) float32 {
	for i, x := range src {
		dst[i] = float32(math.Exp(float64(x - shift)))
	}
	return pairwise(dst, func(x float32) float32 { return x })
}

// pairwise adds up f of each number; halving keeps the rounding error small.
func pairwise(src []float32, f func(float32) float32) float32 {
	if len(src) > 64 {
		half := len(src) / 2
		return pairwise(src[:half], f) + pairwise(src[half:], f)
	}
	var s float32
	for _, x := range src {
		s += f(x)
	}
	return s
}

func portableDot(a, b []float32) float32 {
	if len(a) > 64 {
		half := len(a) / 2
		return portableDot(a[:half], b[:half]) + portableDot(a[half:], b[half:])
	}
	var s float32
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

func portableMax(src []float32) float32 {
	m := float32(math.Inf(-1))
	for _, x := range src {
		m = max(m, x)
	}
	return m
}

func portableMin(src []float32) float32 {
	m := float32(math.Inf(1))
	for _, x := range src {
		m = min(m, x)
	}
	return m
}

func portableNormalize(dst, src, gamma, beta []float32, mean, inv float32) {
	for i, x := range src {
		dst[i] = (x-mean)*inv*gamma[i] + beta[i]
	}
}

func portableFinish(dst, src []float32, bias, lo, hi float32) {
	for i, x := range src {
		dst[i] = min(max(x+bias, lo), hi)
	}
}

func portableFinishOne(dst, src, other []float32, bias, lo, hi float32) {
	for i, x := range src {
		dst[i] = min(max(x+bias+other[i], lo), hi)
	}
}

func portableFinishBoth(dst, src, residual, column []float32, bias, lo, hi float32) {
	for i, x := range src {
		dst[i] = min(max(x+bias+residual[i]+column[i], lo), hi)
	}
}
