package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var gridSampleOps = []Op{gridSample, gridSampleGradX, gridSampleGradGrid}

// gridSample looks X [N, C, spatial...] up at the places grid [N, out...,
// axes], each from -1 to 1 with the last spatial axis first: [N, C, out...].
var gridSample = Op{
	Name: "GridSample", MinIn: 2,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		x, grid := in[0].Shape, in[1].Shape
		if x == nil || grid == nil {
			return []Type{out}, nil
		}
		if len(x) < 3 || len(x) != len(grid) {
			return nil, fmt.Errorf("a grid of shape %v does not fit an input of shape %v", grid, x)
		}
		out.Shape = joinShapes(x[:2], grid[1:len(grid)-1])
		return []Type{out}, nil
	},
	Cost: func(n *ir.Node, in, out []Type) Cost { return Cost{FLOPs: 8 * elements(opt(out, 0))} },
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return sampled(n, in[0], in[1], nil, func(s *gridSampling) ([]float64, []int) {
			y := make([]float64, product(s.outShape))
			s.each(func(y0, x0, _ int, weight float64, _ []float64) { y[y0] += weight * s.x[x0] })
			return y, s.outShape
		})
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		for i, op := range []string{"GridSampleGradX", "GridSampleGradGrid"} {
			if g.Needs(i) {
				out[i] = g.Node(Domain, op, n.Attrs, 1, dy[0], n.Inputs[0], n.Inputs[1])[0]
			}
		}
		return out, nil
	},
}

// The gradients read dy, X and grid.
var gridSampleGradX = Op{
	Name: "GridSampleGradX", Domain: Domain, MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[1].DType, Shape: in[1].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return sampled(n, in[1], in[2], in[0], func(s *gridSampling) ([]float64, []int) {
			dx := make([]float64, len(s.x))
			s.each(func(y0, x0, _ int, weight float64, _ []float64) { dx[x0] += weight * s.dy[y0] })
			return dx, in[1].Shape()
		})
	},
}

var gridSampleGradGrid = Op{
	Name: "GridSampleGradGrid", Domain: Domain, MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: in[2].DType, Shape: in[2].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return sampled(n, in[1], in[2], in[0], func(s *gridSampling) ([]float64, []int) {
			d := make([]float64, len(s.grid))
			s.each(func(y0, x0, place int, _ float64, slopes []float64) {
				for axis, slope := range slopes { // the grid has the last axis first
					d[(place+1)*len(slopes)-1-axis] += slope * s.x[x0] * s.dy[y0]
				}
			})
			return d, in[2].Shape()
		})
	},
}

// sampled checks a GridSample, and stores what run makes of it.
func sampled(n *ir.Node, x, grid, dy *tensor.Tensor, run func(s *gridSampling) ([]float64, []int)) ([]*tensor.Tensor, error) {
	if err := sameElements(x, grid, dy); err != nil {
		return nil, err
	}
	s, err := newGridSampling(n, x, grid)
	if err != nil {
		return nil, err
	}
	if dy != nil {
		if dy.Len() != product(s.outShape) {
			return nil, fmt.Errorf("a gradient of shape %v does not fit an output of shape %v", dy.Shape(), s.outShape)
		}
		if s.dy, err = dy.Floats(); err != nil {
			return nil, err
		}
	}
	v, shape := run(s)
	out, err := tensor.Of(v, shape...).Convert(x.DType())
	return []*tensor.Tensor{out}, err
}
