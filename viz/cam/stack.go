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
	total := make([]float64, s.area)
	for k := range s.channels {
		w := weight(k)
		if w == 0 {
			continue
		}
		a, _ := s.channel(k)
		for i, v := range a {
			total[i] += w * float64(v)
		}
	}
	return narrow(total)
}

// sumProducts adds up the maps, each place with a weight from its gradient.
func (s stack) sumProducts(weight func(g float32) float32) []float32 {
	total := make([]float64, s.area)
	for k := range s.channels {
		a, g := s.channel(k)
		for i, v := range a {
			total[i] += float64(weight(g[i])) * float64(v)
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
