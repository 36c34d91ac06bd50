package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// A sampling is how an output coordinate becomes an input coordinate, and how
// elements around that are weighted (ONNX, Resize).
type sampling struct {
	mode, coordinates, nearest string
	cubic                      float64 // cubic_coeff_a
	excludeOutside, antialias  bool
	extrapolation              float64
}

// An axisScale is one axis: its extents, the scale, and the part of the input that
// tf_crop_and_resize takes, 0 to 1 for all.
type axisScale struct {
	in, out    int
	scale      float32
	start, end float32
}

// plan works out the extents of all axes. It returns nil where the scales or
// sizes are not known.
func (r *resizing) plan(x []int, in []Type) ([]axisScale, error) {
	axes, err := axesOf(r.axesOr(len(x)), len(x))
	if err != nil {
		return nil, err
	}
	plan := make([]axisScale, len(x))
	for i, n := range x {
		plan[i] = axisScale{in: n, out: n, scale: 1, end: 1}
	}
	scales, scaled := r.scalesOf(in)
	sizes, sized := r.sizesGiven(in)
	switch {
	case scaled && sized:
		return nil, fmt.Errorf("scales and sizes are given; only one of them may be")
	case !scaled && !sized || scaled && scales == nil:
		return nil, nil
	case scaled:
		err = setScales(plan, axes, scales)
	default:
		want, known := sizes.Ints()
		if !known {
			return nil, nil
		}
		err = r.setSizes(plan, axes, want)
	}
	if err == nil && r.coordinates == "tf_crop_and_resize" {
		err = r.setCrop(plan, axes, in)
	}
	if err != nil {
		return nil, err
	}
	_, err = checkSize(mapTo(plan, func(a axisScale) int { return a.out }))
	return plan, err
}

func setScales(plan []axisScale, axes []int, scales []float32) error {
	if len(scales) != len(axes) {
		return fmt.Errorf("%d scales for %d axes", len(scales), len(axes))
	}
	for k, axis := range axes {
		a, s := &plan[axis], scales[k]
		// float32 arithmetic makes 0.7 of 10 the 7 that is meant.
		length := float32(a.in) * s
		if !(s > 0) || !(length < maxWindow) {
			return fmt.Errorf("a scale of %v is not possible", s)
		}
		a.out, a.scale = int(length), s
	}
	return nil
}

// setSizes fits the aspect ratio if the policy asks for it.
func (r *resizing) setSizes(plan []axisScale, axes, sizes []int) error {
	if len(sizes) != len(axes) {
		return fmt.Errorf("%d sizes for %d axes", len(sizes), len(axes))
	}
	common := float32(0)
	for k, axis := range axes {
		a := &plan[axis]
		if sizes[k] < 0 || sizes[k] > maxWindow || a.in == 0 && sizes[k] > 0 {
			return fmt.Errorf("a size of %d is not possible for an extent of %d", sizes[k], a.in)
		}
		a.out, a.scale = sizes[k], float32(sizes[k])/float32(max(a.in, 1))
		if k == 0 || (r.policy == "not_larger") == (a.scale < common) {
			common = a.scale
		}
	}
	if r.policy != "not_larger" && r.policy != "not_smaller" {
		return nil
	}
	for _, axis := range axes {
		a := &plan[axis]
		size := math.Floor(float64(common)*float64(a.in) + 0.5)
		if !(size < maxWindow) {
			return fmt.Errorf("a scale of %v is not possible", common)
		}
		a.out, a.scale = int(size), common
	}
	return nil
}

// setCrop reads the region of interest: all starts, then all ends.
func (r *resizing) setCrop(plan []axisScale, axes []int, in []Type) error {
	t, ok := given(in, r.roi)
	if !ok || t.Value == nil {
		if ok {
			return nil // it changes no extent, and is known when it matters
		}
		return fmt.Errorf("tf_crop_and_resize needs a region of interest")
	}
	roi, err := t.Value.Floats()
	if err != nil || len(roi) != 2*len(axes) {
		return fmt.Errorf("a region of interest of %d numbers does not fit %d axes", len(roi), len(axes))
	}
	for k, axis := range axes {
		plan[axis].start, plan[axis].end = float32(roi[k]), float32(roi[len(axes)+k])
	}
	return nil
}

// source is the input coordinate of output o. The arithmetic is float32's, as
// it is where most models were trained and checked.
func (s *sampling) source(a axisScale, o int) float32 {
	x, in, out := float32(o), float32(a.in), float32(a.out)
	switch s.coordinates {
	case "asymmetric":
		return x / a.scale
	case "align_corners":
		if a.out == 1 {
			return 0
		}
		return x * (in - 1) / (out - 1)
	case "tf_crop_and_resize":
		if a.out == 1 {
			return 0.5 * (a.start + a.end) * (in - 1)
		}
		return a.start*(in-1) + x*(a.end-a.start)*(in-1)/(out-1)
	case "tf_half_pixel_for_nn":
		return (x + 0.5) / a.scale
	case "pytorch_half_pixel":
		if a.out == 1 {
			return 0
		}
	case "half_pixel_symmetric":
		// What is lost by rounding the output extent is cut off on both sides.
		return in/2*(1-out/(a.scale*in)) + (x+0.5)/a.scale - 0.5
	}
	return (x+0.5)/a.scale - 0.5
}

// A sample is the elements that one output reads along an axis, with their
// weights; outside marks one to be extrapolated.
type sample struct {
	at      []int
	weight  []float64
	outside bool
}

// sample works out output o, in the memory of t.
func (s *sampling) sample(a axisScale, o int, t *sample) {
	t.at, t.weight, t.outside = t.at[:0], t.weight[:0], false
	x := s.source(a, o)
	switch {
	case s.coordinates == "tf_crop_and_resize" && (x < 0 || x > float32(a.in-1)):
		t.outside = true
	case s.mode == "nearest":
		t.at, t.weight = append(t.at, clampIndex(s.round(x), a.in)), append(t.weight, 1)
	default:
		s.weigh(float64(x), a, t)
	}
}

// clampIndex takes coordinates that are not finite, too.
func clampIndex(x float64, n int) int {
	if !(x > 0) {
		return 0
	}
	return int(math.Min(x, float64(n-1)))
}

func (s *sampling) round(x float32) float64 {
	v := float64(x)
	switch s.nearest {
	case "floor":
		return math.Floor(v)
	case "ceil":
		return math.Ceil(v)
	case "round_prefer_ceil":
		return math.Floor(v + 0.5)
	}
	return math.Ceil(v - 0.5)
}

// weigh gives the elements around x the weights of the kernel. Antialiasing
// stretches the kernel when the output is smaller. Elements outside are those
// at the edge, or excluded.
func (s *sampling) weigh(x float64, a axisScale, t *sample) {
	kernel, radius, stretch := triangle, 1.0, 1.0
	if s.mode == "cubic" {
		kernel, radius = s.cubicKernel, 2
	}
	if s.antialias {
		stretch = math.Min(1, float64(a.scale))
	}
	// No further than the input and its edges reach.
	x = math.Max(-radius, math.Min(x, float64(a.in-1)+radius))
	reach := math.Min(radius/stretch, float64(2*a.in)+2*radius)
	sum := 0.0
	for i := int(math.Floor(x-reach)) + 1; float64(i) < x+reach; i++ {
		w := kernel((float64(i) - x) * stretch)
		if s.excludeOutside && (i < 0 || i >= a.in) {
			continue
		}
		t.at, t.weight = append(t.at, min(max(i, 0), a.in-1)), append(t.weight, w)
		sum += w
	}
	for i := range t.weight {
		t.weight[i] /= sum
	}
}

func triangle(t float64) float64 { return math.Max(0, 1-math.Abs(t)) }

// cubicKernel is that of Keys (1981), "Cubic convolution interpolation for
// digital image processing", equation 15 with general a.
func (s *sampling) cubicKernel(t float64) float64 {
	a := s.cubic
	t = math.Abs(t)
	switch {
	case t <= 1:
		return ((a+2)*t-(a+3))*t*t + 1
	case t < 2:
		return ((a*t-5*a)*t+8*a)*t - 4*a
	}
	return 0
}

// resample applies the map of each axis in turn.
func resample[T float](x *tensor.Tensor, plan []axisScale, s sampling) ([]*tensor.Tensor, error) {
	size := mapTo(plan, func(a axisScale) int { return a.out })
	if product(size) == 0 {
		return one(tensor.New(x.DType(), size...))
	}
	data, shape := tensor.Data[T](x), append([]int(nil), x.Shape()...)
	var outside []bool
	for axis, a := range plan {
		if s.isIdentity(a) {
			continue
		}
		outer, _, inner := around(shape, axis)
		next, out := make([]T, outer*a.out*inner), s.spread(outside, outer, a, inner)
		s.eachSample(outer, a, inner, func(from, to int, w float64) {
			src := data[from:][:inner]
			for i := range src {
				next[to+i] += T(w) * src[i]
			}
		})
		data, outside, shape[axis] = next, out, a.out
	}
	for i, out := range outside {
		if out {
			data[i] = T(s.extrapolation)
		}
	}
	return one(tensor.Of(data, shape...))
}

// resampleBack applies the transposed maps, the last axis first.
func resampleBack[T float](dy *tensor.Tensor, plan []axisScale, s sampling) ([]*tensor.Tensor, error) {
	size := mapTo(plan, func(a axisScale) int { return a.in })
	if dy.Len() == 0 {
		return one(tensor.New(dy.DType(), size...))
	}
	data, shape := tensor.Data[T](dy), append([]int(nil), dy.Shape()...)
	for axis := len(plan) - 1; axis >= 0; axis-- {
		a := plan[axis]
		if s.isIdentity(a) {
			continue
		}
		outer, _, inner := around(shape, axis)
		next := make([]T, outer*a.in*inner)
		s.eachSample(outer, a, inner, func(from, to int, w float64) {
			src := data[to:][:inner]
			for i := range src {
				next[from+i] += T(w) * src[i]
			}
		})
		data, shape[axis] = next, a.in
	}
	return one(tensor.Of(data, shape...))
}

// eachSample calls f with the offsets of rows of inner elements in the input
// and in the output of one axis.
func (s *sampling) eachSample(outer int, a axisScale, inner int, f func(from, to int, w float64)) {
	var t sample
	for o := range a.out {
		s.sample(a, o, &t)
		for r := range outer {
			for k, at := range t.at {
				f((r*a.in+at)*inner, (r*a.out+o)*inner, t.weight[k])
			}
		}
	}
}

// isIdentity reports whether an axis stays as it is.
func (s *sampling) isIdentity(a axisScale) bool {
	var t sample
	for o := range a.out {
		if s.sample(a, o, &t); a.in != a.out || t.outside {
			return false
		}
		for k, at := range t.at {
			if t.weight[k] != 0 && (at != o || t.weight[k] != 1) {
				return false
			}
		}
	}
	return a.in == a.out
}

// spread marks the elements of an axis' output that are to be extrapolated,
// given those of its input; nil stands for none.
func (s *sampling) spread(outside []bool, outer int, a axisScale, inner int) []bool {
	if s.coordinates != "tf_crop_and_resize" {
		return nil
	}
	next := make([]bool, outer*a.out*inner)
	var t sample
	for o := range a.out {
		s.sample(a, o, &t)
		for r := range outer {
			for i := range inner {
				was := outside != nil && len(t.at) > 0 && outside[(r*a.in+t.at[0])*inner+i]
				next[(r*a.out+o)*inner+i] = t.outside || was
			}
		}
	}
	return next
}
