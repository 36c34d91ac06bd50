package kernel

// NEON has no masks: its kernels do whole vectors, tiles and squares. The
// functions here complete them with the portable ones.

// lanes is how many numbers a vector has.
const lanes = 4

// whole returns n rounded down to whole vectors.
func whole(n int) int { return n &^ (lanes - 1) }

// wholeTiles completes tiles by way of scratch memory.
func wholeTiles(width int, multiply []multiplyFunc) []multiplyFunc {
	complete := make([]multiplyFunc, len(multiply))
	for rows, m := range multiply {
		complete[rows] = func(a, b []float32, off []int, c []float32, stride, cols int, alpha float32, add bool) {
			if cols == width {
				m(a, b, off, c, stride, cols, alpha, add)
				return
			}
			s := borrow(rows * width)
			defer s.giveBack()
			m(a, b, off, s.f, width, width, alpha, false)
			for r := range rows {
				to, from := c[r*stride:][:cols], s.f[r*width:]
				if add {
					portableVector.add(to, to, from)
				} else {
					copy(to, from)
				}
			}
		}
	}
	return complete
}

// wholeVectors completes loops over slices.
func wholeVectors(v vectorKernels) vectorKernels {
	p := &portableVector
	for _, f := range []struct{ whole, rest *func(dst, a, b []float32) }{
		{&v.add, &p.add}, {&v.sub, &p.sub}, {&v.mul, &p.mul}, {&v.div, &p.div}, {&v.max, &p.max}, {&v.min, &p.min},
		{&v.reluGrad, &p.reluGrad}, {&v.sigmoidGrad, &p.sigmoidGrad}, {&v.tanhGrad, &p.tanhGrad},
		{&v.geluGrad, &p.geluGrad}, {&v.geluTanhGrad, &p.geluTanhGrad},
	} {
		w, r := *f.whole, *f.rest
		*f.whole = func(dst, a, b []float32) {
			n := whole(len(dst))
			w(dst[:n], a, b)
			r(dst[n:], a[n:], b[n:])
		}
	}
	for _, f := range []struct{ whole, rest *func(dst, src []float32) }{
		{&v.exp, &p.exp}, {&v.log, &p.log}, {&v.tanh, &p.tanh}, {&v.sigmoid, &p.sigmoid}, {&v.erf, &p.erf}, {&v.gelu, &p.gelu},
		{&v.geluTanh, &p.geluTanh}, {&v.silu, &p.silu}, {&v.sqrt, &p.sqrt}, {&v.hardSwish, &p.hardSwish},
		{&v.abs, &p.abs}, {&v.reciprocal, &p.reciprocal},
	} {
		w, r := *f.whole, *f.rest
		*f.whole = func(dst, src []float32) {
			n := whole(len(dst))
			w(dst[:n], src)
			r(dst[n:], src[n:])
		}
	}
	for _, f := range []struct {
		whole, rest *func(dst, src, a, b []float32)
	}{
		{&v.keepEqual, &p.keepEqual}, {&v.pickLargest, &p.pickLargest}, {&v.passLargest, &p.passLargest},
	} {
		w, r := *f.whole, *f.rest
		*f.whole = func(dst, src, a, b []float32) {
			n := whole(len(dst))
			w(dst[:n], src, a, b)
			r(dst[n:], src[n:], a[n:], b[n:])
		}
	}
	wholeParameters(&v, p)
	wholeReductions(&v, p)
	wholeFinishes(&v, p)
	return v
}

// wholeParameters completes the loops that take numbers besides.
func wholeParameters(v, p *vectorKernels) {
	for _, f := range []struct {
		whole, rest *func(dst, src []float32, a float32)
	}{{&v.axpy, &p.axpy}, {&v.leaky, &p.leaky}} {
		w, r := *f.whole, *f.rest
		*f.whole = func(dst, src []float32, a float32) {
			n := whole(len(dst))
			w(dst[:n], src, a)
			r(dst[n:], src[n:], a)
		}
	}
	for _, f := range []struct {
		whole, rest *func(dst, src []float32, a, b float32)
	}{{&v.scaleShift, &p.scaleShift}, {&v.clip, &p.clip}, {&v.hardSigmoid, &p.hardSigmoid}} {
		w, r := *f.whole, *f.rest
		*f.whole = func(dst, src []float32, a, b float32) {
			n := whole(len(dst))
			w(dst[:n], src, a, b)
			r(dst[n:], src[n:], a, b)
		}
	}
}

// wholeReductions completes sums and maxima.
func wholeReductions(v, p *vectorKernels) {
	both := func(combine func(a, b float32) float32, w, r func([]float32) float32) func([]float32) float32 {
		return func(src []float32) float32 {
			n := whole(len(src))
			return combine(w(src[:n]), r(src[n:]))
		}
	}
	plus := func(a, b float32) float32 { return a + b }
	v.sum, v.sumSquares = both(plus, v.sum, p.sum), both(plus, v.sumSquares, p.sumSquares)
	v.maxOf = both(func(a, b float32) float32 { return max(a, b) }, v.maxOf, p.maxOf)
	v.minOf = both(func(a, b float32) float32 { return min(a, b) }, v.minOf, p.minOf)
	diff, dot, expSum := v.sumSquaredDiff, v.dot, v.expSum
	v.sumSquaredDiff = func(src []float32, center float32) float32 {
		n := whole(len(src))
		return diff(src[:n], center) + p.sumSquaredDiff(src[n:], center)
	}
	v.dot = func(a, b []float32) float32 {
		n := whole(len(a))
		return dot(a[:n], b) + p.dot(a[n:], b[n:])
	}
	v.expSum = func(dst, src []float32, shift float32) float32 {
		n := whole(len(dst))
		return expSum(dst[:n], src, shift) + p.expSum(dst[n:], src[n:], shift)
	}
}

// wholeFinishes completes the stores of rows.
func wholeFinishes(v, p *vectorKernels) {
	normalize, finish, residual, columns, both := v.normalize, v.finish, v.finishResidual, v.finishColumns, v.finishBoth
	v.normalize = func(dst, src, gamma, beta []float32, mean, inv float32) {
		n := whole(len(dst))
		normalize(dst[:n], src, gamma, beta, mean, inv)
		p.normalize(dst[n:], src[n:], gamma[n:], beta[n:], mean, inv)
	}
	v.finish = func(dst, src []float32, bias, lo, hi float32) {
		n := whole(len(dst))
		finish(dst[:n], src, bias, lo, hi)
		p.finish(dst[n:], src[n:], bias, lo, hi)
	}
	v.finishResidual = func(dst, src, other []float32, bias, lo, hi float32) {
		n := whole(len(dst))
		residual(dst[:n], src, other, bias, lo, hi)
		p.finishResidual(dst[n:], src[n:], other[n:], bias, lo, hi)
	}
	v.finishColumns = func(dst, src, other []float32, bias, lo, hi float32) {
		n := whole(len(dst))
		columns(dst[:n], src, other, bias, lo, hi)
		p.finishColumns(dst[n:], src[n:], other[n:], bias, lo, hi)
	}
	v.finishBoth = func(dst, src, other, column []float32, bias, lo, hi float32) {
		n := whole(len(dst))
		both(dst[:n], src, other, column, bias, lo, hi)
		p.finishBoth(dst[n:], src[n:], other[n:], column[n:], bias, lo, hi)
	}
}

// wholeSquares completes transposes.
func wholeSquares(m moveKernels) moveKernels {
	transpose := m.transpose
	m.transpose = func(dst []float32, stride int, src []float32, off []int, rows, n int) {
		done := 0
		if rows == lanes && n >= lanes {
			done = whole(n)
			transpose(dst, stride, src, off, rows, done)
		}
		if done < n {
			portableMoves.transpose(dst[done*stride:], stride, src[done:], off, rows, n-done)
		}
	}
	return m
}

// wholeRows completes the last columns of rows.
func wholeRows(k rowKernels) rowKernels {
	return rowKernels{
		weight: func(dst, src []float32, dstStride, srcStride, count, cols int, w []float32, off []int, bias, lo, hi float32, add bool) {
			n := whole(cols)
			k.weight(dst, src, dstStride, srcStride, count, n, w, off, bias, lo, hi, add)
			if n < cols && count > 0 {
				portableRows.weight(dst[n:], src[n:], dstStride, srcStride, count, cols-n, w, off, bias, lo, hi, add)
			}
		},
		dot: func(a, b []float32, aStride, bStride, count, cols int) float32 {
			n := whole(cols)
			s := k.dot(a, b, aStride, bStride, count, n)
			if n < cols && count > 0 {
				s += portableRows.dot(a[n:], b[n:], aStride, bStride, count, cols-n)
			}
			return s
		},
	}
}
