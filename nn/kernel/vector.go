package kernel

// vectorKernels are the loops over slices that each path has its own version of.
// All slices of one call have the same length, except that dst may be any of
// the sources.
type vectorKernels struct {
	add, sub, mul, div, max, min    func(dst, a, b []float32)
	reluGrad, sigmoidGrad, tanhGrad func(dst, dy, y []float32)
	keepEqual                       func(dst, src, a, b []float32) // dst = a == b ? src : 0
	geluGrad, geluTanhGrad          func(dst, dy, x []float32)
	// dst = src where x is the largest number or NaN, else 0; or the other way round
	pickLargest, passLargest                    func(dst, src, x, largest []float32)
	scaleShift                                  func(dst, src []float32, a, b float32)
	axpy                                        func(dst, src []float32, a float32)
	clip                                        func(dst, src []float32, lo, hi float32)
	leaky                                       func(dst, src []float32, alpha float32)
	hardSigmoid                                 func(dst, src []float32, alpha, beta float32)
	hardSwish                                   func(dst, src []float32)
	exp, log, tanh, sigmoid, erf                func(dst, src []float32)
	abs, reciprocal, gelu, geluTanh, silu, sqrt func(dst, src []float32)
	expSum                                      func(dst, src []float32, shift float32) float32 // dst = exp(src-shift), and its sum
	sum, sumSquares, maxOf, minOf               func(src []float32) float32
	sumSquaredDiff                              func(src []float32, center float32) float32
	dot                                         func(a, b []float32) float32
	// dst = (src-mean)*inv*gamma + beta
	normalize func(dst, src, gamma, beta []float32, mean, inv float32)
	// dst = clip(src + bias + the others)
	finish                        func(dst, src []float32, bias, lo, hi float32)
	finishResidual, finishColumns func(dst, src, other []float32, bias, lo, hi float32)
	finishBoth                    func(dst, src, residual, column []float32, bias, lo, hi float32)
}
