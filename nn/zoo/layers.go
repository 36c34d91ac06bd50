package zoo

import (
	"math"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A convolution has square kernels unless Width is set; the zero value of a field
// is its default in PyTorch, but the padding keeps height and width where the
// stride is 1.
type convolution struct {
	Out, Kernel int
	Width       int // of the kernel; 0 means as high as wide
	Stride      int // 0 means 1
	Groups      int // 0 means 1; depthwise means one for each channel
	Bias        bool
	Valid       bool // without padding
}

const depthwise = -1

func conv(c convolution) block {
	return func(b *builder, x signal) signal {
		groups, height, width, pads := max(c.Groups, 1), c.Kernel, max(c.Width, 1), []int{0, 0, 0, 0}
		if c.Groups == depthwise {
			groups = x.channels
		}
		if c.Width == 0 {
			width = height
		}
		if !c.Valid {
			pads = []int{height / 2, width / 2, height / 2, width / 2}
		}
		attrs := ir.Pairs("kernel_shape", []int{height, width}, "strides", []int{max(c.Stride, 1), max(c.Stride, 1)}, "pads", pads, "group", groups)
		in := []ir.ValueID{x.value, b.kaiming("weight", x, c.Out, x.channels/groups, height, width)}
		if c.Bias {
			in = append(in, b.bias(c.Out))
		}
		return standard(b.op("Conv", attrs, in...), c.Out)
	}
}

// batchNorm has parameters and statistics as after some training, so that leaving
// one out would show.
func batchNorm(b *builder, x signal) signal { return batchNormEpsilon(1e-5)(b, x) }

// batchNormEpsilon knows the statistics of the signal more or less. What comes
// out has a mean square of one, part of it from the shift: so errors of that
// guess fade in the depth, where activations such as SiLU would let them grow.
func batchNormEpsilon(epsilon float64) block {
	return func(b *builder, x signal) signal {
		scale := b.param("weight", func() float64 { return 0.8 + 0.33*b.random.Float64() }, x.channels)
		shift := b.normal("bias", 0.25, x.channels)
		deviation := math.Sqrt(x.variance)
		mean := b.buffer("running_mean", func() float64 { return x.mean + 0.1*deviation*b.random.NormFloat64() }, x.channels)
		// The mean of 1/v is one for v between log(3)/2 and three times that.
		variance := b.buffer("running_var", func() float64 { return x.variance * math.Log(3) * (0.5 + b.random.Float64()) }, x.channels)
		y := b.op("BatchNormalization", ir.Pairs("epsilon", epsilon), x.value, scale, shift, mean, variance)
		return standard(y, x.channels)
	}
}

// convNorm is a convolution, its normalization and an activation; nil for none.
func convNorm(c convolution, norm, activation block) block {
	return numbered(conv(c), norm, activation)
}

// squeezeExcitation weighs the channels by what two small layers make of their
// means (Hu et al., arXiv 1709.01507, figure 3).
func squeezeExcitation(squeezed int, inner, gate block) block {
	return func(b *builder, x signal) signal {
		weights := sequence(
			child("avgpool", globalAveragePool),
			child("fc1", conv(convolution{Out: squeezed, Kernel: 1, Bias: true})),
			child("activation", inner),
			child("fc2", conv(convolution{Out: x.channels, Kernel: 1, Bias: true})),
			child("scale_activation", gate),
		)(b, x)
		return b.product(weights, x)
	}
}

// flatten turns [N, C, 1, 1] into [N, C].
func flatten(b *builder, x signal) signal {
	return operator("Flatten", ir.Pairs("axis", 1))(b, x)
}

// flattenPlanes turns [N, C, H, W] into [N, C·H·W], of planes with the given
// number of elements.
func flattenPlanes(plane int) block {
	return func(b *builder, x signal) signal {
		x.channels *= plane
		return flatten(b, x)
	}
}

func linear(out int) block {
	return func(b *builder, x signal) signal {
		w := b.kaiming("weight", x, out, x.channels)
		return standard(b.op("Gemm", ir.Pairs("transB", 1), x.value, w, b.bias(out)), out)
	}
}

// kaiming draws the weights of a layer so that what comes out has a variance of
// one: behind a ReLU, as He et al. do (arXiv 1502.01852, equation 10).
func (b *builder) kaiming(name string, x signal, out int, in ...int) ir.ValueID {
	fan := 1
	for _, n := range in {
		fan *= n
	}
	deviation := math.Sqrt(1 / (float64(fan) * x.power()))
	return b.normal(name, deviation, append([]int{out}, in...)...)
}

// normal draws a parameter from a normal distribution around zero.
func (b *builder) normal(name string, deviation float64, shape ...int) ir.ValueID {
	return b.param(name, func() float64 { return deviation * b.random.NormFloat64() }, shape...)
}

// scale is near 1, so that leaving it out would show.
func (b *builder) scale(name string, shape ...int) ir.ValueID {
	return b.param(name, func() float64 { return 1 + 0.1*b.random.NormFloat64() }, shape...)
}

// bias draws small numbers, which would be missed.
func (b *builder) bias(n int) ir.ValueID { return b.normal("bias", 0.1, n) }

// param makes a learned parameter of the open module.
func (b *builder) param(name string, draw func() float64, shape ...int) ir.ValueID {
	v := b.weight(name, draw, shape)
	b.G.Values[v].Param = true
	return v
}

// buffer makes what the open module learns without a gradient.
func (b *builder) buffer(name string, draw func() float64, shape ...int) ir.ValueID {
	v := b.weight(name, draw, shape)
	b.G.Values[v].Buffer = true
	return v
}

func (b *builder) weight(name string, draw func() float64, shape []int) ir.ValueID {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.F32() {
		t.F32()[i] = float32(draw())
	}
	return b.G.AddConst(strings.TrimPrefix(b.Module+"."+name, "."), t)
}
