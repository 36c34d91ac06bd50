package zoo

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// An encoder is the size of a BERT; the perceptrons are four times as wide.
type encoder struct{ vocabulary, positions, depth, width, heads int }

var smallBERT = encoder{vocabulary: 100, positions: 32, depth: 2, width: 48, heads: 3}

func bertArchitecture(name, source string, build func(uint64) *ir.Graph) Architecture {
	small := func(seed uint64) *ir.Graph { return bert(name+"_small", smallBERT, seed) }
	inputs := func(length, vocabulary int) []Input {
		return []Input{tokens(length, vocabulary), tokens(length, 2), tokens(length, 2)}
	}
	return Architecture{name, source, Network{build, inputs(128, 30522)}, Network{small, inputs(12, smallBERT.vocabulary)}}
}

// BERTBase builds the base encoder with its pooler, with the names of Hugging
// Face: 109,482,240 parameters.
func BERTBase(seed uint64) *ir.Graph {
	return bert("bert_base", encoder{30522, 512, 12, 768, 12}, seed)
}

// MiniLM builds the encoder of 6 layers of width 384 that sentence embeddings
// are often made with: 22,713,216 parameters.
func MiniLM(seed uint64) *ir.Graph {
	return bert("minilm_l6_h384", encoder{30522, 512, 6, 384, 12}, seed)
}

// bert takes tokens, 1 for those that count, and the sentence that each is of,
// all [batch, sequence]; it returns a vector for each token, and one for all.
func bert(name string, e encoder, seed uint64) *ir.Graph {
	return network(name, seed, func(b *builder) {
		input := func(name string) ir.ValueID { return b.input(name, tensor.Int64, ir.Symbol("sequence")) }
		tokens, counts, sentences := input("input_ids"), input("attention_mask"), input("token_type_ids")
		layers := make([]block, e.depth)
		mask := maskOfPadding(b, counts)
		for i := range layers {
			layers[i] = child(fmt.Sprint("layer.", i), bertLayer(e, mask))
		}
		x := sequence(child("embeddings", bertEmbeddings(e, sentences)), child("encoder", sequence(layers...)))(b, unread(tokens))
		b.output("last_hidden_state", x.value)
		pooler := sequence(token(0), child("dense", linear(e.width)), child("activation", activation("Tanh", nil, math.Tanh)))
		b.output("pooler_output", child("pooler", pooler)(b, x).value)
	})
}

// maskOfPadding turns 1 and 0 for each token into what is added to scores, 0 and
// the least number: [batch, 1, 1, sequence].
func maskOfPadding(b *builder, counts ir.ValueID) ir.ValueID {
	m := b.op("Unsqueeze", nil, b.op("Unsqueeze", nil, counts, b.list(1)), b.list(2))
	m = b.op("Cast", ir.Pairs("to", castFloat), m)
	return b.op("Mul", nil, b.op("Sub", nil, b.number(1), m), b.number(least))
}

// bertEmbeddings sums what stands for a token, its sentence and its place.
func bertEmbeddings(e encoder, sentences ir.ValueID) block {
	return func(b *builder, tokens signal) signal {
		places := firstPlaces(b, tokens.value, e.positions)
		word := child("word_embeddings", embedding(e.vocabulary, e.width, 0.02))(b, tokens)
		sentence := child("token_type_embeddings", embedding(2, e.width, 0.02))(b, unread(sentences))
		place := child("position_embeddings", embedding(e.positions, e.width, 0.02))(b, unread(places))
		return child("LayerNorm", layerNorm(1e-12))(b, b.sum(b.sum(word, sentence), place))
	}
}

// firstPlaces lists 0, 1, 2, ... for tokens [batch, sequence], of up to most:
// [1, sequence].
func firstPlaces(b *builder, tokens ir.ValueID, most int) ir.ValueID {
	all := make([]int64, most)
	for i := range all {
		all[i] = int64(i)
	}
	length := b.op("Unsqueeze", nil, sequenceLength(b, tokens), b.list(0))
	return b.op("Slice", nil, b.constant(tensor.Of(all, 1, most)), b.list(0), length, b.list(1))
}

// sequenceLength is the second extent, a scalar.
func sequenceLength(b *builder, tokens ir.ValueID) ir.ValueID {
	return b.op("Gather", ir.Pairs("axis", 0), b.op("Shape", nil, tokens), b.constant(tensor.Scalar[int64](1)))
}

// bertLayer normalizes behind attention and behind the perceptron, unlike later
// transformers.
func bertLayer(e encoder, mask ir.ValueID) block {
	intermediate := sequence(child("dense", dense(4*e.width)), child("intermediate_act_fn", geluErf))
	return sequence(
		child("attention", bertOutput(e, child("self", bertSelfAttention(e, mask)))),
		bertOutput(e, child("intermediate", intermediate)),
	)
}

// bertOutput projects what the body makes, adds what went in, and normalizes.
func bertOutput(e encoder, body block) block {
	return func(b *builder, x signal) signal {
		around := func(b *builder, y signal) signal { return b.sum(y, x) }
		output := sequence(child("dense", dense(e.width)), around, child("LayerNorm", layerNorm(1e-12)))
		return child("output", output)(b, body(b, x))
	}
}

func bertSelfAttention(e encoder, mask ir.ValueID) block {
	return func(b *builder, x signal) signal {
		part := func(name string) ir.ValueID { return splitHeads(b, child(name, dense(e.width))(b, x), e.heads) }
		y := attend(b, part("query"), part("key"), part("value"), mask, e.width/e.heads)
		return joinHeads(b, y, e.width)
	}
}
