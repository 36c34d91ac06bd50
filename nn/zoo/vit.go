package zoo

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A vision is the size of a vision transformer.
type vision struct{ side, patch, depth, width, heads, classes int }

// tokens counts the patches and the class token.
func (v vision) tokens() int { return (v.side/v.patch)*(v.side/v.patch) + 1 }

var smallVision = vision{side: 32, patch: 8, depth: 2, width: 48, heads: 3, classes: 10}

func vitArchitecture(name, source string, build func(uint64) *ir.Graph, sized func(string, vision, uint64) *ir.Graph) Architecture {
	small := func(seed uint64) *ir.Graph { return sized(name+"_small", smallVision, seed) }
	return Architecture{name, source, Network{build, pictures(side)}, Network{small, pictures(smallVision.side)}}
}

// ViTB16 builds the base vision transformer on patches of 16×16, with the names
// of torchvision: 86,567,656 parameters.
func ViTB16(seed uint64) *ir.Graph {
	return torchvisionViT("vit_b_16", vision{side, 16, 12, 768, 12, classes}, seed)
}

func torchvisionViT(name string, v vision, seed uint64) *ir.Graph {
	layers := make([]block, v.depth)
	for i := range layers {
		layers[i] = child(fmt.Sprint("encoder_layer_", i), encoderLayer(v))
	}
	encoder := sequence(
		positions("pos_embedding", v),
		child("layers", sequence(layers...)),
		child("ln", layerNorm(1e-6)),
	)
	return classifier(name, seed, v.side, sequence(
		child("conv_proj", patches(v)),
		reshaped(0, v.width, -1),
		transposed(0, 2, 1),
		classToken("class_token", v),
		child("encoder", encoder),
		token(0),
		child("heads", child("head", linear(v.classes))),
	))
}

// encoderLayer normalizes before attention and before the perceptron (figure 1).
func encoderLayer(v vision) block {
	attention := sequence(child("ln_1", layerNorm(1e-6)), child("self_attention", multiheadAttention(v)))
	perceptron := sequence(child("ln_2", layerNorm(1e-6)), child("mlp", numbered(dense(4*v.width), geluErf, nil, dense(v.width))))
	return sequence(residual(attention, nil), residual(perceptron, nil))
}

// multiheadAttention is PyTorch's, which puts the tokens first and projects
// queries, keys and values at once.
func multiheadAttention(v vision) block {
	size, tokens := v.width/v.heads, v.tokens()
	split := func(b *builder, x ir.ValueID) ir.ValueID {
		x = b.transpose(b.reshape(x, tokens, -1, size), 1, 0, 2)
		return b.reshape(x, -1, v.heads, tokens, size)
	}
	return func(b *builder, x signal) signal {
		in := b.transpose(b.kaiming("in_proj_weight", x, 3*v.width, v.width), 1, 0)
		all := b.op("MatMul", nil, b.transpose(x.value, 1, 0, 2), in)
		all = b.op("Add", nil, b.normal("in_proj_bias", 0.1, 3*v.width), all)
		all = b.op("Unsqueeze", nil, b.reshape(all, 0, 0, 3, v.width), b.list(0))
		all = b.op("Squeeze", nil, b.transpose(all, 3, 1, 2, 0, 4), b.list(-2))
		q, k, value := queriesKeysValues(b, all)
		y := attendScaled(b, split(b, q), split(b, k), split(b, value), size)
		y = b.reshape(b.transpose(y, 2, 0, 1, 3), -1, v.width)
		// Not called as a module, the projection has its parameters' names alone.
		out := b.kaiming("out_proj.weight", standard(y, v.width), v.width, v.width)
		y = b.op("Gemm", ir.Pairs("transB", 1), y, out, b.normal("out_proj.bias", 0.1, v.width))
		return standard(b.transpose(b.reshape(y, tokens, -1, v.width), 1, 0, 2), v.width)
	}
}

// patches projects those of a picture.
func patches(v vision) block {
	return conv(convolution{Out: v.width, Kernel: v.patch, Stride: v.patch, Bias: true, Valid: true})
}

// classToken puts a learned token before the others.
func classToken(name string, v vision) block {
	return func(b *builder, x signal) signal {
		batch := b.op("Gather", ir.Pairs("axis", 0), b.op("Shape", nil, x.value), b.constant(tensor.Scalar[int64](0)))
		batch = b.op("Unsqueeze", nil, batch, b.list(0))
		shape := b.op("Concat", ir.Pairs("axis", 0), batch, b.list(1), b.list(int64(v.width)))
		class := b.op("Expand", nil, b.normal(name, math.Sqrt(x.power()), 1, 1, v.width), shape)
		return x.as(b.op("Concat", ir.Pairs("axis", 1), class, x.value))
	}
}

// positions adds a learned vector to each token.
func positions(name string, v vision) block {
	return func(b *builder, x signal) signal {
		return b.sum(x, signal{b.normal(name, 0.5, 1, v.tokens(), v.width), v.width, 0, 0.25})
	}
}

// token takes one of a sequence.
func token(i int64) block {
	return func(b *builder, x signal) signal {
		return x.as(b.op("Gather", ir.Pairs("axis", 1), x.value, b.constant(tensor.Scalar(i))))
	}
}

func reshaped(shape ...int) block {
	return func(b *builder, x signal) signal { return x.as(b.reshape(x.value, shape...)) }
}

func transposed(perm ...int) block {
	return func(b *builder, x signal) signal { return x.as(b.transpose(x.value, perm...)) }
}
