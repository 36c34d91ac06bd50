package kernel

import "math"

// Add sets dst[i] to a[i] + b[i].
func Add(dst, a, b []float32) { active.vec.add(dst, a[:len(dst)], b[:len(dst)]) }

// Sub sets dst[i] to a[i] - b[i].
func Sub(dst, a, b []float32) { active.vec.sub(dst, a[:len(dst)], b[:len(dst)]) }

// Mul sets dst[i] to a[i] * b[i].
func Mul(dst, a, b []float32) { active.vec.mul(dst, a[:len(dst)], b[:len(dst)]) }

// Div sets dst[i] to a[i] / b[i].
func Div(dst, a, b []float32) { active.vec.div(dst, a[:len(dst)], b[:len(dst)]) }

// Max sets dst[i] to the larger of a[i] and b[i], NaN if one of them is.
func Max(dst, a, b []float32) { active.vec.max(dst, a[:len(dst)], b[:len(dst)]) }

// Min sets dst[i] to the smaller of a[i] and b[i], NaN if one of them is.
func Min(dst, a, b []float32) { active.vec.min(dst, a[:len(dst)], b[:len(dst)]) }

// AddScalar sets dst[i] to src[i] + s.
func AddScalar(dst, src []float32, s float32) { ScaleShift(dst, src, 1, s) }

// Scale sets dst[i] to s * src[i].
func Scale(dst, src []float32, s float32) { ScaleShift(dst, src, s, negativeZero) }

// negativeZero is the number that changes nothing it is added to, not even +0.
var negativeZero = float32(math.Copysign(0, -1))

// ScaleShift sets dst[i] to a*src[i] + b.
func ScaleShift(dst, src []float32, a, b float32) { active.vec.scaleShift(dst, src[:len(dst)], a, b) }

// Axpy adds a*src[i] to dst[i].
func Axpy(dst, src []float32, a float32) { active.vec.axpy(dst, src[:len(dst)], a) }

// Relu sets dst[i] to max(src[i], 0).
func Relu(dst, src []float32) { Clip(dst, src, 0, float32(math.Inf(1))) }

// Clip sets dst[i] to min(max(src[i], lo), hi).
func Clip(dst, src []float32, lo, hi float32) { active.vec.clip(dst, src[:len(dst)], lo, hi) }

// LeakyRelu sets dst[i] to src[i] where that is not negative, else to
// alpha*src[i].
func LeakyRelu(dst, src []float32, alpha float32) { active.vec.leaky(dst, src[:len(dst)], alpha) }

// HardSigmoid sets dst[i] to min(max(alpha*src[i]+beta, 0), 1).
func HardSigmoid(dst, src []float32, alpha, beta float32) {
	active.vec.hardSigmoid(dst, src[:len(dst)], alpha, beta)
}

// HardSwish sets dst[i] to src[i]*min(max(src[i]/6+1/2, 0), 1).
func HardSwish(dst, src []float32) { active.vec.hardSwish(dst, src[:len(dst)]) }

// Exp sets dst[i] to e to the power of src[i].
func Exp(dst, src []float32) { active.vec.exp(dst, src[:len(dst)]) }

// Log sets dst[i] to the natural logarithm of src[i].
func Log(dst, src []float32) { active.vec.log(dst, src[:len(dst)]) }

// Tanh sets dst[i] to the hyperbolic tangent of src[i].
func Tanh(dst, src []float32) { active.vec.tanh(dst, src[:len(dst)]) }

// Sigmoid sets dst[i] to 1/(1+exp(-src[i])).
func Sigmoid(dst, src []float32) { active.vec.sigmoid(dst, src[:len(dst)]) }

// Erf sets dst[i] to the error function of src[i].
func Erf(dst, src []float32) { active.vec.erf(dst, src[:len(dst)]) }

// Gelu sets dst[i] to src[i] times the normal distribution function of src[i]
// (arXiv:1606.08415, section 2).
func Gelu(dst, src []float32) { active.vec.gelu(dst, src[:len(dst)]) }

// GeluTanh is [Gelu] with the tanh approximation of the same section.
func GeluTanh(dst, src []float32) { active.vec.geluTanh(dst, src[:len(dst)]) }

// Silu sets dst[i] to src[i]/(1+exp(-src[i])).
func Silu(dst, src []float32) { active.vec.silu(dst, src[:len(dst)]) }

// Sqrt sets dst[i] to the square root of src[i].
func Sqrt(dst, src []float32) { active.vec.sqrt(dst, src[:len(dst)]) }

// Abs sets dst[i] to the magnitude of src[i].
func Abs(dst, src []float32) { active.vec.abs(dst, src[:len(dst)]) }

// Reciprocal sets dst[i] to 1/src[i].
func Reciprocal(dst, src []float32) { active.vec.reciprocal(dst, src[:len(dst)]) }

// ReluGrad sets dst[i] to dy[i], or to 0 where y[i] <= 0; y may be the results of
// [Relu] or what it was applied to.
func ReluGrad(dst, dy, y []float32) { active.vec.reluGrad(dst, dy[:len(dst)], y[:len(dst)]) }

// SigmoidGrad sets dst[i] to dy[i]*y[i]*(1-y[i]), y being the results of [Sigmoid].
func SigmoidGrad(dst, dy, y []float32) { active.vec.sigmoidGrad(dst, dy[:len(dst)], y[:len(dst)]) }

// TanhGrad sets dst[i] to dy[i]*(1-y[i]*y[i]), y being the results of [Tanh].
func TanhGrad(dst, dy, y []float32) { active.vec.tanhGrad(dst, dy[:len(dst)], y[:len(dst)]) }

// KeepEqual sets dst[i] to src[i], or to 0 where a[i] and b[i] differ or one of
// them is NaN.
func KeepEqual(dst, src, a, b []float32) {
	active.vec.keepEqual(dst, src[:len(dst)], a[:len(dst)], b[:len(dst)])
}

// GeluGrad sets dst[i] to dy[i] times the slope of [Gelu] at x[i].
func GeluGrad(dst, dy, x []float32) { active.vec.geluGrad(dst, dy[:len(dst)], x[:len(dst)]) }

// GeluTanhGrad sets dst[i] to dy[i] times the slope of [GeluTanh] at x[i].
func GeluTanhGrad(dst, dy, x []float32) { active.vec.geluTanhGrad(dst, dy[:len(dst)], x[:len(dst)]) }
