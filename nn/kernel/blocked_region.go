package kernel

// A region is a box of results whose windows meet the image with the same taps.
// Cut into regions, a convolution needs no padding: the taps that would meet it
// are left out.
type region struct {
	lo, hi [3]int
	first  [3]int // of the taps that meet the image, on each axis
	taps   []tap  // those: x from the first of them on
	count  int    // those that meet the image or its padding
}

// interval is a range of results along an axis whose windows meet the image with
// taps [first, end), and it or its padding with count.
type interval struct{ lo, hi, first, end, count int }

// intervals cuts an axis.
func (w *Window) intervals(axis int) []interval {
	var list []interval
	for o := range w.out(axis) {
		first, end := w.tapsInside(axis, o)
		from, to := w.tapsBetween(axis, o, -w.PadLo[axis], w.In[axis]+w.PadHi[axis])
		next := interval{o, o + 1, first, end, to - from}
		if i := len(list) - 1; i >= 0 && list[i].first == first && list[i].end == end && list[i].count == next.count {
			list[i].hi++
		} else {
			list = append(list, next)
		}
	}
	return list
}

// regions cuts the results of a window over images whose positions are unit
// numbers apart. Tap number i has rows*i rows of weights before it.
func (w *Window) regions(unit, rows int) []region {
	var list []region
	for _, z := range w.intervals(0) {
		for _, y := range w.intervals(1) {
			for _, x := range w.intervals(2) {
				list = append(list, w.region([3]interval{z, y, x}, unit, rows))
			}
		}
	}
	return list
}

func (w *Window) region(axes [3]interval, unit, rows int) region {
	r := region{count: 1}
	for i, a := range axes {
		r.lo[i], r.hi[i], r.first[i] = a.lo, a.hi, a.first
		r.count *= a.count
	}
	step := [3]int{w.In[1] * w.In[2] * unit, w.In[2] * unit, unit}
	for z := axes[0].first; z < axes[0].end; z++ {
		for y := axes[1].first; y < axes[1].end; y++ {
			for x := axes[2].first; x < axes[2].end; x++ {
				t := tap{w: ((z*w.Kernel[1]+y)*w.Kernel[2] + x) * rows}
				for i, k := range [3]int{z, y, x} {
					t.x += (k - r.first[i]) * w.Dilation[i] * step[i]
				}
				r.taps = append(r.taps, t)
			}
		}
	}
	return r
}

// within returns the part of the region that lies at lo <= position < hi on an
// axis, and whether there is any.
func (r *region) within(axis, lo, hi int) (region, bool) {
	part := *r
	part.lo[axis], part.hi[axis] = max(r.lo[axis], lo), min(r.hi[axis], hi)
	return part, part.lo[axis] < part.hi[axis]
}

// longest returns the axis along which the region is longest, the last of equals,
// and the other two.
func (r *region) longest() (axis, inner, outer int) {
	axis, inner, outer = 2, 1, 0
	if extent := r.hi[1] - r.lo[1]; extent > r.hi[axis]-r.lo[axis] {
		axis, inner = 1, 2
	}
	if extent := r.hi[0] - r.lo[0]; extent > r.hi[axis]-r.lo[axis] {
		axis, inner, outer = 0, 2, 1
	}
	return axis, inner, outer
}
