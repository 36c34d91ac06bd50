package op

import (
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func gradMaxPool(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) && dy[0] != ir.None {
		out[0] = g.tomo("MaxPoolGrad", n.Attrs, dy[0], n.Inputs[0])
	}
	return out, nil
}

// gradMaxPoolGrad: dx is linear in dy, whose gradient is picked from where the
// maxima are. As a function of x it is constant but for jumps.
func gradMaxPoolGrad(g *Grad, n *ir.Node, ddx []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		attrs := ir.Attrs{}
		for name, a := range n.Attrs {
			if name != "storage_order" {
				attrs[name] = a
			}
		}
		indices := g.Node("", "MaxPool", attrs, 2, n.Inputs[1])[1]
		flat := g.Op("Reshape", nil, ddx[0], g.Ints(-1))
		out[0] = g.Op("Gather", nil, flat, indices)
	}
	return out, nil
}

func gradAveragePool(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.tomo("AveragePoolGrad", n.Attrs, dy[0], g.shapeOf(n.Inputs[0]))
	}
	return out, nil
}

func gradAveragePoolGrad(g *Grad, n *ir.Node, ddx []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.Op("AveragePool", n.Attrs, ddx[0])
	}
	return out, nil
}

func gradLpPool(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) {
		out[0] = g.tomo("LpPoolGrad", n.Attrs, dy[0], n.Inputs[0], n.Outputs[0])
	}
	return out, nil
}

// readPoolGrad works out the geometry for an input of shape x and checks the
// shape of dy.
func readPoolGrad(n *ir.Node, dy *tensor.Tensor, x []int) (*pool, error) {
	p, err := readPoolWindow(n, x)
	if err != nil {
		return nil, err
	}
	return p, needShape("the gradient of the output", dy.Shape(), p.shape)
}

func evalMaxPoolGrad[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := readPoolGrad(n, in[0], in[1].Shape())
	if err != nil {
		return nil, err
	}
	dy, x := tensor.Data[T](in[0]), tensor.Data[T](in[1])
	dx := make([]T, len(x))
	p.each(func(o int, under []int) {
		for plane := range p.planes {
			from := plane * p.inputs()
			if best := firstMax(x[from:], under); best >= 0 {
				dx[from+best] += dy[plane*p.outputs()+o]
			}
		}
	})
	return one(tensor.Of(dx, in[1].Shape()...))
}

func evalAveragePoolGrad[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	shape, err := shapeFrom(in[1])
	if err != nil {
		return nil, err
	}
	p, err := readPoolGrad(n, in[0], shape)
	if err != nil {
		return nil, err
	}
	dy := tensor.Data[T](in[0])
	dx := make([]T, p.planes*p.inputs())
	padded := n.Attrs.Bool("count_include_pad", false)
	p.each(func(o int, under []int) {
		count := T(p.count(o, under, padded))
		for plane := range p.planes {
			share := dy[plane*p.outputs()+o] / count
			dst := dx[plane*p.inputs():]
			for _, i := range under {
				dst[i] += share
			}
		}
	})
	return one(tensor.Of(dx, shape...))
}

// evalLpPoolGrad: dx = dy sign(x) (|x|/y)^(p-1); zero where the norm is zero.
func evalLpPoolGrad[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := readPoolGrad(n, in[0], in[1].Shape())
	if err == nil {
		err = needShape("the output", in[2].Shape(), p.shape)
	}
	if err != nil {
		return nil, err
	}
	dy, x, y := tensor.Data[T](in[0]), tensor.Data[T](in[1]), tensor.Data[T](in[2])
	dx := make([]T, len(x))
	norm := normOrder(n)
	p.each(func(o int, under []int) {
		for plane := range p.planes {
			at := plane*p.outputs() + o
			if y[at] == 0 {
				continue
			}
			for _, i := range under {
				i += plane * p.inputs()
				slope := math.Pow(math.Abs(float64(x[i])/float64(y[at])), norm-1)
				dx[i] += dy[at] * T(math.Copysign(slope, float64(x[i])))
			}
		}
	})
	return one(tensor.Of(dx, in[1].Shape()...))
}
