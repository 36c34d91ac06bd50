package cam

import (
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A stack is what one layer puts out for one picture, C maps of area pixels,
// and the gradient there in the same order (nil if it was not asked for).
type stack struct {
	grid           model.Grid
	channels, area int
	acts, grads    []float32
	// smooth has the strongest pattern of the weighted maps in place of their sum.
	smooth bool
}

// newStack lays a layer's output and the gradient there out as maps.
func newStack(g model.Grid, acts, grads *tensor.Tensor) stack {
	s := stack{grid: g, channels: g.Channels, area: g.Places(), acts: g.Maps(acts.F32())}
	if grads != nil {
		s.grads = g.Maps(grads.F32())
	}
	return s
}

// field lays values, one for each place, over the picture.
func (s stack) field(values []float32) attribution.Field { return attribution.OnGrid(s.grid, values) }

// channel returns one map and the gradient there.
func (s stack) channel(k int) (acts, grads []float32) {
	i, j := k*s.area, (k+1)*s.area
	if s.grads == nil {
		return s.acts[i:j], nil
	}
	return s.acts[i:j], s.grads[i:j]
}

func (s stack) meanGrad(k int) float64 {
	_, g := s.channel(k)
	sum := 0.0
	for _, v := range g {
		sum += float64(v)
	}
	return sum / float64(s.area)
}

// sum adds up the maps, each with its weight.
func (s stack) sum(weight func(k int) float64) []float32 {
	return s.combine(func(k int, out []float64) {
		w := weight(k)
		a, _ := s.channel(k)
		for i, v := range a {
			out[i] = w * float64(v)
		}
	})
}

// sumProducts adds up the maps, each place with a weight from its gradient.
func (s stack) sumProducts(weight func(g float32) float32) []float32 {
	return s.combine(func(k int, out []float64) {
		a, g := s.channel(k)
		for i, v := range a {
			out[i] = float64(weight(g[i])) * float64(v)
		}
	})
}

// combine adds up what weighted makes of each channel, or finds the strongest
// pattern among them.
func (s stack) combine(weighted func(k int, out []float64)) []float32 {
	part := make([]float64, s.area)
	if s.smooth {
		all := s
		all.acts = make([]float32, 0, len(s.acts))
		for k := range s.channels {
			weighted(k, part)
			all.acts = append(all.acts, narrow(part)...)
		}
		return narrow(all.principal())
	}
	total := make([]float64, s.area)
	for k := range s.channels {
		weighted(k, part)
		for i, v := range part {
			total[i] += v
		}
	}
	return narrow(total)
}

func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}
