package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// GroupNormalization(x, scale, bias) standardizes each image over the channels
// of a group and all positions (arXiv 1803.08494); InstanceNormalization over
// the positions of a channel (arXiv 1607.08022). scale and bias have an
// element per channel, those of GroupNormalization before opset 21 per group.
var groupNormOps = []Op{
	{
		Name: "InstanceNormalization", MinIn: 3,
		Infer: inferGroupNorm,
		Eval:  byFloat(evalGroupNorm[float32], evalGroupNorm[float64]),
		Grad:  gradGroupNorm,
		Cost:  flops(8),
	},
	{
		Name: "GroupNormalization", MinIn: 3,
		Infer: inferGroupNorm,
		Eval:  byFloat(evalGroupNorm[float32], evalGroupNorm[float64]),
		Grad:  gradGroupNorm,
		Cost:  flops(8),
	},
	{
		Name: "MeanVarianceNormalization", MinIn: 1,
		Infer: inferMeanVariance,
		Eval:  byFloat(evalMeanVariance[float32], evalMeanVariance[float64]),
		Grad:  gradMeanVariance,
		Cost:  flops(6),
	},
}

// checkGroups checks what is known of the shapes and returns the number of
// groups: that of the channels for InstanceNormalization.
func checkGroups(n *ir.Node, x ir.Shape, params []Type) (ir.Dim, error) {
	if len(x) < 2 {
		return ir.Dim{}, fmt.Errorf("an input of shape %v has no channels", x)
	}
	channels, groups := x[1], x[1]
	if n.Op == "GroupNormalization" {
		groups = ir.Known(n.Attrs.Int("num_groups", 0))
		if groups.N < 1 || channels.IsKnown() && channels.N%groups.N != 0 {
			return groups, fmt.Errorf("%v channels cannot be split into %v groups", channels, groups)
		}
	}
	want := channels
	if perGroup(n) {
		want = groups
	}
	for _, p := range params {
		if p.Shape == nil {
			continue
		}
		if len(p.Shape) != 1 || p.Shape[0].IsKnown() && want.IsKnown() && p.Shape[0] != want {
			return groups, fmt.Errorf("a parameter of shape %v has not %v elements", p.Shape, want)
		}
	}
	return groups, nil
}

func perGroup(n *ir.Node) bool { return n.Op == "GroupNormalization" && n.Version < 21 }

func inferGroupNorm(n *ir.Node, in []Type) ([]Type, error) {
	if in[0].Shape != nil {
		if _, err := checkGroups(n, in[0].Shape, in[1:3]); err != nil {
			return nil, err
		}
	}
	return sameType(n, in)
}

func evalGroupNorm[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	x := in[0]
	groups, err := checkGroups(n, ir.ShapeOf(x), mapTo(in[1:3], TypeOf))
	if err != nil {
		return nil, err
	}
	images, channels, positions := around(x.Shape(), 1)
	size := 0
	if x.Len() > 0 {
		size = channels / groups.N * positions
	}
	of, count := groupsOf([]int{images * groups.N, size}, 1)
	y, _, _ := standardize(tensor.Data[T](x), of, count, n.Attrs.Float("epsilon", 1e-5))
	params := max(1, in[1].Len())
	at := offsets([]int{images, params, channels / params * positions}, 0, []int{0, 1, 0})
	affine(y, tensor.Data[T](in[1]), tensor.Data[T](in[2]), at)
	return one(tensor.Of(y, x.Shape()...))
}

// gradGroupNorm views x as [N, groups, rest] to standardize, and as
// [N, parameters, rest] to scale.
func gradGroupNorm(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	x, scale := n.Inputs[0], n.Inputs[1]
	d := g.rows(dy[0], paramCount(n))
	if g.Needs(0) || g.Needs(1) {
		s := g.standardize(g.rows(x, groupCount(n)), g.scalar(n.Attrs.Float("epsilon", 1e-5), x), 2)
		if g.Needs(0) {
			scaled := g.Op("Mul", nil, d, g.Op("Unsqueeze", nil, scale, g.Ints(1)))
			scaled = g.Op("Reshape", nil, scaled, g.shapeOf(x))
			out[0] = g.Op("Reshape", nil, g.back(s, g.rows(scaled, groupCount(n))), g.shapeOf(x))
		}
		if g.Needs(1) {
			xhat := g.rows(g.Op("Reshape", nil, s.xhat, g.shapeOf(x)), paramCount(n))
			out[1] = g.reduceSum(g.Op("Mul", nil, d, xhat), false, 0, 2)
		}
	}
	if g.Needs(2) {
		out[2] = g.reduceSum(d, false, 0, 2)
	}
	return out, nil
}

// groupCount and paramCount are for Reshape: 0 keeps the number of channels.
func groupCount(n *ir.Node) int {
	if n.Op == "GroupNormalization" {
		return n.Attrs.Int("num_groups", 0)
	}
	return 0
}

func paramCount(n *ir.Node) int {
	if perGroup(n) {
		return groupCount(n)
	}
	return 0
}

// rows views [N, C, spatial...] as [N, count, rest].
func (g *Grad) rows(v ir.ValueID, count int) ir.ValueID {
	return g.Op("Reshape", nil, v, g.Ints(0, count, -1))
}

// meanVarianceAxes are all but the channels' by default.
func meanVarianceAxes(n *ir.Node, rank int) ([]int, error) {
	axes := n.Attrs.Ints("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	return axesOf(axes, rank)
}

func inferMeanVariance(n *ir.Node, in []Type) ([]Type, error) {
	if in[0].Shape != nil {
		if _, err := meanVarianceAxes(n, len(in[0].Shape)); err != nil {
			return nil, err
		}
	}
	return sameType(n, in)
}

// evalMeanVariance adds 1e-9 to the deviation, as ONNX defines it.
func evalMeanVariance[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	axes, err := meanVarianceAxes(n, in[0].Rank())
	if err != nil {
		return nil, err
	}
	x := tensor.Data[T](in[0])
	of, groups := groupsOf(in[0].Shape(), axes...)
	mean, variance := statistics(x, of, groups)
	y := make([]T, len(x))
	for i, v := range x {
		y[i] = T((float64(v) - mean[of[i]]) / (math.Sqrt(variance[of[i]]) + deviationEpsilon))
	}
	return one(tensor.Of(y, in[0].Shape()...))
}

const deviationEpsilon = 1e-9

// gradMeanVariance: with s = deviation + ε and centred c = x - mean,
// dx = (d - mean(d) - c·mean(d·c)/s²)/s, where s² stands for s·deviation so
// that constant input has a gradient.
func gradMeanVariance(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if !g.Needs(0) {
		return out, nil
	}
	x, d := n.Inputs[0], dy[0]
	axes := n.Attrs.Ints("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
	}
	centred := g.Op("Sub", nil, x, g.reduceMean(x, true, axes...))
	deviation := g.Op("Sqrt", nil, g.reduceMean(g.Op("Mul", nil, centred, centred), true, axes...))
	divisor := g.Op("Add", nil, deviation, g.scalar(deviationEpsilon, x))
	along := g.reduceMean(g.Op("Mul", nil, d, centred), true, axes...)
	along = g.Op("Div", nil, along, g.Op("Mul", nil, divisor, divisor))
	rest := g.Op("Sub", nil, d, g.reduceMean(d, true, axes...))
	out[0] = g.Op("Div", nil, g.Op("Sub", nil, rest, g.Op("Mul", nil, centred, along)), divisor)
	return out, nil
}
