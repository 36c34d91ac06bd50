package op

import (
	"errors"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// rotaryPlaces are the places of a sequence's elements as ONNX Runtime's
// RotaryEmbedding is given them: RotaryPlaces(ids, x [batch, heads, sequence,
// size]) -> [batch, sequence]. The ids are those places, or one number, the
// place of the first element.
var rotaryPlaces = Op{
	Name: "RotaryPlaces", Domain: Domain, MinIn: 2, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: tensor.Int64, Shape: unknownExtents(2)}
		if s := in[1].Shape; len(s) == 4 {
			out.Shape = ir.Shape{s[0], s[2]}
		} else if s != nil {
			return nil, fmt.Errorf("the input has shape %v, not four axes", s)
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		ids, err := in[0].Ints()
		if err != nil {
			return nil, err
		}
		if in[1].Rank() != 4 {
			return nil, fmt.Errorf("the input is %v, not of four axes", in[1])
		}
		batch, length := in[1].Dim(0), in[1].Dim(2)
		first := in[0].Rank() < 2 && len(ids) == 1
		if !first && len(ids) != batch*length {
			return nil, fmt.Errorf("places %v for a batch of %d sequences of %d", in[0], batch, length)
		}
		places, err := zeros(tensor.Int64, batch, length)
		if err != nil {
			return nil, err
		}
		for i := range places.I64() {
			if first {
				places.I64()[i] = int64(ids[0] + i%length)
			} else {
				places.I64()[i] = int64(ids[i])
			}
		}
		return one(places)
	},
}

// mergedRotary is RotaryEmbedding with the inputs of ONNX Runtime's operator: x
// as it lies before SplitHeads, the places, and the tables of cosines and sines.
func mergedRotary(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	if n.Attrs.Float("scale", 1) != 1 || n.Attrs.Bool("is_packed_batching", false) {
		return nil, errors.New("scale and is_packed_batching are not known")
	}
	x := b.Node(Domain, "SplitHeads", ir.Pairs("heads", n.Attrs.Int("num_heads", 0)), 1, in[0], in[2])[0]
	places := b.Node(Domain, "RotaryPlaces", nil, 1, in[1], x)[0]
	size := ir.ValueID(ir.None)
	if n.Attrs.Int("rotary_embedding_dim", 0) > 0 {
		size = b.Ints(n.Attrs.Int("rotary_embedding_dim", 0))
	}
	y := turnHeads(b, x, in[2], in[3], places, size, n.Attrs.Bool("interleaved", false))
	return []ir.ValueID{b.Node(Domain, "JoinHeads", nil, 1, y, in[0])[0]}, nil
}

// turnHeads turns the first size features of x [batch, heads, sequence, size],
// all if size is None, by the angles that the tables have for the places.
func turnHeads(b *ir.Builder, x, cos, sin, places, size ir.ValueID, interleaved bool) ir.ValueID {
	one := b.Ints(1)
	at := func(table ir.ValueID) ir.ValueID {
		return b.Op("Unsqueeze", nil, b.Op("Gather", nil, table, places), one)
	}
	if size == ir.None {
		return rotate(b, x, at(cos), at(sin), interleaved)
	}
	last := b.Ints(-1)
	turning := b.Op("Slice", nil, x, b.Ints(0), size, last)
	rest := b.Op("Slice", nil, x, size, b.Ints(math.MaxInt64), last)
	return b.Op("Concat", ir.Pairs("axis", -1), rotate(b, turning, at(cos), at(sin), interleaved), rest)
}
