package op

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var fourierOps = []Op{dft, dftGrad, {Name: "STFT", MinIn: 2, Body: stftBody}, frames, moveBackward(frames)}

// dft is the discrete Fourier transform along an axis of real [..., 1] or
// complex [..., 2] numbers. Inputs: x, the length, to which the signal is cut
// or padded with zeros, and the axis (an attribute before opset 20).
var dft = Op{
	Name: "DFT", MinIn: 1,
	Infer: inferDFT,
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		t, err := newTransform(n, in[0], opt(in, 1), opt(in, 2))
		if err != nil {
			return nil, err
		}
		return t.forward(in[0])
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			inputs := append([]ir.ValueID{dy[0]}, n.Inputs...)
			attrs := maps.Clone(n.Attrs)
			if attrs == nil {
				attrs = ir.Attrs{}
			}
			attrs["axis"] = ir.Attr{Value: int64(n.Attrs.Int("axis", defaultDFTAxis(n)))}
			out[0] = g.Node(Domain, "DFTGrad", attrs, 1, inputs...)[0]
		}
		return out, nil
	},
}

// dftGrad is the transpose of dft. Inputs: dy, then those of DFT.
var dftGrad = Op{
	Name: "DFTGrad", Domain: Domain, MinIn: 2,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[1].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		t, err := newTransform(n, in[1], opt(in, 2), opt(in, 3))
		if err != nil {
			return nil, err
		}
		return t.backward(in[0], in[1])
	},
}

func defaultDFTAxis(n *ir.Node) int {
	if n.Domain == "" && n.Version < 20 {
		return 1
	}
	return -2
}

func inferDFT(n *ir.Node, in []Type) ([]Type, error) {
	out := Type{DType: in[0].DType}
	s := in[0].Shape
	axis, known := []int{n.Attrs.Int("axis", defaultDFTAxis(n))}, true
	if n.Input(2) != ir.None {
		axis, known = opt(in, 2).Ints()
	}
	if len(s) < 2 || !known || len(axis) != 1 {
		return []Type{out}, nil
	}
	a, err := axisOf(axis[0], len(s))
	if err != nil {
		return nil, err
	}
	out.Shape = slices.Clone(s)
	length := s[a]
	if n.Input(1) != ir.None {
		length = ir.Symbol("")
		if d := opt(in, 1).Dims(); len(d) == 1 {
			length = d[0]
		}
	}
	inverse, onesided := n.Attrs.Bool("inverse", false), n.Attrs.Bool("onesided", false)
	parts := 2
	switch {
	case inverse && onesided && n.Input(1) == ir.None:
		parts, length = 1, mulDims(ir.Known(2), addDims(length, dimOf(-1)))
	case inverse && onesided:
		parts = 1
	case onesided && length.IsKnown():
		length = ir.Known(length.N/2 + 1)
	case onesided:
		length = ir.Symbol("")
	}
	if v, ok := dimNumber(length); ok && v < 0 {
		return nil, fmt.Errorf("the length %d is negative", v)
	}
	out.Shape[a], out.Shape[len(s)-1] = length, ir.Known(parts)
	return []Type{out}, nil
}
