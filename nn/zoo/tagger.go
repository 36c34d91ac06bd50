package zoo

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A tagger is the size of a network that gives each word of a sentence a tag:
// embeddings, a recurrent layer in both directions, and one linear layer.
type tagger struct{ vocabulary, width, hidden, tags int }

var (
	fullTagger  = tagger{vocabulary: 20_000, width: 128, hidden: 256, tags: 17}
	smallTagger = tagger{vocabulary: 50, width: 12, hidden: 8, tags: 5}
)

func taggerArchitecture(name, source, module string, build func(uint64) *ir.Graph, u unit) Architecture {
	small := func(seed uint64) *ir.Graph { return smallTagger.build(name+"_small", module, u, seed) }
	return Architecture{
		name, source,
		Network{build, []Input{tokens(128, fullTagger.vocabulary)}}, Network{small, []Input{tokens(9, smallTagger.vocabulary)}},
	}
}

// LSTMTagger builds a tagger of 20,000 words, embeddings of 128, 256 units in
// each direction and the 17 tags of Universal Dependencies: 3,359,249
// parameters.
func LSTMTagger(seed uint64) *ir.Graph { return fullTagger.build("lstm_tagger", "lstm", lstm, seed) }

// GRUTagger is the same with gated recurrent units: 3,161,617 parameters.
func GRUTagger(seed uint64) *ir.Graph { return fullTagger.build("gru_tagger", "gru", gru, seed) }

func (t tagger) build(name, module string, u unit, seed uint64) *ir.Graph {
	return network(name, seed, func(b *builder) {
		words := b.input("words", tensor.Int64, ir.Symbol("sequence"))
		body := sequence(
			child("embedding", embedding(t.vocabulary, t.width, 1)),
			child(module, bothWays(u, t.hidden)),
			child("tag", dense(t.tags)),
		)
		b.output("scores", body(b, unread(words)).value)
	})
}

// A unit is a kind of recurrent layer. The gates lie in another order in PyTorch
// than in ONNX; order lists ranges of the former.
type unit struct {
	op    string
	gates int
	order [][2]int64
	attrs ir.Attrs
}

var (
	lstm = unit{"LSTM", 4, [][2]int64{{0, 1}, {3, 4}, {1, 3}}, ir.Pairs()}
	gru  = unit{"GRU", 3, [][2]int64{{1, 2}, {0, 1}, {2, 3}}, ir.Pairs("linear_before_reset", 1)}
)

// bothWays is PyTorch's recurrent layer with bidirectional and batch_first.
func bothWays(u unit, hidden int) block {
	return func(b *builder, x signal) signal {
		weight := func(name string, in int) ir.ValueID {
			return u.eachWay(b, func(suffix string) ir.ValueID {
				return u.reordered(b, b.normal(name+suffix, 1/math.Sqrt(float64(in)), u.gates*hidden, in), hidden)
			})
		}
		w, r := weight("weight_ih_l0", x.channels), weight("weight_hh_l0", hidden)
		bias := u.eachWay(b, func(suffix string) ir.ValueID {
			return b.op("Concat", ir.Pairs("axis", 0),
				u.reordered(b, b.normal("bias_ih_l0"+suffix, 0.1, u.gates*hidden), hidden),
				u.reordered(b, b.normal("bias_hh_l0"+suffix, 0.1, u.gates*hidden), hidden))
		})
		attrs := ir.Pairs("direction", "bidirectional", "hidden_size", hidden)
		for name, a := range u.attrs {
			attrs[name] = a
		}
		y := b.op(u.op, attrs, b.transpose(x.value, 1, 0, 2), w, r, bias)
		y = b.reshape(b.transpose(y, 0, 2, 1, 3), 0, 0, 2*hidden) // [words, batch, both]
		return signal{b.transpose(y, 1, 0, 2), 2 * hidden, 0, 0.1}
	}
}

// eachWay joins what is made for the way there and the way back.
func (u unit) eachWay(b *builder, part func(suffix string) ir.ValueID) ir.ValueID {
	there := b.op("Unsqueeze", nil, part(""), b.list(0))
	back := b.op("Unsqueeze", nil, part("_reverse"), b.list(0))
	return b.op("Concat", ir.Pairs("axis", 0), there, back)
}

// reordered puts the gates of a weight or bias into the order of ONNX.
func (u unit) reordered(b *builder, w ir.ValueID, hidden int) ir.ValueID {
	var parts []ir.ValueID
	for _, r := range u.order {
		parts = append(parts, b.op("Slice", nil, w, b.list(r[0]*int64(hidden)), b.list(r[1]*int64(hidden)), b.list(0)))
	}
	return b.op("Concat", ir.Pairs("axis", 0), parts...)
}
