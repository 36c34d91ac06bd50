package saliency

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sumRounding is how far a sum of shares may be off, relative to the sum of their
// magnitudes.
const sumRounding = 1e-5

func magnitudes(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += math.Abs(float64(x))
	}
	return sum
}

// channels are those that the normalizations of normalized see.
const channels = 6

// A normalization is one operator on [1, channels, height, width].
type normalization struct {
	op      string
	version int
	attrs   ir.Attrs
	params  int // length of scale and of shift
	outputs int // beside the first, which nothing reads
}

var normalizations = map[string]normalization{
	"GroupNormalization by group":   {"GroupNormalization", 18, ir.Pairs("num_groups", 3), 3, 0},
	"GroupNormalization by channel": {"GroupNormalization", 21, ir.Pairs("num_groups", 2, "epsilon", 1e-3), channels, 0},
	"InstanceNormalization":         {"InstanceNormalization", 6, nil, channels, 0},
	"LRN of 3":                      {"LRN", 13, ir.Pairs("size", 3, "alpha", 0.5, "beta", 0.6, "bias", 0.8), 0, 0},
	"LRN of 4":                      {"LRN", 13, ir.Pairs("size", 4, "alpha", 2.0), 0, 0},
	"LRN wider than the channels":   {"LRN", 13, ir.Pairs("size", 9, "alpha", 1.0), 0, 0},
	"LayerNormalization":            {"LayerNormalization", 17, ir.Pairs("axis", 3), 8, 0},
	"LayerNormalization, fused":     {"LayerNormalization", 17, ir.Pairs("axis", -1), 8, 2},
	"SimplifiedLayerNormalization":  {"SimplifiedLayerNormalization", 1, ir.Pairs("axis", -1), 8, 1},
	"LpNormalization L2":            {"LpNormalization", 1, ir.Pairs("axis", 1), 0, 0},
	"LpNormalization L1":            {"LpNormalization", 1, ir.Pairs("axis", 1, "p", 1), 0, 0},
	"LpNormalization of rows":       {"LpNormalization", 22, nil, 0, 0},
	"norm L1":                       {"ReduceL1", 13, ir.Pairs("axes", []int{1}), 0, 0},
	"norm L2":                       {"ReduceL2", 13, ir.Pairs("axes", []int{-3}), 0, 0},
	"sum of squares":                {"ReduceSumSquare", 11, ir.Pairs("axes", []int{1}), 0, 0},
	"log of a sum of exponentials":  {"ReduceLogSumExp", 13, ir.Pairs("axes", []int{1}), 0, 0},
}

// normalized is a network of a convolution, a normalization, a rectifier and a
// dense layer, without biases but for the shifts, which are noise times shift.
func normalized(t *testing.T, name string, n normalization, shift float64) *model.Model {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 11))
	noise := func(scale float64, shape ...int) *tensor.Tensor {
		x := tensor.New(tensor.Float32, shape...)
		for i := range x.F32() {
			x.F32()[i] = float32(scale * random.NormFloat64())
		}
		return x
	}
	g := ir.New(name)
	x := g.AddInput("x", tensor.Float32, ir.Dims(1, 3, 8, 8))
	b := ir.NewBuilder(g, "")
	inputs := []ir.ValueID{b.Op("Conv", ir.Pairs("pads", []int{1, 1, 1, 1}), x, b.Const(noise(0.5, channels, 3, 3, 3)))}
	if n.params > 0 {
		inputs = append(inputs, b.Const(noise(1, n.params)))
		if n.op != "SimplifiedLayerNormalization" {
			inputs = append(inputs, b.Const(noise(shift, n.params)))
		}
	}
	y := b.Node("", n.op, n.attrs, 1+n.outputs, inputs...)[0]
	g.Nodes[len(g.Nodes)-1].Version = n.version
	if strings.HasPrefix(n.op, "Reduce") {
		y = b.Op("Mul", nil, b.Const(noise(1, 1, channels, 1, 1)), y)
	}
	y = b.Op("Flatten", nil, b.Op("AveragePool", ir.Pairs("kernel_shape", []int{2, 2}, "strides", []int{2, 2}), b.Op("Relu", nil, y)))
	g.Outputs = []ir.ValueID{b.Op("Gemm", ir.Pairs("transB", 1), y, b.Const(noise(0.3, 4, channels*16)))}
	m, err := model.New(name+".onnx", g, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// scales of pictures: at the last, exponentials of what the convolution puts out
// are beyond float32, and of some places all are below it.
var scales = []float64{1, 10, 100}

func noisyPicture(scale float64) *tensor.Tensor {
	random := rand.New(rand.NewPCG(3, 5))
	x := tensor.New(tensor.Float32, 1, 3, 8, 8)
	for i := range x.F32() {
		x.F32()[i] = float32(scale * random.NormFloat64())
	}
	return x
}

// TestDeepLIFTOfNorms asserts completeness, against a blank baseline too, which
// is a vector of zeros to each normalization.
func TestDeepLIFTOfNorms(t *testing.T) {
	for name, n := range normalizations {
		m := normalized(t, name, n, 0.5)
		for _, scale := range scales {
			for _, base := range []Baseline{"zero", "random"} {
				p := probeOf(t, m, noisyPicture(scale), 1, "deeplift", func(p *Params) { p.Baseline = base })
				p.base = p.baseline()
				got, err := deepLIFT(t.Context(), p)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				want := p.Score(p.target) - scoreOf(t, m, p.base, 1)
				t.Logf("%s, %s times %g: off by %.2g of %.3g", name, base, scale, total(got)-want, magnitudes(got))
				if sum := total(got); !(math.Abs(sum-want) < sumRounding*magnitudes(got)) {
					t.Errorf("%s, %s times %g: shares add up to %v, want %v", name, base, scale, sum, want)
				}
			}
		}
	}
}

// TestDeepLIFTThatCancels warns where a blank baseline makes shares that are
// thousands of times the score, and not of others.
func TestDeepLIFTThatCancels(t *testing.T) {
	n := normalizations["LayerNormalization"]
	n.attrs = ir.Pairs("axis", 3, "epsilon", 1e-12)
	m, x := normalized(t, "cancels", n, 0.5), noisyPicture(1)
	for base, want := range map[Baseline]bool{"zero": true, "random": false} {
		p := probeOf(t, m, x, 1, "deeplift", func(p *Params) { p.Baseline = base })
		if _, err := deepLIFT(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		warned := slices.ContainsFunc(p.notes, func(n note) bool { return strings.Contains(n.warning, "nearly cancel") })
		if warned != want {
			t.Errorf("%s: warned %v, want %v: %v", base, warned, want, p.notes)
		}
	}
}

// TestRelevanceOfNorms asserts conservation: with the deviation held constant and
// no shift that absorbs any, all relevance reaches the pixels.
func TestRelevanceOfNorms(t *testing.T) {
	for name, n := range normalizations {
		m := normalized(t, name, n, 0)
		for _, scale := range scales {
			p := probeOf(t, m, noisyPicture(scale), 1, "lrpepsilon", epsilon(1e-9))
			got, err := lrpEpsilon(t.Context(), p)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if sum, want := total(got), p.Score(p.target); !(math.Abs(sum-want) < sumRounding*magnitudes(got)) {
				t.Errorf("%s times %g: relevances add up to %v, want %v", name, scale, sum, want)
			}
		}
	}
}
