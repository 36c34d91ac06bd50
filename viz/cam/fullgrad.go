package cam

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// fullGrad adds up ψ(x ⊙ ∂y/∂x) and, for every channel of every layer that adds
// a bias b to maps, ψ(b ⊙ ∂y/∂b), where ψ takes magnitudes, scales them to 0 to
// 1 and enlarges them to the picture. arXiv 1905.00780, eq. 5.
func fullGrad(ctx context.Context, p *probe) (attribution.Field, error) {
	biases := p.biases()
	wrt := []ir.ValueID{p.Model.Input}
	for _, b := range biases {
		wrt = append(wrt, b.out)
	}
	grads, err := p.Gradient(ctx, p.target, nil, wrt...)
	if err != nil {
		return attribution.Field{}, err
	}
	planes := p.Planes()
	total := make([]float32, planes.W*planes.H)
	part := make([]float32, planes.W*planes.H)
	for c := range planes.Channels {
		for y := range planes.H {
			for x := range planes.W {
				at := planes.At(c, y, x)
				part[y*planes.W+x] = p.Input.F32()[at] * grads[0].F32()[at]
			}
		}
		addMagnitudes(total, part)
	}
	for i, b := range biases {
		s := newStack(grads[i+1], nil)
		layer := make([]float32, s.area)
		for k := range s.channels {
			g, _ := s.channel(k)
			of := make([]float32, s.area)
			for j, v := range g {
				of[j] = float32(b.values[k]) * v
			}
			addMagnitudes(layer, of)
		}
		for j, v := range s.field(layer).Enlarge(planes.W, planes.H).Values {
			total[j] += v
		}
	}
	return attribution.Field{W: planes.W, H: planes.H, Values: total}, nil
}

// addMagnitudes adds a map's magnitudes, scaled to 0 to 1.
func addMagnitudes(total, v []float32) {
	magnitudes := make([]float32, len(v))
	for i, x := range v {
		magnitudes[i] = float32(math.Abs(float64(x)))
	}
	for i, x := range attribution.Normalize(magnitudes) {
		total[i] += x
	}
}

// A bias is what a layer adds to each channel of the maps it puts out.
type bias struct {
	out    ir.ValueID
	values []float64
}

// biases finds the convolutions and batch normalizations with a bias on the way
// to the logits. A normalization's is what it makes of zeros.
func (p *probe) biases() []bias {
	g := p.Model.Net
	needed := g.Needed([]ir.ValueID{p.Model.Head.Logits}, nil)
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
		if !needed[i] || v == ir.None || !p.Model.Spatial(v) {
			continue
		}
		switch n.Op {
		case "Conv", "ConvTranspose":
			if b := constant(n, 2); b != nil {
				out = append(out, bias{v, b})
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
			out = append(out, bias{v, shift})
		}
	}
	return out
}
