package saliency

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/viz/attribution"
)

func parts(n, queries int) func(*Params) {
	return func(p *Params) { p.Segments, p.Superpixels, p.Queries = n, "grid", queries }
}

// shapleyByDefinition averages what a part adds over all orders, by weighing
// every subset without it: |S|! (m-|S|-1)! / m!.
func shapleyByDefinition(t *testing.T, p *probe, s *segments) []float64 {
	t.Helper()
	list := allCoalitions(s.count)
	values, err := p.values(t.Context(), s, list)
	if err != nil {
		t.Fatal(err)
	}
	factorial := func(n int) float64 { return math.Gamma(float64(n + 1)) }
	out := make([]float64, s.count)
	for i, z := range list {
		for k := range out {
			if !z[k] {
				n := z.size()
				out[k] += factorial(n) * factorial(s.count-n-1) / factorial(s.count) * (values[i|1<<k] - values[i])
			}
		}
	}
	return out
}

// TestKernelShapIsExact compares with the definition where all subsets can be
// asked about, for a logit and for a probability.
func TestKernelShapIsExact(t *testing.T) {
	for _, network := range []string{"vgg", "smooth", "relu6"} {
		m, arrays := peer(t, network)
		for _, quantity := range []attribution.Quantity{attribution.Logit, attribution.Probability} {
			set := func(p *Params) { parts(9, 600)(p); p.Target = quantity }
			p := probeOf(t, m, arrays["input"], 1, "kernelshap", set)
			p.base = arrays["baseline"].F32()
			got, err := kernelShap(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			s := p.segments()
			if s.count != 9 {
				t.Fatalf("%d parts, want 9", s.count)
			}
			near(t, network, got.Values, s.paint(shapleyByDefinition(t, p, s)).Values, 1e-3)
		}
	}
}

// TestKernelShapSamples approaches the exact values, and sums exactly.
func TestKernelShapSamples(t *testing.T) {
	m, arrays := peer(t, "vgg")
	p := probeOf(t, m, arrays["input"], 1, "kernelshap", parts(16, 4000))
	s := p.segments()
	list, weights := p.shapSample(s.count)
	if len(list) != 4000 {
		t.Fatalf("%d subsets, want 4000", len(list))
	}
	none, all := make(coalition, s.count), make(coalition, s.count)
	for i := range all {
		all[i] = true
	}
	scores, err := p.values(t.Context(), s, append([]coalition{none, all}, list...))
	if err != nil {
		t.Fatal(err)
	}
	got := shapley(list, scores[2:], weights, s.count, scores[0], scores[1])
	sum := 0.0
	for _, v := range got {
		sum += v
	}
	if math.Abs(sum-(scores[1]-scores[0])) > 1e-9 {
		t.Errorf("values sum to %v, want %v", sum, scores[1]-scores[0])
	}
	near(t, "sampled", s.paint(got).Values, s.paint(shapleyByDefinition(t, p, s)).Values, 0.05)
}

// TestShapleyIsSymmetric gives equal parts equal values, a part that does nothing
// none, and a part that adds on its own what it adds.
func TestShapleyIsSymmetric(t *testing.T) {
	game := func(z coalition) float64 {
		v := 3 * indicator(z[2])
		if z[0] && z[1] {
			v++
		}
		return v
	}
	var list []coalition
	var scores, weights []float64
	for _, z := range allCoalitions(4) {
		if n := z.size(); n > 0 && n < 4 {
			list, scores, weights = append(list, z), append(scores, game(z)), append(weights, shapKernel(4, n))
		}
	}
	got := shapley(list, scores, weights, 4, 0, 4)
	for i, want := range []float64{0.5, 0.5, 3, 0} {
		if math.Abs(got[i]-want) > 1e-6 {
			t.Errorf("part %d is worth %v, want %v", i, got[i], want)
		}
	}
}

// TestRidgeByHand fits y = 1 + 2z with weights 1: the slope is Sxy/(Sxx + α),
// with Sxx = 1/2, Sxy = 1.
func TestRidgeByHand(t *testing.T) {
	fit := ridge([]coalition{{false}, {true}}, []float64{1, 3}, []float64{1, 1}, 1)
	if want := 1 / 1.5; math.Abs(fit.coefficients[0]-want) > 1e-9 { // solve adds a trace of 1e-10
		t.Errorf("the slope is %v, want %v", fit.coefficients[0], want)
	}
}

// TestLimeOfLinear finds what a game that is linear in its parts is made of, but
// for the ridge.
func TestLimeOfLinear(t *testing.T) {
	want := []float64{2, -1, 0.5, 0, 3, 1, -2}
	list := allCoalitions(len(want))
	var scores, weights []float64
	for _, z := range list {
		v := 4.0
		for k, on := range z {
			v += want[k] * indicator(on)
		}
		scores, weights = append(scores, v), append(weights, limeKernel(z))
	}
	fit := ridge(list, scores, weights, 1e-9)
	for k, w := range want {
		if math.Abs(fit.coefficients[k]-w) > 1e-6 {
			t.Errorf("part %d has %v, want %v", k, fit.coefficients[k], w)
		}
	}
	if math.Abs(fit.r2-1) > 1e-9 {
		t.Errorf("R² is %v, want 1", fit.r2)
	}
}

// TestSegments checks that every part is connected and none is empty.
func TestSegments(t *testing.T) {
	m, arrays := peer(t, "vgg")
	for _, how := range []Partition{"slic", "grid"} {
		for _, n := range []int{1, 4, 9, 30, 144, 1000} {
			p := probeOf(t, m, arrays["input"], 1, "lime", func(p *Params) { p.Segments, p.Superpixels = n, how })
			s := p.segments()
			seen := make([]bool, s.count)
			pieces := connect(s.of, s.w, s.h, 0)
			for _, part := range s.of {
				if part < 0 || part >= s.count {
					t.Fatalf("%s of %d: part %d of %d", how, n, part, s.count)
				}
				seen[part] = true
			}
			if pieces.count != s.count {
				t.Errorf("%s of %d: %d parts in %d pieces", how, n, s.count, pieces.count)
			}
			for part, there := range seen {
				if !there {
					t.Errorf("%s of %d: part %d is empty", how, n, part)
				}
			}
		}
	}
}

// TestRISEFindsThePixels that a network reads: those of one corner.
func TestRISEFindsThePixels(t *testing.T) {
	m, arrays := peer(t, "vgg")
	p := probeOf(t, m, arrays["input"], 1, "rise", func(p *Params) { p.Queries = 3000 })
	cornerOnly(p)
	got, err := rise(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	best := 0
	for i, v := range got.Values {
		if v > got.Values[best] {
			best = i
		}
	}
	if x, y := best%got.W, best/got.W; x > 4 || y > 4 {
		t.Errorf("the map is strongest at column %d, row %d", x, y)
	}
}

// cornerOnly makes the target the sum of the picture's first rows and columns.
func cornerOnly(p *probe) {
	planes := p.Planes()
	p.Out[p.Main] = p.Input
	p.target = attribution.Target{Value: p.Main, Class: 1, Score: func(row []float32) float64 {
		sum := 0.0
		for c := range planes.Channels {
			for y := range 4 {
				for x := range 4 {
					sum += float64(row[planes.At(c, y, x)])
				}
			}
		}
		return sum
	}}
}
