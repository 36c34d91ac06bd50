package op

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The ten thousandth number after the default seed is given by the C++
// standard, [rand.predef].
func TestMersenne(t *testing.T) {
	m := newMersenne(5489)
	var last uint32
	for range 10000 {
		last = m.uint32()
	}
	if last != 4123659995 {
		t.Errorf("number 10000 is %d", last)
	}
}

func TestRandomNumbers(t *testing.T) {
	const count = 20000
	draw := func(op, name string, attrs ir.Attrs, in ...*tensor.Tensor) []float64 {
		n := &ir.Node{Name: name, Op: op, Attrs: attrs, Outputs: []ir.ValueID{0}}
		out, err := Eval(n, in)
		if err != nil {
			t.Fatal(err)
		}
		v, err := out[0].Floats()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	shape := func(kv ...any) ir.Attrs { return ir.Pairs(append(kv, "shape", []int{count})...) }
	for _, c := range []struct {
		name         string
		v            []float64
		mean, spread float64
	}{
		{"uniform", draw("RandomUniform", "a", shape("low", 2.0, "high", 4.0)), 3, 1 / math.Sqrt(3)},
		{"normal", draw("RandomNormal", "a", shape("mean", -1.0, "scale", 0.5)), -1, 0.5},
		{"bernoulli", draw("Bernoulli", "a", nil, tensor.New(tensor.Float32, count)), 0, 0},
	} {
		mean := mean(c.v)
		spread := math.Sqrt(squares(mapTo(c.v, func(x float64) float64 { return x - mean })) / count)
		if math.Abs(mean-c.mean) > 0.02 || math.Abs(spread-c.spread) > 0.02 {
			t.Errorf("%s: mean %v, spread %v; want %v and %v", c.name, mean, spread, c.mean, c.spread)
		}
	}
	logits := tensor.Of([]float64{math.Log(1), math.Log(3)}, 1, 2)
	if share := mean(draw("Multinomial", "a", ir.Pairs("sample_size", count), logits)); math.Abs(share-0.75) > 0.02 {
		t.Errorf("a class three times as likely is drawn in %v of the cases", share)
	}
	same, other := draw("RandomNormal", "a", shape()), draw("RandomNormal", "b", shape())
	again := draw("RandomNormal", "a", shape())
	if same[0] != again[0] || same[0] == other[0] {
		t.Error("numbers must depend on the node's name and on nothing else")
	}
}
