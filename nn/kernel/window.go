package kernel

import "fmt"

// Window slides over the three axes depth, height and width. Two-dimensional
// windows leave depth at size 1, one-dimensional ones height too; see [Window2D]
// and [Window1D]. On each axis the image is extended by PadLo and PadHi, and the
// window's taps, Dilation apart, start at multiples of Stride:
//
//	out = (In + PadLo + PadHi - Dilation*(Kernel-1) - 1)/Stride + 1
//
// rounded down, or with Ceil up, but never so that a window starts in the upper
// padding.
type Window struct {
	In, Kernel, Stride, Dilation, PadLo, PadHi [3]int
	Ceil                                       bool
}

// Window2D returns a window over images of h x w, with stride 1, dilation 1 and
// no padding.
func Window2D(h, w, kernelH, kernelW int) Window {
	one := [3]int{1, 1, 1}
	return Window{In: [3]int{1, h, w}, Kernel: [3]int{1, kernelH, kernelW}, Stride: one, Dilation: one}
}

// Window1D returns a window over signals of length w, with stride 1, dilation 1
// and no padding.
func Window1D(w, kernel int) Window { return Window2D(1, w, 1, kernel) }

// Out returns the sizes of the result; 0 on an axis where the window does not fit
// in.
func (w *Window) Out() [3]int {
	var out [3]int
	for i := range out {
		out[i] = w.out(i)
	}
	return out
}

func (w *Window) out(i int) int {
	room := w.In[i] + w.PadLo[i] + w.PadHi[i] - w.extent(i)
	if room < 0 {
		return 0
	}
	n := room/w.Stride[i] + 1
	if w.Ceil && room%w.Stride[i] != 0 && n*w.Stride[i] < w.In[i]+w.PadLo[i] {
		n++
	}
	return n
}

// extent is how far the taps reach on axis i.
func (w *Window) extent(i int) int { return w.Dilation[i]*(w.Kernel[i]-1) + 1 }

// position returns where on axis i tap k of result o reads.
func (w *Window) position(i, o, k int) int { return o*w.Stride[i] + k*w.Dilation[i] - w.PadLo[i] }

// tapsInside returns the range of taps of result o that read from the image.
func (w *Window) tapsInside(i, o int) (first, end int) { return w.tapsBetween(i, o, 0, w.In[i]) }

// tapsBetween returns the range of taps of result o that read at lo <= position <
// hi.
func (w *Window) tapsBetween(i, o, lo, hi int) (first, end int) {
	at, d := w.position(i, o, 0), w.Dilation[i]
	if at < lo {
		first = min((lo-at-1)/d+1, w.Kernel[i])
	}
	if at < hi {
		end = min((hi-at-1)/d+1, w.Kernel[i])
	}
	return first, max(first, end)
}

// span is a range of results along an axis.
type span struct{ lo, hi int }

// within returns the part of s that lies in o.
func (s span) within(o span) span {
	lo := max(s.lo, o.lo)
	return span{lo, max(lo, min(s.hi, o.hi))}
}

// reach returns the results along axis i for which tap k reads from the image.
func (w *Window) reach(i, k int) span {
	at, lo, hi := w.position(i, 0, k), 0, 0
	if at < 0 {
		lo = (-at-1)/w.Stride[i] + 1
	}
	if at < w.In[i] {
		hi = (w.In[i]-1-at)/w.Stride[i] + 1
	}
	return span{lo, hi}.within(span{0, w.out(i)})
}

// maxAxis bounds sizes and strides, so that their sums are ints. Padding is bounded
// too, because it takes memory that no file has to hold: a few times the image, or
// what no sensible model exceeds.
const (
	maxAxis = 1 << 30
	maxPad  = 1 << 16
)

// Validate reports sizes that make no sense or too large for memory.
func (w *Window) Validate() error {
	for i, axis := range [3]string{"depth", "height", "width"} {
		for _, f := range []struct {
			name           string
			v, least, most int
		}{
			{"size", w.In[i], 0, maxAxis}, {"kernel", w.Kernel[i], 1, maxAxis},
			{"stride", w.Stride[i], 1, maxAxis}, {"dilation", w.Dilation[i], 1, maxAxis},
			{"lower padding", w.PadLo[i], 0, max(maxPad, 4*min(w.In[i], maxAxis/8))},
			{"upper padding", w.PadHi[i], 0, max(maxPad, 4*min(w.In[i], maxAxis/8))},
		} {
			if f.v < f.least || f.v > f.most {
				return fmt.Errorf("window: %s %d in %s; it must be from %d to %d", f.name, f.v, axis, f.least, f.most)
			}
		}
		if _, ok := product(w.Dilation[i], w.Kernel[i], 4); !ok || w.extent(i) > maxAxis {
			return fmt.Errorf("window: kernel %d with dilation %d reaches too far in %s", w.Kernel[i], w.Dilation[i], axis)
		}
	}
	return nil
}

// volume multiplies three sizes.
func volume(n [3]int) int { return n[0] * n[1] * n[2] }
