package zoo

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A convolution has square kernels; the zero value of a field is its default
// in PyTorch, except for Pad.
type convolution struct {
	Out, Kernel int
	Stride      int // 0 means 1
	Groups      int // 0 means 1; depthwise means one for each channel
	Bias        bool
}

const depthwise = -1

// conv pads so that a stride of 1 keeps height and width.
func conv(c convolution) block { return paddedConv(c, c.Kernel/2) }

func paddedConv(c convolution, pad int) block {
	return func(b *builder, x signal) signal {
		groups := max(c.Groups, 1)
		if c.Groups == depthwise {
			groups = x.channels
		}
		attrs := slidingAttrs(c.Kernel, max(c.Stride, 1), pad)
		attrs["group"] = ir.Attr{Value: int64(groups)}
		in := []ir.ValueID{x.value, b.kaiming("weight", c.Out, x.channels/groups, c.Kernel, c.Kernel)}
		if c.Bias {
			in = append(in, b.filled("bias", 0, c.Out))
		}
		return signal{b.op("Conv", attrs, in...), c.Out}
	}
}

func slidingAttrs(kernel, stride, pad int) ir.Attrs {
	return ir.Pairs("kernel_shape", []int{kernel, kernel}, "strides", []int{stride, stride}, "pads", []int{pad, pad, pad, pad})
}

// batchNorm has statistics as after some training, so that leaving it out
// would show.
func batchNorm(b *builder, x signal) signal {
	scale, shift := b.filled("weight", 1, x.channels), b.filled("bias", 0, x.channels)
	mean := b.buffer("running_mean", func() float64 { return 0.1 * b.random.NormFloat64() }, x.channels)
	variance := b.buffer("running_var", func() float64 { return 0.5 + b.random.Float64() }, x.channels)
	return signal{b.op("BatchNormalization", ir.Pairs("epsilon", 1e-5), x.value, scale, shift, mean, variance), x.channels}
}

func relu(b *builder, x signal) signal { return operator("Relu", nil)(b, x) }

// relu6 is min(max(x, 0), 6).
func relu6(b *builder, x signal) signal {
	low, high := b.Float(0, tensor.Float32), b.Float(6, tensor.Float32)
	return signal{b.op("Clip", nil, x.value, low, high), x.channels}
}

func maxPool(kernel, stride, pad int) block {
	return operator("MaxPool", slidingAttrs(kernel, stride, pad))
}

// maxPoolCeil lets the last window reach over the edge.
func maxPoolCeil(kernel, stride int) block {
	attrs := slidingAttrs(kernel, stride, 0)
	attrs["ceil_mode"] = ir.Attr{Value: int64(1)}
	return operator("MaxPool", attrs)
}

func globalAveragePool(b *builder, x signal) signal {
	return operator("GlobalAveragePool", nil)(b, x)
}

// flatten turns [N, C, 1, 1] into [N, C].
func flatten(b *builder, x signal) signal {
	return operator("Flatten", ir.Pairs("axis", 1))(b, x)
}

func linear(out int) block {
	return func(b *builder, x signal) signal {
		w := b.param("weight", func() float64 { return 0.01 * b.random.NormFloat64() }, out, x.channels)
		return signal{b.op("Gemm", ir.Pairs("transB", 1), x.value, w, b.filled("bias", 0, out)), out}
	}
}

// kaiming draws the weights of a layer before a ReLU so that the signal keeps
// its strength (He et al., arXiv 1502.01852, equation 10).
func (b *builder) kaiming(name string, out int, in ...int) ir.ValueID {
	fan := 1
	for _, n := range in {
		fan *= n
	}
	deviation := math.Sqrt(2 / float64(fan))
	return b.param(name, func() float64 { return deviation * b.random.NormFloat64() }, append([]int{out}, in...)...)
}

func (b *builder) filled(name string, v float64, shape ...int) ir.ValueID {
	return b.param(name, func() float64 { return v }, shape...)
}

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
	return b.G.AddConst(b.Module+"."+name, t)
}
