package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// causalConv convolves each channel of [batch, channels, length] with its own
// taps [channels, 1, taps], which reach back from each place; before the first
// one lies the past state [batch, channels, taps - 1], or zeros:
//
//	CausalConvWithState(x, w, bias?, past?) -> y, present
//
// present is the past state of what follows.
func causalConv(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	x, w, past := in[0], in[1], orNone(in, 3)
	taps := b.Op("Shape", ir.Pairs("start", 2, "end", 3), w)
	one := b.Ints(1)
	if past == ir.None {
		before := b.Op("Concat", ir.Pairs("axis", 0), b.Op("Shape", ir.Pairs("end", 2), x), b.Op("Sub", nil, taps, one))
		past = b.Op("Expand", nil, b.Op("CastLike", nil, b.Const(tensor.Scalar[float32](0)), x), before)
	}
	all := b.Op("Concat", ir.Pairs("axis", 2), past, x)
	// Frames are taken of [batch, length, parts], the channels.
	frames := b.Node(Domain, "Frames", nil, 1, b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), all), one, taps)[0]
	y := b.Op("Einsum", ir.Pairs("equation", "blkc,cok->bcl"), frames, w)
	if bias := orNone(in, 2); bias != ir.None {
		y = b.Op("Add", nil, y, b.Op("Unsqueeze", nil, bias, one))
	}
	switch kind := n.Attrs.Str("activation", "none"); kind {
	case "none":
	case "silu", "swish":
		y = b.Op("Swish", nil, y)
	default:
		return nil, fmt.Errorf("the activation %q is not one of none, silu, swish", kind)
	}
	length := b.Op("Shape", ir.Pairs("start", 2, "end", 3), x)
	present := b.Op("Slice", nil, all, length, b.Op("Add", nil, length, b.Op("Sub", nil, taps, one)), b.Ints(2))
	return []ir.ValueID{y, present}, nil
}
