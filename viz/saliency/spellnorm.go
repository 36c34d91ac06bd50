package saliency

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// spellNorm writes a normalization, or a norm, as what it computes, of which every
// part has a rule: its first output. It returns None for other operators, and where shapes are not known.
func spellNorm(b *ir.Builder, n *ir.Node, types []op.Type) ir.ValueID {
	x := n.Input(0)
	if n.Domain != "" && n.Domain != "ai.onnx" || x == ir.None {
		return ir.None
	}
	s := speller{b, n, x, types[x]}
	switch n.Op {
	case "LayerNormalization":
		return s.layerNorm(true)
	case "RMSNormalization", "SimplifiedLayerNormalization":
		return s.layerNorm(false)
	case "InstanceNormalization", "GroupNormalization":
		return s.groupNorm()
	case "LRN":
		return s.localResponse()
	}
	return s.reduction()
}

// A speller writes one normalization of x.
type speller struct {
	*ir.Builder
	n    *ir.Node
	x    ir.ValueID
	like op.Type // what is known of x
}

// layerNorm standardizes over the axes from axis on.
func (s speller) layerNorm(centred bool) ir.ValueID {
	rank := len(s.like.Shape)
	from := s.n.Attrs.Int("axis", -1)
	if from < 0 {
		from += rank
	}
	if from < 0 || from >= rank {
		return ir.None
	}
	return s.affine(s.standardize(s.x, centred, from, rank))
}

// standardize is (x - mean)/√(variance + ε) over the axes from one on up to
// another, where the mean is zero if x is not to be centred.
func (s speller) standardize(x ir.ValueID, centred bool, from, to int) ir.ValueID {
	var axes []int
	for a := from; a < to; a++ {
		axes = append(axes, a)
	}
	over, keep := s.Ints(axes...), ir.Pairs("keepdims", 1)
	if centred {
		x = s.Op("Sub", nil, x, s.Op("ReduceMean", keep, x, over))
	}
	variance := s.Op("ReduceMean", keep, s.Op("Mul", nil, x, x), over)
	epsilon := s.float(s.n.Attrs.Float("epsilon", 1e-5))
	return s.Op("Div", nil, x, s.Op("Sqrt", nil, s.Op("Add", nil, variance, epsilon)))
}

// groupNorm standardizes each image's groups of channels: x viewed as [N, groups,
// rest]. Parameters have an element per channel, or per group before opset 21.
func (s speller) groupNorm() ir.ValueID {
	dims, ok := s.like.Shape.Ints()
	if !ok || len(dims) < 2 {
		return ir.None
	}
	groups := dims[1]
	if s.n.Op == "GroupNormalization" {
		groups = s.n.Attrs.Int("num_groups", 0)
	}
	if groups < 1 {
		return ir.None
	}
	y := s.standardize(s.view(s.x, dims[0], groups, -1), true, 2, 3)
	if s.n.Op == "GroupNormalization" && s.n.Version < 21 {
		return s.view(s.affine(y, groups, 1), dims...)
	}
	channels := []int{dims[1]}
	for range dims[2:] {
		channels = append(channels, 1)
	}
	return s.affine(s.view(y, dims...), channels...)
}

// localResponse is x/(bias + α/size Σ x²)^β over neighbouring channels: a mean
// over a window of [N, 1, channels, positions] that counts what lies outside.
func (s speller) localResponse() ir.ValueID {
	dims, ok := s.like.Shape.Ints()
	if !ok || len(dims) < 2 {
		return ir.None
	}
	size := s.n.Attrs.Int("size", 1)
	window := ir.Pairs("kernel_shape", []int{size, 1}, "pads", []int{(size - 1) / 2, 0, size / 2, 0}, "count_include_pad", 1)
	squares := s.view(s.Op("Mul", nil, s.x, s.x), dims[0], 1, dims[1], -1)
	mean := s.view(s.Op("AveragePool", window, squares), dims...)
	sum := s.Op("Add", nil, s.Op("Mul", nil, mean, s.float(s.n.Attrs.Float("alpha", 1e-4))), s.float(s.n.Attrs.Float("bias", 1)))
	return s.Op("Div", nil, s.x, s.Op("Pow", nil, sum, s.float(s.n.Attrs.Float("beta", 0.75))))
}

// affine scales and shifts by the node's parameters, viewed in a shape if one is
// given.
func (s speller) affine(y ir.ValueID, shape ...int) ir.ValueID {
	for i, name := range []string{"Mul", "Add"} {
		p := s.n.Input(i + 1)
		if p == ir.None {
			continue
		}
		if shape != nil {
			p = s.view(p, shape...)
		}
		y = s.Op(name, nil, y, p)
	}
	return y
}

func (s speller) view(v ir.ValueID, shape ...int) ir.ValueID {
	return s.Op("Reshape", nil, v, s.Ints(shape...))
}

func (s speller) float(v float64) ir.ValueID { return s.Float(v, s.like.DType) }
