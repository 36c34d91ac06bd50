package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// roiAlign pools regions of an image to a fixed size by bilinear samples
// (arXiv 1703.06870, section 3). Inputs: X [N, C, H, W], regions [R, 4] as
// x1 y1 x2 y2, the image of each. Output [R, C, output_height, output_width].
var roiAlign = Op{
	Name: "RoiAlign", MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		channels, regions := ir.Symbol(""), ir.Symbol("")
		if len(in[0].Shape) == 4 {
			channels = in[0].Shape[1]
		}
		if len(in[1].Shape) == 2 {
			regions = in[1].Shape[0]
		}
		h, w := n.Attrs.Int("output_height", 1), n.Attrs.Int("output_width", 1)
		if h < 0 || w < 0 {
			return nil, fmt.Errorf("the output is %d×%d", h, w)
		}
		return []Type{{DType: in[0].DType, Shape: ir.Shape{regions, channels, ir.Known(h), ir.Known(w)}}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		p, err := newRegionPool(n, in)
		if err != nil {
			return nil, err
		}
		y := make([]float64, product(p.shape))
		p.each(func(bin int, samples []imagePlace) {
			for c := range p.shape[1] {
				y[p.outputAt(bin, c)] = p.pool(samples, c)
			}
		})
		out, err := tensor.Of(y, p.shape...).Convert(in[0].DType())
		return []*tensor.Tensor{out}, err
	},
	// The gradient flows into the image; the regions are taken as given.
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Node(Domain, "RoiAlignGrad", withOpset(n), 1, append([]ir.ValueID{dy[0]}, n.Inputs...)...)[0]
		}
		return out, nil
	},
}

// roiAlignGrad is the gradient of the image. Inputs: dy, then those of
// RoiAlign.
var roiAlignGrad = Op{
	Name: "RoiAlignGrad", Domain: Domain, MinIn: 4,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[1].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		p, err := newRegionPool(n, in[1:])
		if err != nil {
			return nil, err
		}
		dy, err := in[0].Floats()
		if err == nil && len(dy) != product(p.shape) {
			err = fmt.Errorf("the gradient has shape %v, the output %v", in[0].Shape(), p.shape)
		}
		if err != nil {
			return nil, err
		}
		dx := make([]float64, len(p.x))
		p.each(func(bin int, samples []imagePlace) {
			for c := range p.shape[1] {
				p.spread(samples, c, dy[p.outputAt(bin, c)], dx)
			}
		})
		out, err := tensor.Of(dx, in[1].Shape()...).Convert(in[1].DType())
		return []*tensor.Tensor{out}, err
	},
}
