package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// stftBody is the short-time Fourier transform: frames of the signal [batch,
// length, 1 or 2], frame_step apart, times the window, each transformed.
// Inputs: signal, step, window, frame length. Output [batch, frames, bins, 2].
func stftBody(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	window, length := optID(in, 2), optID(in, 3)
	if length == ir.None {
		if window == ir.None {
			return nil, fmt.Errorf("neither a window nor the length of a frame is given")
		}
		length = b.Op("Size", nil, window)
	}
	frames := b.Node(Domain, "Frames", nil, 1, in[0], in[1], length)[0]
	if window != ir.None {
		frames = b.Op("Mul", nil, frames, b.Op("Unsqueeze", nil, window, b.Ints(-1)))
	}
	attrs := ir.Pairs("onesided", n.Attrs.Int("onesided", 1))
	return []ir.ValueID{b.Op("DFT", attrs, frames, ir.None, b.Const(tensor.Scalar[int64](2)))}, nil
}

// frames cuts a signal [batch, length, parts] into overlapping frames [batch,
// frames, frame length, parts]. Inputs: signal, step, frame length.
var frames = Op{
	Name: "Frames", Domain: Domain, MinIn: 3, AnyType: true, Grad: moveGrad("Frames"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		s := in[0].Shape
		if len(s) != 3 {
			return []Type{out}, nil
		}
		out.Shape = ir.Shape{s[0], ir.Symbol(""), ir.Symbol(""), s[2]}
		step, ok1 := in[1].Ints()
		length, ok2 := in[2].Ints()
		if ok2 && len(length) == 1 && length[0] >= 0 {
			out.Shape[2] = ir.Known(length[0])
		}
		if ok1 && ok2 && len(step) == 1 && len(length) == 1 && s[1].IsKnown() {
			count, err := frameCount(s[1].N, step[0], length[0])
			if err != nil {
				return nil, err
			}
			out.Shape[1] = ir.Known(count)
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		if x.Rank() != 3 {
			return nil, fmt.Errorf("the signal is %v, not [batch, length, parts]", x)
		}
		step, err := oneInt(in[1], 0)
		if err != nil {
			return nil, fmt.Errorf("step: %w", err)
		}
		length, err := oneInt(in[2], 0)
		if err != nil {
			return nil, fmt.Errorf("length: %w", err)
		}
		count, err := frameCount(x.Dim(1), step, length)
		if err != nil {
			return nil, err
		}
		shape := []int{x.Dim(0), count, length, x.Dim(2)}
		if n, err := checkSize(shape); err != nil || n == 0 {
			return emptyOf(x.DType(), shape, err)
		}
		s := stridesOf(x.Shape())
		return one(strided(x, 0, shape, slices.Insert(s, 1, step*s[1])))
	},
}

func frameCount(n, step, length int) (int, error) {
	if step < 1 || length < 1 || length > n {
		return 0, fmt.Errorf("frames of length %d and %d apart do not fit a signal of length %d", length, step, n)
	}
	return (n-length)/step + 1, nil
}
