package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// LRN(x) = x/(bias + alpha/size·Σx²)^beta, summed over size neighbouring
// channels (Krizhevsky et al. 2012, section 3.3).
var lrnOps = []Op{{
	Name: "LRN", MinIn: 1,
	Infer: inferLRN,
	Eval:  byFloat(evalLRN[float32], evalLRN[float64]),
	Grad:  gradLRN,
	Cost: func(n *ir.Node, in, _ []Type) Cost {
		return Cost{FLOPs: elements(in[0]) * int64(n.Attrs.Int("size", 1)+3)}
	},
}}

// An lrn is what the node says: before and after are how many neighbours on
// either side belong to the sum.
type lrn struct {
	scale, beta, bias   float64
	size, before, after int
}

func readLRN(n *ir.Node) (lrn, error) {
	size := n.Attrs.Int("size", 0)
	if size < 1 || size > maxWindow {
		return lrn{}, fmt.Errorf("a size of %d is not possible; it must be at least 1", size)
	}
	return lrn{
		scale: n.Attrs.Float("alpha", 1e-4) / float64(size),
		beta:  n.Attrs.Float("beta", 0.75),
		bias:  n.Attrs.Float("bias", 1),
		size:  size, before: (size - 1) / 2, after: size / 2,
	}, nil
}

func inferLRN(n *ir.Node, in []Type) ([]Type, error) {
	if _, err := readLRN(n); err != nil {
		return nil, err
	}
	if s := in[0].Shape; s != nil && len(s) < 2 {
		return nil, fmt.Errorf("an input of shape %v has no channels", s)
	}
	return sameType(n, in)
}

func evalLRN[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	k, err := readLRN(n)
	if err != nil {
		return nil, err
	}
	if in[0].Rank() < 2 {
		return nil, fmt.Errorf("an input of shape %v has no channels", in[0].Shape())
	}
	x := tensor.Data[T](in[0])
	y := make([]T, len(x))
	images, channels, positions := around(in[0].Shape(), 1)
	for i := range min(images, len(x)) { // none of an empty tensor
		for c := range channels {
			lo, hi := max(c-k.before, 0), min(c+k.after+1, channels)
			for p := range positions {
				var sum float64
				for j := lo; j < hi; j++ {
					v := float64(x[(i*channels+j)*positions+p])
					sum += v * v
				}
				at := (i*channels+c)*positions + p
				y[at] = T(float64(x[at]) / math.Pow(k.bias+k.scale*sum, k.beta))
			}
		}
	}
	return one(tensor.Of(y, in[0].Shape()...))
}

// gradLRN: with s = bias + scale·Σx², dx = d·s^-β - 2·scale·β·x·Σ(d·x·s^(-β-1)),
// the second sum over the channels whose sums x is part of.
func gradLRN(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	k, err := readLRN(n)
	if err != nil || !g.Needs(0) {
		return out, err
	}
	x, d := n.Inputs[0], dy[0]
	sum := g.channelWindow(g.Op("Mul", nil, x, x), x, k.size, k.before, k.after)
	s := g.Op("Add", nil, g.Op("Mul", nil, sum, g.scalar(k.scale, x)), g.scalar(k.bias, x))
	direct := g.Op("Mul", nil, d, g.Op("Pow", nil, s, g.scalar(-k.beta, x)))
	part := g.Op("Div", nil, g.Op("Mul", nil, direct, x), s)
	part = g.channelWindow(part, x, k.size, k.after, k.before)
	part = g.Op("Mul", nil, g.Op("Mul", nil, part, x), g.scalar(2*k.scale*k.beta, x))
	out[0] = g.Op("Sub", nil, direct, part)
	return out, nil
}

// channelWindow appends the sum over neighbouring channels: a mean over a
// window of [N, 1, C, positions], times its size.
func (g *Grad) channelWindow(v, like ir.ValueID, size, before, after int) ir.ValueID {
	flat := g.Op("Reshape", nil, v, g.Ints(0, 0, -1))
	window := ir.Pairs("kernel_shape", []int{size, 1}, "pads", []int{before, 0, after, 0}, "count_include_pad", 1)
	mean := g.Op("AveragePool", window, g.Op("Unsqueeze", nil, flat, g.Ints(1)))
	sum := g.Op("Mul", nil, mean, g.scalar(float64(size), like))
	return g.Op("Reshape", nil, sum, g.shapeOf(like))
}
