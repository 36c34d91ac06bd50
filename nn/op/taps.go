package op

import (
	"fmt"
	"math"
)

// A tap is one element along an axis that a sample at a place between elements
// is made of: its index, its weight, and how fast the weight changes with the
// place.
type tap struct {
	index         int
	weight, slope float64
}

// A sampler turns a place along an axis, -1 to 1, into taps (GridSample of
// ONNX, after PyTorch's grid_sample).
type sampler struct {
	mode, padding string
	alignCorners  bool
}

func (s sampler) check() error {
	switch s.mode {
	case "linear", "bilinear", "nearest", "cubic", "bicubic":
	default:
		return fmt.Errorf("the mode %q is not known", s.mode)
	}
	switch s.padding {
	case "zeros", "border", "reflection":
	default:
		return fmt.Errorf("the padding mode %q is not known", s.padding)
	}
	return nil
}

// taps returns what a sample at place makes of an axis of n elements. Elements
// that do not exist count as zeros and are left out.
func (s sampler) taps(place float64, n int) []tap {
	if n == 0 || math.IsNaN(place) {
		return nil
	}
	x, scale := (place+1)/2*float64(n)-0.5, float64(n)/2
	if s.alignCorners {
		x, scale = (place+1)/2*float64(n-1), float64(n-1)/2
	}
	x = min(max(x, -1e9), 1e9) // far outside, where indices still fit
	cubic := s.mode == "cubic" || s.mode == "bicubic"
	if !cubic {
		var bend float64
		x, bend = s.inside(x, n)
		scale *= bend
	}
	base := math.Floor(x)
	var out []tap
	switch {
	case s.mode == "nearest":
		out = []tap{{int(math.RoundToEven(x)), 1, 0}}
	case cubic:
		out = cubicTaps(int(base), x-base)
	default:
		out = []tap{{int(base), 1 - (x - base), -1}, {int(base) + 1, x - base, 1}}
	}
	kept := out[:0]
	for _, t := range out {
		if cubic {
			moved, _ := s.inside(float64(t.index), n)
			t.index = int(moved)
		}
		if t.index >= 0 && t.index < n {
			t.slope *= scale
			kept = append(kept, t)
		}
	}
	return kept
}

// inside applies the padding to a place among n elements, and tells whether it
// runs on with its argument (1), against it (-1) or stands still (0).
func (s sampler) inside(x float64, n int) (y, slope float64) {
	last := float64(n - 1)
	switch s.padding {
	case "border":
		if x < 0 || x > last {
			return min(max(x, 0), last), 0
		}
	case "reflection":
		lo, hi := -0.5, last+0.5
		if s.alignCorners {
			lo, hi = 0, last
		}
		return mirrored(x, lo, hi, last)
	}
	return x, 1
}

// mirrored folds x into [lo, hi] by reflection, and clamps what is left beyond
// the centres of the outermost elements.
func mirrored(x, lo, hi, last float64) (y, slope float64) {
	width := hi - lo
	if width == 0 {
		return 0, 0
	}
	off := math.Mod(math.Abs(x-lo), 2*width)
	slope = 1
	if x < lo {
		slope = -1
	}
	if off > width {
		off, slope = 2*width-off, -slope
	}
	if y = lo + off; y < 0 || y > last {
		return min(max(y, 0), last), 0
	}
	return y, slope
}

// cubicTaps are those of cubic convolution with a = -0.75 (Keys, IEEE TASSP
// 29(6), 1981) for a place t behind the element base.
func cubicTaps(base int, t float64) []tap {
	const a = -0.75
	near := func(x float64) (w, s float64) { // |x| ≤ 1
		return ((a+2)*x-(a+3))*x*x + 1, (3*(a+2)*x - 2*(a+3)) * x
	}
	far := func(x float64) (w, s float64) { // 1 < |x| < 2
		return ((a*x-5*a)*x+8*a)*x - 4*a, (3*a*x-10*a)*x + 8*a
	}
	w0, s0 := far(t + 1)
	w1, s1 := near(t)
	w2, s2 := near(1 - t)
	w3, s3 := far(2 - t)
	return []tap{{base - 1, w0, s0}, {base, w1, s1}, {base + 1, w2, -s2}, {base + 2, w3, -s3}}
}
