package cam

import (
	"context"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// fullGrad adds up ψ(x ⊙ ∂y/∂x) and, for every channel of every layer that adds
// a bias b to maps, ψ(b ⊙ ∂y/∂b), where ψ takes magnitudes, scales them to 0 to
// 1 and enlarges them to the picture. arXiv 1905.00780, eq. 5.
func fullGrad(ctx context.Context, p *probe) (attribution.Field, error) {
	biases := p.biases()
	wrt := []ir.ValueID{p.Main}
	for _, b := range biases {
		wrt = append(wrt, b.out)
	}
	grads, err := p.Gradient(ctx, p.target, nil, wrt...)
	if err != nil {
		return attribution.Field{}, err
	}
	in := p.Grid(p.Main)
	total := make([]float32, in.Places())
	part := make([]float32, in.Places())
	for c := range in.Channels {
		for y := range in.H {
			for x := range in.W {
				at := in.At(c, y, x)
				part[y*in.W+x] = p.Input.F32()[at] * grads[0].F32()[at]
			}
		}
		addMagnitudes(total, part)
	}
	for i, b := range biases {
		s := newStack(b.grid, grads[i+1], nil)
		layer := make([]float32, s.area)
		for k := range s.channels {
			g, _ := s.channel(k)
			of := make([]float32, s.area)
			for j, v := range g {
				of[j] = float32(b.values[k]) * v
			}
			addMagnitudes(layer, of)
		}
		for j, v := range s.field(layer).EnlargeTo(in).Values {
			total[j] += v
		}
	}
	return attribution.OnGrid(in, total), nil
}

// negligible keeps channels that hardly matter from being scaled up to others.
// The paper has none; it is that of pytorch-grad-cam, and shifts maps of small
// gradients by 0.001 or more against a smaller one.
const negligible = 1e-7

// addMagnitudes adds a map's magnitudes, scaled to 0 to 1.
func addMagnitudes(total, v []float32) {
	magnitudes := make([]float32, len(v))
	for i, x := range v {
		magnitudes[i] = float32(math.Abs(float64(x)))
	}
	low, high := slices.Min(magnitudes), slices.Max(magnitudes)
	for i, x := range magnitudes {
		total[i] += (x - low) / (high - low + negligible)
	}
}

// A bias is what a layer adds to each channel of the maps it puts out.
type bias struct {
	out    ir.ValueID
	grid   model.Grid
	values []float64
}

// biases finds the convolutions and batch normalizations with a bias on the way
// to what is explained. A normalization's is what it makes of zeros.
func (p *probe) biases() []bias {
	g := p.Model.Net
	needed := g.Needed([]ir.ValueID{p.target.Value}, nil)
	constant := func(n *ir.Node, i int) []float64 {
		if v := n.Input(i); v != ir.None && g.Values[v].Const != nil {
			floats, err := g.Values[v].Const.Floats()
			if err == nil {
				return floats
			}
		}
		return nil
	}
	var out []bias
	for i := range g.Nodes {
		n := &g.Nodes[i]
		v := n.Output(0)
		if !needed[i] || v == ir.None {
			continue
		}
		grid, ok := p.Spatial(v)
		if !ok {
			continue
		}
		switch n.Op {
		case "Conv", "ConvTranspose":
			if b := constant(n, 2); b != nil {
				out = append(out, bias{v, grid, b})
			}
		case "BatchNormalization":
			scale, shift, mean, variance := constant(n, 1), constant(n, 2), constant(n, 3), constant(n, 4)
			if scale == nil || shift == nil || mean == nil || variance == nil {
				continue
			}
			epsilon := n.Attrs.Float("epsilon", 1e-5)
			for k := range shift {
				shift[k] -= mean[k] * scale[k] / math.Sqrt(variance[k]+epsilon)
			}
			out = append(out, bias{v, grid, shift})
		}
	}
	return out
}
