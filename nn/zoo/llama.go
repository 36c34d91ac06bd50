package zoo

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A llama is the size of a decoder of this kind; base is that of the angles of
// rotary embeddings.
type llama struct {
	vocabulary, depth, width, hidden int
	heads, shared                    int // of queries, and of keys and values
	base                             float64
}

var (
	smolLM     = llama{vocabulary: 49152, depth: 30, width: 576, hidden: 1536, heads: 9, shared: 3, base: 1e5}
	smallLlama = llama{vocabulary: 100, depth: 2, width: 48, hidden: 80, heads: 6, shared: 2, base: 1e4}
)

// size is that of a head.
func (l llama) size() int { return l.width / l.heads }

// SmolLM2 builds the decoder of 30 layers of width 576 with grouped queries,
// with the names of Hugging Face; the tokens' embeddings are also the weights of
// the last layer: 134,515,008 parameters.
func SmolLM2(seed uint64) *ir.Graph { return smolLM.build("smollm2_135m", seed) }

func llamaArchitecture() Architecture {
	small := func(seed uint64) *ir.Graph { return smallLlama.build("llama_small", seed) }
	return Architecture{
		"smollm2_135m", "Touvron et al., arXiv 2302.13971, section 2.2; sizes of Allal et al., arXiv 2502.02737",
		Network{SmolLM2, []Input{tokens(128, smolLM.vocabulary)}}, Network{small, []Input{tokens(12, smallLlama.vocabulary)}},
	}
}

// build takes tokens [batch, sequence] and returns for each the scores of what
// comes next.
func (l llama) build(name string, seed uint64) *ir.Graph {
	return network(name, seed, func(b *builder) {
		tokens := unread(b.input("input_ids", tensor.Int64, ir.Symbol("sequence")))
		body := func(b *builder, tokens signal) signal {
			x := child("embed_tokens", embedding(l.vocabulary, l.width, 0.05))(b, tokens)
			places := b.op("Range", nil, b.constant(tensor.Scalar[int64](0)), sequenceLength(b, tokens.value), b.constant(tensor.Scalar[int64](1)))
			mask := causalMask(b, places)
			angles := l.angles(b, places)
			for i := range l.depth {
				x = child(fmt.Sprint("layers.", i), l.layer(angles, mask))(b, x)
			}
			return child("norm", rmsNorm)(b, x)
		}
		x := child("model", body)(b, tokens)
		table := b.G.ValueByName("model.embed_tokens.weight")
		b.output("logits", child("lm_head", func(b *builder, x signal) signal {
			return standard(b.op("MatMul", nil, x.value, b.transpose(table, 1, 0)), l.vocabulary)
		})(b, x).value)
	})
}

// causalMask is maskOfFuture, spelled with a comparison of places.
func causalMask(b *builder, places ir.ValueID) ir.ValueID {
	query, key := b.op("Unsqueeze", nil, places, b.list(1)), b.op("Unsqueeze", nil, places, b.list(0))
	seen := b.op("LessOrEqual", nil, key, query)
	return b.op("Unsqueeze", nil, b.op("Where", nil, seen, b.number(0), b.number(least)), b.list(0, 1))
}

// rotations are the cosines and sines of the angles by which features turn at
// each place: [1, 1, sequence, size].
type rotations struct{ cos, sin ir.ValueID }

func (l llama) angles(b *builder, places ir.ValueID) (r rotations) {
	frequencies := tensor.New(tensor.Float32, l.size()/2)
	for i := range frequencies.F32() {
		frequencies.F32()[i] = float32(math.Pow(l.base, -2*float64(i)/float64(l.size())))
	}
	child("rotary_emb", func(b *builder, x signal) signal {
		place := b.op("Unsqueeze", nil, b.op("Cast", ir.Pairs("to", castFloat), x.value), b.list(1))
		half := b.op("Mul", nil, place, b.constant(frequencies))
		both := b.op("Unsqueeze", nil, b.op("Concat", ir.Pairs("axis", -1), half, half), b.list(0, 1))
		r = rotations{b.op("Cos", nil, both), b.op("Sin", nil, both)}
		return x
	})(b, unread(places))
	return r
}

// rotate turns the pairs of features i and size/2 + i (Su et al., arXiv
// 2104.09864, equation 34, with the pairs apart).
func (l llama) rotate(b *builder, x ir.ValueID, r rotations) ir.ValueID {
	half := int64(l.size() / 2)
	low := b.op("Slice", nil, x, b.list(0), b.list(half), b.list(3))
	high := b.op("Slice", nil, x, b.list(half), b.list(math.MaxInt64), b.list(3))
	turned := b.op("Concat", ir.Pairs("axis", -1), b.op("Neg", nil, high), low)
	return b.op("Add", nil, b.op("Mul", nil, x, r.cos), b.op("Mul", nil, turned, r.sin))
}

func (l llama) layer(r rotations, mask ir.ValueID) block {
	attention := sequence(child("input_layernorm", rmsNorm), child("self_attn", l.attention(r, mask)))
	perceptron := sequence(child("post_attention_layernorm", rmsNorm), child("mlp", l.gated))
	return sequence(residual(attention, nil), residual(perceptron, nil))
}

// attention gives several heads of queries the same keys and values (Ainslie et
// al., arXiv 2305.13245).
func (l llama) attention(r rotations, mask ir.ValueID) block {
	return func(b *builder, x signal) signal {
		heads := func(name string, n int) ir.ValueID {
			return splitHeads(b, child(name, denseWithoutBias(n*l.size()))(b, x), n)
		}
		q, k, v := heads("q_proj", l.heads), heads("k_proj", l.shared), heads("v_proj", l.shared)
		q, k = l.rotate(b, q, r), l.rotate(b, k, r)
		y := attend(b, q, l.repeat(b, k), l.repeat(b, v), mask, l.size())
		return child("o_proj", denseWithoutBias(l.width))(b, joinHeads(b, y, l.width))
	}
}

// repeat gives each head of queries its own copy.
func (l llama) repeat(b *builder, x ir.ValueID) ir.ValueID {
	times := int64(l.heads / l.shared)
	x = b.op("Expand", nil, b.op("Unsqueeze", nil, x, b.list(2)), b.list(1, 1, times, 1, 1))
	return b.reshape(x, 0, l.heads, -1, l.size())
}

// gated is the perceptron with a gate (Shazeer, arXiv 2002.05202, equation 6).
func (l llama) gated(b *builder, x signal) signal {
	gate := child("act_fn", silu)(b, child("gate_proj", denseWithoutBias(l.hidden))(b, x))
	up := child("up_proj", denseWithoutBias(l.hidden))(b, x)
	return child("down_proj", denseWithoutBias(l.width))(b, b.product(gate, up))
}

// rmsNorm divides by the root of the mean square (Zhang and Sennrich, arXiv
// 1910.07467, equation 4).
func rmsNorm(b *builder, x signal) signal {
	square := b.op("ReduceMean", ir.Pairs("axes", []int{-1}), b.op("Pow", nil, x.value, b.number(2)))
	root := b.op("Sqrt", nil, b.op("Add", nil, square, b.number(1e-5)))
	y := b.op("Mul", nil, x.value, b.op("Div", nil, b.number(1), root))
	return standard(b.op("Mul", nil, b.scale("weight", x.channels), y), x.channels)
}
