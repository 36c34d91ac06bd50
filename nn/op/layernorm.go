package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// LayerNormalization(x, scale, bias?) -> y, mean?, 1/deviation? standardizes
// over the axes from axis on (arXiv 1607.06450). RMSNormalization(x, scale)
// divides by the root of the mean square (arXiv 1910.07467); ONNX Runtime
// calls it SimplifiedLayerNormalization.
var layerNormOps = []Op{
	{
		Name: "LayerNormalization", MinIn: 2,
		Infer: inferLayerNorm,
		Eval:  byFloat(evalLayerNorm[float32], evalLayerNorm[float64]),
		Grad:  gradLayerNorm,
		Cost:  flops(8),
	},
	{
		Name: "RMSNormalization", MinIn: 2,
		Infer: inferRMSNorm,
		Eval:  byFloat(evalRMSNorm[float32], evalRMSNorm[float64]),
		Grad:  gradRMSNorm,
		Cost:  flops(5),
	},
	{
		Name: "SimplifiedLayerNormalization", MinIn: 2,
		Infer: inferRMSNorm,
		Eval:  byFloat(evalRMSNorm[float32], evalRMSNorm[float64]),
		Grad:  gradRMSNorm,
		Cost:  flops(5),
	},
}

// layerAxis resolves the first axis that is standardized over, and checks that
// the parameters broadcast along the axes from there on.
func layerAxis(n *ir.Node, x ir.Shape, params []Type) (int, error) {
	axis, err := axisOf(n.Attrs.Int("axis", -1), len(x))
	if err != nil {
		return 0, err
	}
	for _, p := range params {
		if p.Shape == nil {
			continue
		}
		if err := checkAddend(p.Shape, x); err != nil {
			return 0, err
		}
		for i, d := range p.Shape {
			if i < len(p.Shape)-(len(x)-axis) && d.IsKnown() && d.N != 1 {
				return 0, fmt.Errorf("a parameter of shape %v varies along axes before %d", p.Shape, axis)
			}
		}
	}
	return axis, nil
}

// inferRMSNorm also covers the optional second output of
// SimplifiedLayerNormalization, 1/root.
func inferRMSNorm(n *ir.Node, in []Type) ([]Type, error) {
	return inferLayerStats(n, in, 1)
}

func inferLayerNorm(n *ir.Node, in []Type) ([]Type, error) {
	return inferLayerStats(n, in, 2)
}

// inferLayerStats infers y, of the element type of the scale, and as many
// statistics, of extent 1 along the axes standardized over, in float32 unless
// stash_type is another type.
func inferLayerStats(n *ir.Node, in []Type, stats int) ([]Type, error) {
	x := in[0].Shape
	out := []Type{{DType: in[0].DType, Shape: x}}
	if scale := opt(in, 1).DType; scale != tensor.Invalid {
		out[0].DType = scale
	}
	stat := Type{DType: stashType(n)}
	if x != nil {
		axis, err := layerAxis(n, x, in[1:])
		if err != nil {
			return nil, err
		}
		stat.Shape = append(ir.Shape{}, x[:axis]...)
		for range x[axis:] {
			stat.Shape = append(stat.Shape, ir.Known(1))
		}
	}
	for range stats {
		out = append(out, stat)
	}
	return out, nil
}

// stashType is the element type of the statistics, an ONNX number: 1 is
// float32, 10 float16, 11 float64, 16 bfloat16.
func stashType(n *ir.Node) tensor.DType {
	switch n.Attrs.Int("stash_type", 1) {
	case 10:
		return tensor.Float16
	case 11:
		return tensor.Float64
	case 16:
		return tensor.BFloat16
	}
	return tensor.Float32
}

func evalLayerNorm[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	axis, err := layerAxis(n, ir.ShapeOf(x), mapTo(in[1:], TypeOf))
	if err != nil {
		return nil, err
	}
	outer, inner := product(x.Shape()[:axis]), product(x.Shape()[axis:])
	of, groups := groupsOf([]int{outer, inner}, 1)
	y, mean, inv := standardize(tensor.Data[T](x), of, groups, n.Attrs.Float("epsilon", 1e-5))
	scaleRows(y, x.Shape(), in[1], opt(in, 2))
	return layerOutputs(n, tensor.Of(y, x.Shape()...), axis, mean, inv)
}

// scaleRows multiplies y with scale and adds bias, both broadcast.
func scaleRows[T float](y []T, shape []int, scale, bias *tensor.Tensor) {
	for i, k := range offsets(shape, 0, broadcastStrides(scale.Shape(), shape)) {
		y[i] *= tensor.Data[T](scale)[k]
	}
	if bias == nil {
		return
	}
	for i, k := range offsets(shape, 0, broadcastStrides(bias.Shape(), shape)) {
		y[i] += tensor.Data[T](bias)[k]
	}
}

func layerOutputs(n *ir.Node, y *tensor.Tensor, axis int, stats ...[]float64) ([]*tensor.Tensor, error) {
	shape := append([]int(nil), y.Shape()...)
	for i := axis; i < len(shape); i++ {
		shape[i] = 1
	}
	out := []*tensor.Tensor{y}
	for _, s := range stats {
		t, err := tensor.Of(s, shape...).Convert(stashType(n))
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func gradLayerNorm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	axes, err := g.layerAxes(n, dy)
	if err != nil {
		return nil, err
	}
	out := noGrads(n)
	x, scale := n.Inputs[0], n.Inputs[1]
	attrs := ir.Pairs("axis", axes[0], "epsilon", n.Attrs.Float("epsilon", 1e-5))
	switch {
	case g.Needs(1):
		copy(out, g.Node(Domain, "LayerNormGrad", attrs, 2, dy[0], x, scale))
	case g.Needs(0):
		out[0] = g.tomo("LayerNormGrad", attrs, dy[0], x, scale)
	}
	if !g.Needs(0) {
		out[0] = ir.None
	}
	if g.Needs(2) {
		out[2] = g.sumTo(dy[0], n.Inputs[2], x)
	}
	return out, nil
}

// layerAxes lists the axes that are standardized over, counted from the end
// where that spares knowing the rank.
func (g *Grad) layerAxes(n *ir.Node, dy []ir.ValueID) ([]int, error) {
	if err := onlyFirstOutput(dy); err != nil {
		return nil, err
	}
	axis := n.Attrs.Int("axis", -1)
	if axis >= 0 {
		rank, err := g.rankOf(n.Inputs[0], n.Outputs[0])
		if err != nil {
			return nil, err
		}
		axis -= rank
	}
	return rowAxes(axis)
}

func evalRMSNorm[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	axis, err := layerAxis(n, ir.ShapeOf(x), mapTo(in[1:], TypeOf))
	if err != nil {
		return nil, err
	}
	outer, inner := product(x.Shape()[:axis]), product(x.Shape()[axis:])
	epsilon := n.Attrs.Float("epsilon", 1e-5)
	src, y, inv := tensor.Data[T](x), make([]T, x.Len()), make([]float64, outer)
	for r := range outer {
		row := src[r*inner:][:inner]
		var sum float64
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		inv[r] = 1 / math.Sqrt(sum/float64(inner)+epsilon)
		for i, v := range row {
			y[r*inner+i] = T(float64(v) * inv[r])
		}
	}
	scaleRows(y, x.Shape(), in[1], nil)
	return layerOutputs(n, tensor.Of(y, x.Shape()...), axis, inv)
}

// gradRMSNorm: with xhat = x·inv, dx = inv·(d - xhat·mean(d·xhat)).
func gradRMSNorm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	axes, err := g.layerAxes(n, dy)
	if err != nil {
		return nil, err
	}
	out := noGrads(n)
	x, scale := n.Inputs[0], n.Inputs[1]
	square := g.reduceMean(g.Op("Mul", nil, x, x), true, axes...)
	inv := g.inverseRoot(square, g.scalar(n.Attrs.Float("epsilon", 1e-5), x))
	xhat := g.Op("Mul", nil, x, inv)
	if g.Needs(0) {
		d := g.Op("Mul", nil, dy[0], scale)
		along := g.reduceMean(g.Op("Mul", nil, d, xhat), true, axes...)
		out[0] = g.Op("Mul", nil, inv, g.Op("Sub", nil, d, g.Op("Mul", nil, xhat, along)))
	}
	if g.Needs(1) {
		out[1] = g.sumTo(g.Op("Mul", nil, dy[0], xhat), scale, x)
	}
	return out, nil
}
