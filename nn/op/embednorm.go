package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// embedNorm is the first layer of BERT (arXiv 1810.04805, section 3):
//
//	EmbedLayerNormalization(ids, segments?, words, positions, segment table?,
//	  scale, bias, mask?, position ids?) -> y, words in each sequence?, sum?
//
// The embeddings are looked up and added, and the sum is standardized. Places
// are counted from 0 where no position ids are given. The second output counts
// the ones of the mask, and is 0 without a mask.
func embedNorm(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	for _, i := range []int{2, 3, 5, 6} {
		if orNone(in, i) == ir.None {
			return nil, fmt.Errorf("input %d is missing", i)
		}
	}
	ids, segments, table := in[0], orNone(in, 1), orNone(in, 4)
	if (segments == ir.None) != (table == ir.None) {
		return nil, fmt.Errorf("segments and their embedding are not both given")
	}
	sum := b.Op("Add", nil, b.Op("Gather", nil, in[2], ids), placeEmbedding(b, in[3], ids, orNone(in, 8)))
	if table != ir.None {
		sum = b.Op("Add", nil, sum, b.Op("Gather", nil, table, segments))
	}
	y := b.Op("LayerNormalization", normAttrs(n), sum, in[5], in[6])
	return []ir.ValueID{y, countWords(b, ids, orNone(in, 7)), sum}, nil
}

// placeEmbedding looks places up: [batch or 1, sequence, width].
func placeEmbedding(b *ir.Builder, table, ids, places ir.ValueID) ir.ValueID {
	if places != ir.None {
		return b.Op("Gather", nil, table, places)
	}
	length := b.Op("Shape", ir.Pairs("start", 1, "end", 2), ids)
	zero := b.Ints(0)
	return b.Op("Slice", nil, table, zero, length, zero)
}

// countWords counts the ones of each row of a mask, in the type of the ids.
func countWords(b *ir.Builder, ids, mask ir.ValueID) ir.ValueID {
	if mask == ir.None {
		mask = b.Op("Mul", nil, ids, b.Op("CastLike", nil, b.Const(tensor.Scalar[int64](0)), ids))
	}
	one := b.Op("CastLike", nil, b.Const(tensor.Scalar[int64](1)), mask)
	isWord := b.Op("CastLike", nil, b.Op("Equal", nil, mask, one), ids)
	return b.Op("ReduceSum", ir.Pairs("keepdims", 0), isWord, b.Ints(1))
}
