package model

import (
	"image"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// An Effective field says where in the picture a layer's places look and how
// far around: place i of a row is centred on pixel Offset + Scale·i, and what it
// sees thins out like a Gaussian of deviation Sigma, in pixels. Index 0 is down,
// 1 across.
type Effective struct{ Scale, Offset, Sigma [2]float64 }

// EffectiveField follows a value's places back to the pixels by the windows
// between, each taken to weigh all it covers alike, so that their variances add
// up: Luo et al., "Understanding the Effective Receptive Field in Deep
// Convolutional Neural Networks", NeurIPS 2016, arXiv 1701.04128, section 2.2. Of
// several ways the widest counts; ways that mix all places, as attention does,
// are left out. It is false if no other leads to the picture.
func (m *Model) EffectiveField(v ir.ValueID) (Effective, bool) {
	t := &tracer{m, m.Grids(), nil}
	seen := make([]*spread, len(m.Net.Values))
	if _, placed := t.all(v); !placed || m.Input == ir.None {
		return Effective{}, false
	}
	seen[v] = &spread{scale: [2]float64{1, 1}}
	for i := range slices.Backward(m.Net.Nodes) {
		n := &m.Net.Nodes[i]
		out := n.Output(0)
		if out == ir.None || seen[out] == nil || out == m.Input {
			continue
		}
		for j, in := range n.Inputs {
			if in == ir.None || m.Net.Values[in].Const != nil {
				continue
			}
			if s := t.spread(n, j, seen[out]); s != nil && (seen[in] == nil || seen[in].variance[0] < s.variance[0]) {
				seen[in] = s
			}
		}
	}
	s := seen[m.Input]
	if s == nil {
		return Effective{}, false
	}
	return Effective{s.scale, s.offset, [2]float64{math.Sqrt(s.variance[0]), math.Sqrt(s.variance[1])}}, true
}

// A spread is where places lie on the grid of an earlier value, and the variance
// of what they see around there.
type spread struct{ scale, offset, variance [2]float64 }

// moved is the spread after positions p have become a·p + b, with some variance
// more.
func (s *spread) moved(a, b, more [2]float64) *spread {
	var out spread
	for i := range 2 {
		out.scale[i] = a[i] * s.scale[i]
		out.offset[i] = a[i]*s.offset[i] + b[i]
		out.variance[i] = a[i]*a[i]*s.variance[i] + more[i]
	}
	return &out
}

// spread takes one step back; nil where places are not followed.
func (t *tracer) spread(n *ir.Node, input int, s *spread) *spread {
	from, placed := t.all(n.Inputs[input])
	to, ok := t.all(n.Outputs[0])
	if !placed || !ok {
		return nil
	}
	var a, b, more [2]float64
	switch n.Op {
	case "Conv", "FusedConv", "ConvInteger", "QLinearConv", "MaxPool", "AveragePool", "LpPool":
		if input > 0 {
			break
		}
		w := t.window(n, from, to)
		for i := range 2 {
			a[i], b[i] = float64(w.stride[i]), float64(w.reach(i)-1)/2-float64(w.before[i])
			more[i] = w.variance(i)
		}
		return s.moved(a, b, more)
	case "ConvTranspose":
		if input > 0 {
			return nil
		}
		w := t.window(n, to, from)
		for i := range 2 {
			stride := float64(w.stride[i])
			a[i], b[i] = 1/stride, (float64(w.before[i])-float64(w.reach(i)-1)/2)/stride
			more[i] = w.variance(i) / (stride * stride)
		}
		return s.moved(a, b, more)
	case "Resize", "Upsample", "DepthToSpace", "SpaceToDepth":
		for i, ratio := range []float64{float64(from.Dy()) / float64(to.Dy()), float64(from.Dx()) / float64(to.Dx())} {
			a[i], b[i] = ratio, (ratio-1)/2
		}
		return s.moved(a, b, more)
	}
	if from != to || t.mixes(n, input) {
		return nil
	}
	return s
}

// mixes reports whether an operator is not known to leave each place by itself.
func (t *tracer) mixes(n *ir.Node, input int) bool {
	one := image.Rect(0, 0, 1, 1)
	u := &tracer{t.Model, t.grids, make([]image.Rectangle, len(t.Net.Values))}
	u.wanted[n.Outputs[0]] = one
	return u.back(n, input, 0) != one
}

// variance of a window that weighs alike all it covers, in pixels².
func (w window) variance(i int) float64 {
	k, d := float64(w.kernel[i]), float64(w.dilation[i])
	return d * d * (k*k - 1) / 12
}
