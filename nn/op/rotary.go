package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
)

// rotaryBody turns pairs of features by angles that grow with the position
// (arXiv 2104.09864). Input [batch, heads, sequence, size], or [batch,
// sequence, heads·size] where num_heads is given; the cosines and sines are
// looked up by position_ids, or given for each position. Pairs are neighbours
// if interleaved, else features of the two halves; features from
// rotary_embedding_dim on stay as they are.
func rotaryBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	heads, size := n.Attrs.Int("num_heads", 0), n.Attrs.Int("rotary_embedding_dim", 0)
	x := in[0]
	if heads > 0 {
		x = b.Op("Reshape", nil, x, b.Ints(0, 0, heads, -1))
	} else {
		x = b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), x)
	}
	turning, rest := x, ir.ValueID(ir.None)
	if size > 0 {
		turning, rest = lastAxis(b, x, 0, size, 1), lastAxis(b, x, size, math.MaxInt64, 1)
	}
	y := rotate(b, turning, angles(b, in, 1), angles(b, in, 2), n.Attrs.Bool("interleaved", false))
	if size > 0 {
		y = b.Op("Concat", ir.Pairs("axis", -1), y, rest)
	}
	if heads > 0 {
		y = b.Op("Reshape", nil, y, b.Ints(0, 0, -1))
	} else {
		y = b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1, 3}), y)
	}
	return []ir.ValueID{y}, nil
}

// angles returns the cosines or sines of each position: [batch, sequence, 1,
// pairs].
func angles(b *ir.Builder, in []ir.ValueID, i int) ir.ValueID {
	cache := in[i]
	if len(in) > 3 && in[3] != ir.None {
		cache = b.Op("Gather", nil, cache, in[3])
	}
	return b.Op("Unsqueeze", nil, cache, b.Ints(2))
}

// rotate turns (p, q) to (p·cos - q·sin, p·sin + q·cos).
func rotate(b *ir.Builder, x, cos, sin ir.ValueID, interleaved bool) ir.ValueID {
	var p, q ir.ValueID
	if interleaved {
		p, q = lastAxis(b, x, 0, math.MaxInt64, 2), lastAxis(b, x, 1, math.MaxInt64, 2)
	} else {
		halves := b.Node("", "Split", ir.Pairs("axis", -1, "num_outputs", 2), 2, x)
		p, q = halves[0], halves[1]
	}
	re := b.Op("Sub", nil, b.Op("Mul", nil, p, cos), b.Op("Mul", nil, q, sin))
	im := b.Op("Add", nil, b.Op("Mul", nil, p, sin), b.Op("Mul", nil, q, cos))
	if !interleaved {
		return b.Op("Concat", ir.Pairs("axis", -1), re, im)
	}
	last := b.Ints(-1)
	pairs := b.Op("Concat", ir.Pairs("axis", -1), b.Op("Unsqueeze", nil, re, last), b.Op("Unsqueeze", nil, im, last))
	return b.Op("Reshape", nil, pairs, b.Ints(0, 0, 0, -1))
}

func lastAxis(b *ir.Builder, x ir.ValueID, from, to, step int) ir.ValueID {
	return b.Op("Slice", nil, x, b.Ints(from), b.Ints(to), b.Ints(-1), b.Ints(step))
}
