package main

import "math"

// kernel is a loop over slices of the same length.
type kernel struct {
	name    string
	dst     bool     // it has a destination, besides
	sources []string // names of the other slices
	scalars []string // names of the numbers
	unroll  int      // how many vectors a turn of the loop takes
	body    func(p *program)
}

// kernels is the list of all loops; each is a field of kernel.vectorKernels.
var kernels = []kernel{
	binary("add", (*node).add),
	binary("sub", (*node).sub),
	binary("mul", (*node).mul),
	binary("div", (*node).div),
	binary("max", maxNaN),
	binary("min", minNaN),
	// Gradients of activations from dy and the results y.
	binary("reluGrad", func(dy, y *node) *node { return y.less(y.p.bits(1)).choose(y.p.c(0), dy) }),
	binary("sigmoidGrad", func(dy, y *node) *node { return dy.mul(y).mul(y.p.c(1).sub(y)) }),
	binary("tanhGrad", func(dy, y *node) *node { return dy.mul(y.negMulAdd(y, y.p.c(1))) }),
	// Gradients of activations from dy and the inputs x.
	longBinary("geluGrad", geluGrad),
	longBinary("geluTanhGrad", geluTanhGrad),
	unary("scaleShift", 4, func(x *node, s []*node) *node { return x.mulAdd(s[0], s[1]) }, "a", "b"),
	unary("clip", 4, func(x *node, s []*node) *node { return s[1].min(s[0].max(x)) }, "lo", "hi"),
	unary("leaky", 4, func(x *node, s []*node) *node { return x.less(x.p.c(0)).choose(x.mul(s[0]), x) }, "alpha"),
	unary("hardSigmoid", 4, func(x *node, s []*node) *node { return clamp01(x.mulAdd(s[0], s[1])) }, "alpha", "beta"),
	unary("hardSwish", 4, func(x *node, _ []*node) *node {
		return x.mul(clamp01(x.mulAdd(x.p.c(1.0/6), x.p.c(0.5))))
	}),
	unary("abs", 4, plain((*node).abs)),
	unary("reciprocal", 2, plain(func(x *node) *node { return x.p.c(1).div(x) })),
	unary("sqrt", 2, plain((*node).sqrt)),
	unary("exp", 2, plain(exp)),
	unary("log", 2, plain(log)),
	unary("tanh", 2, plain(tanh)),
	unary("sigmoid", 2, plain(sigmoid)),
	unary("erf", 2, plain(erf)),
	unary("gelu", 2, plain(gelu)),
	unary("geluTanh", 2, plain(geluTanh)),
	unary("silu", 2, plain(silu)),
	{name: "axpy", dst: true, sources: []string{"src"}, scalars: []string{"a"}, unroll: 4, body: func(p *program) {
		p.store(p.load(1).mulAdd(p.scalar(0), p.load(0)))
	}},
	{name: "expSum", dst: true, sources: []string{"src"}, scalars: []string{"shift"}, unroll: 2, body: func(p *program) {
		y := exp(p.load(1).sub(p.scalar(0)))
		p.store(y)
		p.carry(0, opAdd, y.add)
	}},
	reduction("sum", 0, opAdd, func(x, total *node) *node { return total.add(x) }),
	reduction("sumSquares", 0, opAdd, func(x, total *node) *node { return x.mulAdd(x, total) }),
	reduction("maxOf", math.Inf(-1), opMax, maxNaN),
	reduction("minOf", math.Inf(1), opMin, minNaN),
	{name: "sumSquaredDiff", sources: []string{"src"}, scalars: []string{"center"}, unroll: 4, body: func(p *program) {
		d := p.load(0).sub(p.scalar(0))
		p.carry(0, opAdd, func(total *node) *node { return d.mulAdd(d, total) })
	}},
	{name: "dot", sources: []string{"a", "b"}, unroll: 4, body: func(p *program) {
		p.carry(0, opAdd, func(total *node) *node { return p.load(0).mulAdd(p.load(1), total) })
	}},
	{name: "normalize", dst: true, sources: []string{"src", "gamma", "beta"}, scalars: []string{"mean", "inv"}, unroll: 2, body: func(p *program) {
		p.store(p.load(1).sub(p.scalar(0)).mul(p.scalar(1)).mulAdd(p.load(2), p.load(3)))
	}},
	ternary("keepEqual", func(src, a, b *node) *node { return a.equal(b).choose(src, src.p.c(0)) }),
	ternary("pickLargest", func(src, x, largest *node) *node { return isLargest(x, largest, src, src.p.c(0)) }),
	ternary("passLargest", func(src, x, largest *node) *node { return isLargest(x, largest, src.p.c(0), src) }),
	finish("finish", nil),
	finish("finishResidual", []string{"residual"}),
	finish("finishColumns", []string{"column"}),
	finish("finishBoth", []string{"residual", "column"}),
}

func binary(name string, f func(a, b *node) *node) kernel {
	return kernel{name: name, dst: true, sources: []string{"a", "b"}, unroll: 4, body: func(p *program) {
		p.store(f(p.load(1), p.load(2)))
	}}
}

// longBinary is binary for long bodies.
func longBinary(name string, f func(a, b *node) *node) kernel {
	k := binary(name, f)
	k.unroll = 2
	return k
}

func ternary(name string, f func(src, a, b *node) *node) kernel {
	return kernel{name: name, dst: true, sources: []string{"src", "a", "b"}, unroll: 4, body: func(p *program) {
		p.store(f(p.load(1), p.load(2), p.load(3)))
	}}
}

// isLargest returns yes where x is the largest number, NaN being larger than any.
func isLargest(x, largest, yes, no *node) *node {
	return x.unordered(x).choose(yes, x.equal(largest).choose(yes, no))
}

func unary(name string, unroll int, f func(x *node, scalars []*node) *node, scalars ...string) kernel {
	return kernel{name: name, dst: true, sources: []string{"src"}, scalars: scalars, unroll: unroll, body: func(p *program) {
		var s []*node
		for i := range scalars {
			s = append(s, p.scalar(i))
		}
		p.store(f(p.load(1), s))
	}}
}

// plain makes a function without parameters one for unary.
func plain(f func(x *node) *node) func(*node, []*node) *node {
	return func(x *node, _ []*node) *node { return f(x) }
}

func reduction(name string, start float64, combine op, step func(x, before *node) *node) kernel {
	return kernel{name: name, sources: []string{"src"}, unroll: 4, body: func(p *program) {
		x := p.load(0)
		p.carry(start, combine, func(before *node) *node { return step(x, before) })
	}}
}

// finish is the store of a row of results: dst = clip(src + bias + others).
func finish(name string, others []string) kernel {
	k := kernel{name: name, dst: true, sources: append([]string{"src"}, others...), scalars: []string{"bias", "lo", "hi"}, unroll: 2}
	k.body = func(p *program) {
		v := p.load(1).add(p.scalar(0))
		for i := range others {
			v = v.add(p.load(2 + i))
		}
		p.store(p.scalar(2).min(p.scalar(1).max(v)))
	}
	return k
}

func clamp01(x *node) *node { return x.p.c(1).min(x.p.c(0).max(x)) }
