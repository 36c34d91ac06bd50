package lab

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/train"
)

// A Deep network is linear layers, layers.0, layers.1 and so on, of one width with
// an activation function behind each but the first and the last. How its gradients
// fare before any training is known from how it is made.
type Deep struct {
	Depth, Width int    // layers, units
	Activation   string // an ONNX operator: "Relu", "Sigmoid", "Tanh"
	// Gain is that of the weights: their standard deviation is Gain / √Width.
	Gain     float64
	Residual bool // each layer adds to what it is given
	Norm     bool // and normalizes it before
}

// HeGain keeps the size of signals through ReLUs (He et al., arXiv 1502.01852,
// equation 10).
const HeGain = math.Sqrt2

// Networks whose truth is known. Through a sigmoid a gradient shrinks to a quarter
// at most, through twenty of them to nothing (Glorot and Bengio 2010). Weights
// drawn with a gain of 4 let it grow by 4/√2 with each ReLU. He's gain keeps it.
var (
	Vanishing = Deep{Depth: 20, Width: 64, Activation: "Sigmoid", Gain: 1}
	Exploding = Deep{Depth: 20, Width: 64, Activation: "Relu", Gain: 4}
	Sound     = Deep{Depth: 20, Width: 64, Activation: "Relu", Gain: HeGain}
)

// What a deep network is given, and what it tells apart.
const (
	Features = 20
	Kinds    = 5
)

// Build draws the weights from a seed. The network takes "x", float32 [batch,
// Features], and gives logits [batch, Kinds].
func (d Deep) Build(seed uint64) train.Net {
	g := ir.New(fmt.Sprintf("%s%d", d.Activation, d.Depth))
	g.Opsets[""] = 17
	b := &deepBuilder{Builder: ir.NewBuilder(g, ""), random: rand.New(rand.NewPCG(seed, 11))}
	b.net = train.Net{Graph: g, Input: g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(Features)})}
	x := b.linear(0, b.net.Input, Features, d.Width, 1)
	for i := 1; i < d.Depth-1; i++ {
		y := x
		if d.Norm {
			y = b.norm(i, y, d.Width)
		}
		y = b.Op(d.Activation, nil, b.linear(i, y, d.Width, d.Width, d.Gain))
		if d.Residual {
			y = b.Op("Add", nil, x, y)
		}
		x = y
	}
	b.net.Logits = b.linear(d.Depth-1, x, d.Width, Kinds, 1)
	g.Outputs = []ir.ValueID{b.net.Logits}
	return b.net
}

type deepBuilder struct {
	*ir.Builder
	net    train.Net
	random *rand.Rand
}

func (b *deepBuilder) linear(i int, x ir.ValueID, in, out int, gain float64) ir.ValueID {
	w := make([]float32, in*out)
	for k := range w {
		w[k] = float32(b.random.NormFloat64() * gain / math.Sqrt(float64(in)))
	}
	name := fmt.Sprintf("layers.%d", i)
	weight := b.param(name+".weight", tensor.Of(w, out, in))
	return b.Op("Gemm", ir.Pairs("transB", 1), x, weight, b.param(name+".bias", tensor.New(tensor.Float32, out)))
}

func (b *deepBuilder) norm(i int, x ir.ValueID, width int) ir.ValueID {
	ones := tensor.New(tensor.Float32, width)
	for k := range ones.F32() {
		ones.F32()[k] = 1
	}
	name := fmt.Sprintf("norms.%d", i)
	return b.Op("LayerNormalization", nil, x, b.param(name+".weight", ones), b.param(name+".bias", tensor.New(tensor.Float32, width)))
}

func (b *deepBuilder) param(name string, t *tensor.Tensor) ir.ValueID {
	v := b.G.AddConst(name, t)
	b.G.Values[v].Param = true
	b.net.Params = append(b.net.Params, v)
	return v
}

// Blobs are n samples [n, Features] around a centre for each of Kinds classes,
// which take turns.
func Blobs(seed uint64, n int) train.Data {
	r := rand.New(rand.NewPCG(seed, 12))
	var centres [Kinds][Features]float64
	for c := range centres {
		for k := range centres[c] {
			centres[c][k] = r.NormFloat64()
		}
	}
	d := train.Data{X: tensor.New(tensor.Float32, n, Features), Labels: make([]int64, n)}
	x := d.X.F32()
	for i := range d.Labels {
		d.Labels[i] = int64(i % Kinds)
		for k := range Features {
			x[i*Features+k] = float32(centres[d.Labels[i]][k] + 0.5*r.NormFloat64())
		}
	}
	return d
}
