package zoo

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Layers on sequences [batch, tokens, width]; the channels of a signal are the
// width.

const (
	castFloat = 1 // ONNX's number of float32
	least     = -math.MaxFloat32
)

// dense is PyTorch's Linear on the last of several axes.
func dense(out int) block {
	return func(b *builder, x signal) signal {
		y := denseWithoutBias(out)(b, x)
		return y.as(b.op("Add", nil, b.bias(out), y.value))
	}
}

func denseWithoutBias(out int) block {
	return func(b *builder, x signal) signal {
		w := b.kaiming("weight", x, out, x.channels)
		return standard(b.op("MatMul", nil, x.value, b.transpose(w, 1, 0)), out)
	}
}

// layerNorm has a scale and a shift as after some training, so that leaving
// them out would show.
func layerNorm(epsilon float64) block {
	return func(b *builder, x signal) signal {
		scale, shift := b.scale("weight", x.channels), b.bias(x.channels)
		return standard(b.op("LayerNormalization", ir.Pairs("axis", -1, "epsilon", epsilon), x.value, scale, shift), x.channels)
	}
}

// geluErf is x/2·(1 + erf(x/√2)) as exported before Gelu was an operator.
func geluErf(b *builder, x signal) signal {
	e := b.op("Erf", nil, b.op("Div", nil, x.value, b.number(math.Sqrt2)))
	y := b.op("Mul", nil, x.value, b.op("Add", nil, e, b.number(1)))
	return x.through(gelu).as(b.op("Mul", nil, y, b.number(0.5)))
}

// geluTanh is x/2·(1 + tanh(√(2/π)(x + 0.044715x³))), likewise.
func geluTanh(b *builder, x signal) signal {
	cubed := b.op("Mul", nil, b.op("Pow", nil, x.value, b.number(3)), b.number(0.044715))
	inner := b.op("Mul", nil, b.op("Add", nil, x.value, cubed), b.number(math.Sqrt(2/math.Pi)))
	gate := b.op("Add", nil, b.op("Tanh", nil, inner), b.number(1))
	return x.through(gelu).as(b.op("Mul", nil, b.op("Mul", nil, x.value, b.number(0.5)), gate))
}

func gelu(z float64) float64 { return z / 2 * math.Erfc(-z/math.Sqrt2) }

// embedding looks tokens up in a table of the open module, whose numbers have
// the given deviation.
func embedding(rows, width int, deviation float64) block {
	return func(b *builder, tokens signal) signal {
		table := b.normal("weight", deviation, rows, width)
		return signal{b.op("Gather", nil, table, tokens.value), width, 0, deviation * deviation}
	}
}

// unread is a signal of numbers that no layer computes with, such as tokens.
func unread(v ir.ValueID) signal { return standard(v, 1) }

// splitHeads makes [batch, heads, tokens, width/heads] of [batch, tokens, width].
func splitHeads(b *builder, x signal, heads int) ir.ValueID {
	return b.transpose(b.reshape(x.value, 0, 0, heads, x.channels/heads), 0, 2, 1, 3)
}

func joinHeads(b *builder, x ir.ValueID, width int) signal {
	return standard(b.reshape(b.transpose(x, 0, 2, 1, 3), 0, 0, width), width)
}

// attend is softmax(q·kᵀ/√size + mask)·v (Vaswani et al., arXiv 1706.03762,
// equation 1) for heads of the given size, as transformers of Hugging Face spell
// it; the mask may be None.
func attend(b *builder, q, k, v, mask ir.ValueID, size int) ir.ValueID {
	scores := b.op("MatMul", nil, q, b.transpose(k, 0, 1, 3, 2))
	scores = b.op("Div", nil, scores, b.number(math.Sqrt(float64(size))))
	if mask != ir.None {
		scores = b.op("Add", nil, scores, mask)
	}
	return b.op("MatMul", nil, b.op("Softmax", ir.Pairs("axis", -1), scores), v)
}

// attendScaled is the same without a mask, as torch.onnx spells
// scaled_dot_product_attention: each factor takes the root of the scale.
func attendScaled(b *builder, q, k, v ir.ValueID, size int) ir.ValueID {
	root := b.number(math.Pow(float64(size), -0.25))
	q, k = b.op("Mul", nil, q, root), b.op("Mul", nil, b.transpose(k, 0, 1, 3, 2), root)
	return b.op("MatMul", nil, b.op("Softmax", ir.Pairs("axis", -1), b.op("MatMul", nil, q, k)), v)
}

// queriesKeysValues takes [3, ...] apart.
func queriesKeysValues(b *builder, x ir.ValueID) (q, k, v ir.ValueID) {
	at := func(i int64) ir.ValueID { return b.op("Gather", ir.Pairs("axis", 0), x, b.constant(tensor.Scalar(i))) }
	return at(0), at(1), at(2)
}
