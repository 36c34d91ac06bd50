package main

import "math"

// The coefficients below are Chebyshev fits of the function that stands in the
// comment, highest power first, rounded to float32.

// exp is 2^n * e^r with n the nearest integer to x/ln 2 and |r| <= ln(2)/2.
// Beyond the clamp the result is 0 or infinite as it should.
func exp(x *node) *node {
	p := x.p
	x = p.c(-104).max(p.c(89).min(x))
	n := x.mul(p.c(1 / math.Ln2)).round()
	// ln 2 in two parts, the first of few bits so that n times it is exact.
	r := n.negMulAdd(p.c(0.693145751953125), x)
	r = n.negMulAdd(p.c(math.Ln2-0.693145751953125), r)
	// (e^r - 1 - r)/r^2 for |r| <= ln(2)/2, error 7e-8
	q := polynomial(r, 0.0013926177, 0.0083631733, 0.041666556, 0.16666578, 0.5)
	q = q.mulAdd(r.mul(r), r).add(p.c(1))
	return p.machine.scale(q, n)
}

// polynomial evaluates by Horner's rule.
func polynomial(x *node, coefficients ...float64) *node {
	v := x.p.c(coefficients[0])
	for _, c := range coefficients[1:] {
		v = v.mulAdd(x, x.p.c(c))
	}
	return v
}

// scaleByBits is a * 2^n, |n| < 256, in two steps, so that what is subnormal or
// infinite becomes so by rounding.
func scaleByBits(a, n *node) *node {
	p := a.p
	i := n.toInt()
	half := i.shiftRight(1)
	power := func(n *node) *node { return n.addInt(p.bits(127)).shiftLeft(23) }
	return a.mul(power(half)).mul(power(i.subInt(half)))
}

// log is e*ln 2 + log(1+f) with x = 2^e * (1+f), sqrt(1/2) <= 1+f < sqrt(2).
func log(x *node) *node {
	p := x.p
	// Subnormal numbers are made normal first.
	tiny := x.less(p.bits(0x00800000))
	y := tiny.choose(x.mul(p.c(1<<23)), x)
	bias := tiny.choose(p.c(-23), p.c(0))
	i := y.subInt(p.c(math.Sqrt2 / 2))
	e := i.shiftRight(23).fromInt().add(bias)
	f := i.and(p.bits(0x007fffff)).addInt(p.c(math.Sqrt2 / 2)).sub(p.c(1))
	// (log(1+f) - f + f^2/2)/f^3, error 3e-8
	q := polynomial(f, 0.069716118, -0.11479734, 0.11685420, -0.12425687, 0.14249058,
		-0.16667803, 0.20000716, -0.24999997, 0.33333331)
	z := f.mul(f)
	q = e.mulAdd(p.c(math.Ln2-0.693145751953125), q.mul(f).mul(z))
	q = z.negMulAdd(p.c(0.5), q).add(f)
	q = e.mulAdd(p.c(0.693145751953125), q)
	return logSpecial(x, q)
}

// logSpecial puts in the results at 0, below it, and at infinity and NaN.
func logSpecial(x, q *node) *node {
	p := x.p
	zero, inf := p.c(0), p.c(math.Inf(1))
	q = x.less(inf).choose(q, x) // inf and NaN are their own
	q = x.less(p.bits(1)).choose(p.c(math.Inf(-1)), q)
	return x.less(zero).choose(p.c(math.NaN()), q)
}

// tanh is 1 - 2/(e^2|x| + 1) with the sign of x; near 0 a polynomial, which does
// not cancel.
func tanh(x *node) *node {
	p := x.p
	a := x.abs()
	big := p.c(1).sub(p.c(2).div(exp(a.add(a)).add(p.c(1))))
	big = big.or(x.and(p.bits(signBit)))
	z := x.mul(x)
	// (tanh(x)/x - 1)/x^2 in z = x^2 <= 0.4, error 5e-8
	small := polynomial(z, -0.0060451650, 0.020961329, -0.053843264, 0.13332719, -0.33333328)
	small = small.mul(z).mulAdd(x, x)
	return p.c(0.625).less(a).choose(big, small)
}

// sigmoid is 1/(1 + e^-x).
func sigmoid(x *node) *node {
	p := x.p
	return p.c(1).div(exp(p.bits(signBit).xor(x)).add(p.c(1)))
}

// scaledErfc is erfc(t)*e^(t^2) for t >= 0.
func scaledErfc(t *node) *node {
	p := t.p
	u := p.c(1).div(t.mulAdd(p.c(0.35), p.c(1)))
	// that function over u, in u = 1/(1 + 0.35*t), error 3e-8
	q := polynomial(u, 0.042599920, -0.18193800, 0.23624930, -0.10197317, 0.15004706,
		0.11140314, 0.16347463, 0.18519932, 0.19747145, 0.19746633)
	return q.mul(u)
}

// erf is 1 - erfc(|x|) with the sign of x; near 0 a polynomial.
func erf(x *node) *node {
	p := x.p
	a := x.abs()
	// Beyond 4 it is 1; the bound keeps infinity from becoming NaN.
	t := p.c(9).min(a)
	big := scaledErfc(t).negMulAdd(exp(p.bits(signBit).xor(t.mul(t))), p.c(1))
	big = big.or(x.and(p.bits(signBit)))
	// erf(x)/x in x^2 <= 0.85, error 2e-8
	small := polynomial(x.mul(x), -0.00060037221, 0.0049959514, -0.026768710, 0.11281881, -0.37612501, 1.1283791).mul(x)
	return p.c(0.9).less(a).choose(big, small)
}

// gelu is x*Phi(x) = max(x, 0) - |x|*Phi(-|x|), with Phi(-a) = erfc(a/sqrt 2)/2:
// no cancellation on either side. Beyond 20 the second term is 0.
func gelu(x *node) *node {
	p := x.p
	a := p.c(20).min(x.abs())
	tail := scaledErfc(a.mul(p.c(math.Sqrt2 / 2))).mul(exp(a.mul(a).mul(p.c(-0.5))))
	return tail.negMulAdd(a.mul(p.c(0.5)), p.c(0).max(x))
}

// geluTanh is x*sigmoid(2*sqrt(2/pi)*(x + 0.044715 x^3)), which equals
// x/2*(1 + tanh(...)).
func geluTanh(x *node) *node {
	p := x.p
	k := 2 * math.Sqrt(2/math.Pi)
	inner := x.mul(x).mulAdd(p.c(0.044715*k), p.c(k)).mul(x)
	return timesSigmoid(x, inner)
}

// geluGrad is dy*(Phi(x) + x*phi(x)), with Phi(-a) as in gelu and the density phi,
// which both begin with e^(-a^2/2).
func geluGrad(dy, x *node) *node {
	p := x.p
	a := p.c(20).min(x.abs())
	e := exp(a.mul(a).mul(p.c(-0.5)))
	tail := scaledErfc(a.mul(p.c(math.Sqrt2 / 2))).mul(e).mul(p.c(0.5))
	below := x.less(p.c(0)).choose(tail, p.c(1).sub(tail))
	signed := a.or(x.and(p.bits(signBit)))
	return dy.mul(signed.mul(e).mulAdd(p.c(1/math.Sqrt(2*math.Pi)), below))
}

// geluTanhGrad is dy*s*(1 + x*(1-s)*u'(x)) with s the sigmoid of u and u as in
// geluTanh. Beyond 20 it is 0 or dy.
func geluTanhGrad(dy, x *node) *node {
	p := x.p
	k := 2 * math.Sqrt(2/math.Pi)
	x = p.c(-20).max(p.c(20).min(x))
	z := x.mul(x)
	s := sigmoid(z.mulAdd(p.c(0.044715*k), p.c(k)).mul(x))
	slope := z.mulAdd(p.c(3*0.044715*k), p.c(k)).mul(x)
	return dy.mul(s).mul(p.c(1).sub(s).mulAdd(slope, p.c(1)))
}

// silu is x*sigmoid(x).
func silu(x *node) *node { return timesSigmoid(x, x) }

// timesSigmoid is x*sigmoid(y).
func timesSigmoid(x, y *node) *node {
	p := x.p
	return x.div(exp(p.bits(signBit).xor(y)).add(p.c(1)))
}
