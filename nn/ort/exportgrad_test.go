package ort_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/exports"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// How the gradients of exported networks are judged. The framework says what
// they are in float32 and in float64, and their distance is what float32 can do
// for this network and this input: it is large where a ReLU is about to switch,
// or where a network is ill-conditioned.
const (
	// settledGradient is how far float32 may be from float64, relative to the
	// greatest magnitude, for the gradient to compare directly.
	settledGradient = 1e-5
	// likeFramework is how many times the distance of the framework's float32 from
	// float64 ours may have where that is more than the tolerance.
	likeFramework = 3
	// mostOff bounds that, so that no network is so badly conditioned that nothing
	// is asked of it.
	mostOff = 1e-2
	// exactRules is how far our rules may be from the framework's, both in
	// float64, in a graph that has the network's very weights. Attributes, such as
	// the 1/6 of a HardSigmoid, are float32 still.
	exactRules = 1e-5
)

// gradients compares with the framework's, or where it has none with those of
// the plain executor.
func (x exported) gradients(t *testing.T) {
	t.Helper()
	if x.Stochastic || x.run.Failure != "" {
		return
	}
	of := exec.GradientOf{Y: x.g.Outputs[0], Seed: x.run.Seed}
	for _, v := range x.g.Inputs {
		if in := x.feeds[v]; in != nil && in.DType().IsFloat() {
			of.Wrt = append(of.Wrt, v)
		}
	}
	if len(of.Wrt) == 0 || !x.g.Values[of.Y].DType.IsFloat() {
		return
	}
	got, _ := x.gradient(t, exec.Default(), x.g, x.feeds, of)
	if got == nil {
		return
	}
	if x.run.Grads != nil && x.run.Agreed && !x.Rounds {
		x.judge(t, of, got)
		return
	}
	if weights(x.g) <= maxPlain {
		of.Fetch = nil
		want, _ := x.gradient(t, exec.Plain(), x.g, x.feeds, of)
		for i := range want {
			near(t, x.gradientOf(of, i), got[i], want[i], x.Rounds)
		}
	}
}

// judge compares with the framework's float64 where float32 can reach it. Where
// it cannot, or a corner has made it another, the judge is float64 on our side
// of all corners.
func (x exported) judge(t *testing.T, of exec.GradientOf, got []*tensor.Tensor) {
	t.Helper()
	var held []*tensor.Tensor
	for i := range got {
		if i >= len(x.run.Exact) {
			t.Errorf("%s has no gradient in float64 to be judged by; export it again", x.gradientOf(of, i))
			return
		}
		own := distance(x.run.Grads[i], x.run.Exact[i])
		if own <= settledGradient && distance(got[i], x.run.Exact[i]) <= tolerance {
			continue
		}
		if held == nil {
			x.exactly(t, of)
			if got, held = x.held(t, of); held == nil {
				return
			}
		}
		limit := min(max(tolerance, likeFramework*own), mostOff)
		if off := distance(got[i], held[i]); !(off <= limit) {
			t.Errorf("%s: off by %.2g of the greatest magnitude of float64 on the same sides of corners; %.2g is allowed (the framework's float32: %.2g)", x.gradientOf(of, i), off, limit, own)
		}
	}
}

// held computes the gradients, and those of float64 on the same sides of all
// corners.
func (x exported) held(t *testing.T, of exec.GradientOf) (got, held []*tensor.Tensor) {
	t.Helper()
	of.Fetch = exports.Corners(x.g)
	got, corners := x.gradient(t, exec.Default(), x.g, x.feeds, of)
	if got == nil {
		return nil, nil
	}
	g, err := exports.Held(x.g, corners)
	if err != nil {
		t.Fatal(err)
	}
	of.Fetch = nil
	held, _ = x.inDouble(t, g, of)
	return got, held
}

// exactly compares our rules in float64 with the framework's, where the graph
// has the network's weights as they are: other exporters fold them, and round
// the results, which moves values across corners too.
func (x exported) exactly(t *testing.T, of exec.GradientOf) {
	t.Helper()
	if !strings.HasSuffix(x.Exporter, "raw") {
		return
	}
	plain, _ := x.inDouble(t, exports.Double(x.g), of)
	for i := range plain {
		if off := distance(plain[i], x.run.Exact[i]); !(off <= exactRules) {
			t.Errorf("%s: in float64 off by %.2g of the greatest magnitude of the framework's", x.gradientOf(of, i), off)
		}
	}
}

// inDouble computes gradients of a graph in float64.
func (x exported) inDouble(t *testing.T, g *ir.Graph, of exec.GradientOf) (grads, values []*tensor.Tensor) {
	t.Helper()
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for v, in := range x.feeds {
		feeds[v] = exports.Widened(in)
	}
	of.Seed = exports.Widened(of.Seed)
	return x.gradient(t, exec.Plain(), g, feeds, of)
}

func (x exported) gradient(t *testing.T, e exec.Executor, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, of exec.GradientOf) (grads, values []*tensor.Tensor) {
	t.Helper()
	grads, values, err := exec.NewSession(g, e).Gradient(t.Context(), feeds, of)
	if err != nil {
		t.Errorf("%s%s: gradient: %v", x.where, e.Name(), err)
		return nil, nil
	}
	return grads, values
}

func (x exported) gradientOf(of exec.GradientOf, i int) string {
	return x.where + "gradient of " + x.g.Values[of.Wrt[i]].Name
}

// distance is the greatest difference relative to the greatest magnitude of b,
// of which 1e-6 is the least that counts: the seed is around 1, and of a
// gradient that cancels to nothing rounding is left.
func distance(a, b *tensor.Tensor) float64 {
	x, errX := a.Floats()
	y, errY := b.Floats()
	if errX != nil || errY != nil || len(x) != len(y) {
		return math.Inf(1)
	}
	worst, scale := 0.0, 1e-6
	for i := range y {
		if x[i] != y[i] {
			worst = max(worst, math.Abs(x[i]-y[i])) // NaN stays NaN
		}
		scale = max(scale, math.Abs(y[i]))
	}
	return worst / scale
}
