package lab

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/train"
)

// widths are the channels of the network's four convolutions.
var widths = []int{16, 32, 64, 64}

// newNet builds the lab's network: four 3×3 convolutions with ReLUs, two of
// them with a stride of 2, then the average over what is left of the picture
// and a linear layer. The last maps have 16×16 places, fine enough to tell a
// corner from the middle. Weights are drawn as by He et al. (arXiv 1502.01852).
func newNet(seed uint64) train.Net {
	g := ir.New("lab")
	g.Opsets[""] = 17
	b := &netBuilder{Builder: ir.NewBuilder(g, ""), random: rand.New(rand.NewPCG(seed, 1))}
	b.net.Input = g.AddInput("image", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(3), ir.Known(Side), ir.Known(Side)})
	x, channels := b.net.Input, 3
	for i, width := range widths {
		stride := 1
		if i < 2 {
			stride = 2
		}
		x = b.conv("features."+strconv.Itoa(2*i), x, channels, width, stride)
		x = b.layer("features."+strconv.Itoa(2*i+1), "Relu", nil, x)
		channels = width
	}
	x = b.layer("pool", "GlobalAveragePool", nil, x)
	x = b.layer("flatten", "Flatten", nil, x)
	b.net.Logits = b.linear("classifier", x, channels, len(Classes))
	g.Values[b.net.Logits].Name = "logits"
	g.Outputs = []ir.ValueID{b.net.Logits}
	b.net.Graph = g
	return b.net
}

type netBuilder struct {
	*ir.Builder
	net    train.Net
	random *rand.Rand
}

func (b *netBuilder) conv(name string, x ir.ValueID, in, out, stride int) ir.ValueID {
	w := b.weight(name+".weight", in*9, out, in, 3, 3)
	attrs := ir.Pairs("kernel_shape", []int{3, 3}, "pads", []int{1, 1, 1, 1}, "strides", []int{stride, stride})
	return b.layer(name, "Conv", attrs, x, w, b.bias(name, out))
}

func (b *netBuilder) linear(name string, x ir.ValueID, in, out int) ir.ValueID {
	w := b.weight(name+".weight", in, out, in)
	return b.layer(name, "Gemm", ir.Pairs("transB", 1), x, w, b.bias(name, out))
}

// layer appends a node that is a module of its own, as PyTorch has it.
func (b *netBuilder) layer(name, op string, attrs ir.Attrs, inputs ...ir.ValueID) ir.ValueID {
	b.Module = name
	out := b.Op(op, attrs, inputs...)
	b.G.Nodes[len(b.G.Nodes)-1].Name = "/" + name + "/" + op
	b.G.Values[out].Name = name
	return out
}

func (b *netBuilder) weight(name string, fanIn int, shape ...int) ir.ValueID {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.F32() {
		t.F32()[i] = float32(b.random.NormFloat64() * math.Sqrt(2/float64(fanIn)))
	}
	return b.param(name, t)
}

func (b *netBuilder) bias(name string, n int) ir.ValueID {
	return b.param(name+".bias", tensor.New(tensor.Float32, n))
}

func (b *netBuilder) param(name string, t *tensor.Tensor) ir.ValueID {
	v := b.G.AddConst(name, t)
	b.G.Values[v].Param = true
	b.net.Params = append(b.net.Params, v)
	return v
}
