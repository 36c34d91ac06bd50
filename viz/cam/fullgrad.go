package cam

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// fullGrad adds up ψ(x ⊙ ∂y/∂x) and, for every channel of every layer that adds
// a bias b to maps, ψ(b ⊙ ∂y/∂b), where ψ takes magnitudes, scales them to 0 to
// 1 and enlarges them to the picture. arXiv 1905.00780, eq. 5.
func fullGrad(ctx context.Context, p *probe) (field, error) {
	biases := p.biases()
	wrt := []ir.ValueID{p.Model.Input}
	for _, b := range biases {
		wrt = append(wrt, b.out)
	}
	feeds := map[ir.ValueID]*tensor.Tensor{p.Model.Input: p.Input}
	grads, _, err := p.Model.Session().Gradient(ctx, feeds, exec.GradientOf{
		Y: p.Model.Head.Logits, Seed: p.seed(p.class, p.options.Target), Wrt: wrt,
	})
	if err != nil {
		return field{}, err
	}
	channels, h, w, dx, dy, dc := p.planes()
	total := make([]float32, w*h)
	part := make([]float32, w*h)
	for c := range channels {
		for y := range h {
			for x := range w {
				at := y*dy + x*dx + c*dc
				part[y*w+x] = p.Input.F32()[at] * grads[0].F32()[at]
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
		for j, v := range enlarge(layer, s.w, s.h, w, h) {
			total[j] += v
		}
	}
	return field{w, h, total}, nil
}

// addMagnitudes adds a map's magnitudes, scaled to 0 to 1.
func addMagnitudes(total, v []float32) {
	magnitudes := make([]float32, len(v))
	for i, x := range v {
		magnitudes[i] = float32(math.Abs(float64(x)))
	}
	for i, x := range Normalize(magnitudes) {
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
