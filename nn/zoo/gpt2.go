package zoo

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A decoder is the size of a GPT.
type decoder struct{ vocabulary, positions, depth, width, heads int }

var smallGPT2 = decoder{vocabulary: 100, positions: 32, depth: 2, width: 48, heads: 3}

// GPT2 builds the smallest of the four, with the names of Hugging Face; the
// tokens' embeddings are also the weights of the last layer: 124,439,808
// parameters.
func GPT2(seed uint64) *ir.Graph { return gpt2("gpt2", decoder{50257, 1024, 12, 768, 12}, seed) }

func gpt2Architecture() Architecture {
	small := func(seed uint64) *ir.Graph { return gpt2("gpt2_small", smallGPT2, seed) }
	return Architecture{
		"gpt2", "Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.3",
		Network{GPT2, []Input{tokens(128, 50257)}}, Network{small, []Input{tokens(12, smallGPT2.vocabulary)}},
	}
}

// gpt2 takes tokens [batch, sequence] and returns for each the scores of what
// comes next.
func gpt2(name string, d decoder, seed uint64) *ir.Graph {
	return network(name, seed, func(b *builder) {
		tokens := unread(b.input("input_ids", tensor.Int64, ir.Symbol("sequence")))
		var table ir.ValueID
		body := func(b *builder, tokens signal) signal {
			x, words := gptEmbeddings(b, d, tokens)
			table = words
			mask := maskOfFuture(b, tokens.value)
			for i := range d.depth {
				x = child(fmt.Sprint("h.", i), gptLayer(d, mask))(b, x)
			}
			return child("ln_f", layerNorm(1e-5))(b, x)
		}
		x := child("transformer", body)(b, tokens)
		b.output("logits", child("lm_head", func(b *builder, x signal) signal {
			return standard(b.op("MatMul", nil, x.value, b.transpose(table, 1, 0)), d.vocabulary)
		})(b, x).value)
	})
}

// gptEmbeddings sums what stands for a token and for its place; it also returns
// the table of the former.
func gptEmbeddings(b *builder, d decoder, tokens signal) (x signal, table ir.ValueID) {
	places := firstPlaces(b, tokens.value, d.positions)
	word := child("wte", embedding(d.vocabulary, d.width, 0.02))(b, tokens)
	table = b.G.ValueByName("transformer.wte.weight")
	place := child("wpe", embedding(d.positions, d.width, 0.02))(b, unread(places))
	return b.sum(word, place), table
}

// maskOfFuture is what is added to the scores of a query, 0 for tokens up to its
// own and the least number for those behind: [1, 1, sequence, sequence].
func maskOfFuture(b *builder, tokens ir.ValueID) ir.ValueID {
	length := b.op("Unsqueeze", nil, sequenceLength(b, tokens), b.list(0))
	square := b.op("Concat", ir.Pairs("axis", 0), length, length)
	all := b.op("ConstantOfShape", ir.Attrs{"value": {Value: tensor.Vector[float32](least)}}, square)
	future := b.op("Trilu", ir.Pairs("upper", 1), all, b.constant(tensor.Scalar[int64](1)))
	return b.op("Unsqueeze", nil, future, b.list(0, 1))
}

// gptLayer normalizes before attention and before the perceptron.
func gptLayer(d decoder, mask ir.ValueID) block {
	attention := sequence(child("ln_1", layerNorm(1e-5)), child("attn", gptAttention(d, mask)))
	perceptron := sequence(child("c_fc", conv1D(4*d.width)), child("act", geluTanh), child("c_proj", conv1D(d.width)))
	return sequence(residual(attention, nil), residual(sequence(child("ln_2", layerNorm(1e-5)), child("mlp", perceptron)), nil))
}

func gptAttention(d decoder, mask ir.ValueID) block {
	return func(b *builder, x signal) signal {
		all := child("c_attn", conv1D(3*d.width))(b, x)
		parts := b.ops("Split", ir.Pairs("axis", 2), 3, all.value, b.list(int64(d.width), int64(d.width), int64(d.width)))
		part := func(i int) ir.ValueID { return splitHeads(b, standard(parts[i], d.width), d.heads) }
		y := attend(b, part(0), part(1), part(2), mask, d.width/d.heads)
		return child("c_proj", conv1D(d.width))(b, joinHeads(b, y, d.width))
	}
}

// conv1D is a linear layer whose weights are [in, out], on the last axis of
// [batch, tokens, in].
func conv1D(out int) block {
	return func(b *builder, x signal) signal {
		extents := b.op("Slice", nil, b.op("Shape", nil, x.value), b.list(0), b.list(2))
		w := b.normal("weight", 1/math.Sqrt(x.power()*float64(x.channels)), x.channels, out)
		y := b.op("Gemm", nil, b.reshape(x.value, -1, x.channels), w, b.bias(out))
		return standard(b.op("Reshape", nil, y, b.op("Concat", ir.Pairs("axis", 0), extents, b.list(int64(out)))), out)
	}
}
