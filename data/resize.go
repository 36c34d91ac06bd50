package data

import "math"

// fixedBits is the precision of the weights in [Resize]: 8 of 32 bits hold the
// pixel, 2 the overshoot of negative lobes. The Python Imaging Library computes
// with the same, which is what makes the results equal to the last bit.
const fixedBits = 32 - 8 - 2

// Resize returns m resampled to w x h pixels, within the limits of a picture.
// The antialiasing filters give the Python Imaging Library's values exactly:
// rows first, then columns, rounded to 8 bits after each. The Plain ones give
// OpenCV's within 1. An unchanged size returns a copy.
func Resize(m *Image, w, h int, f Filter) (*Image, error) {
	if err := checkSize(w, h); err != nil {
		return nil, err
	}
	if f == Nearest {
		return resizeNearest(m, w, h), nil
	}
	if err := checkSize(w, m.H); err != nil { // the rows are resampled first
		return nil, err
	}
	k, ok := kernels[f]
	if !ok {
		return nil, problem("use one of the filters that data defines", "there is no resampling filter %d", f)
	}
	if k.plain {
		return resizePlain(m, w, h, k), nil
	}
	out := m
	if w != m.W {
		out = resizeRows(out, w, makeTaps(k, m.W, w).fixed())
	}
	if h != m.H {
		out = resizeColumns(out, h, makeTaps(k, m.H, h).fixed())
	}
	if out == m {
		out = m.clone()
	}
	return out, nil
}

func (m *Image) clone() *Image {
	out := *m
	out.Pix = append([]uint8(nil), m.Pix...)
	return &out
}

// fixedTaps are taps with weights in fixed point.
type fixedTaps struct {
	taps
	weights []int32
}

func (t taps) fixed() fixedTaps {
	w := make([]int32, len(t.weights))
	for i, v := range t.weights {
		w[i] = int32(math.Round(v * (1 << fixedBits)))
	}
	return fixedTaps{t, w}
}

// of returns where output position i starts and its weights.
func (t *fixedTaps) of(i int) (start int, weights []int32) {
	return t.start[i], t.weights[i*t.width:][:t.count[i]]
}

// clip8 turns a fixed-point sum, which began at one half, into a pixel.
func clip8(sum int32) uint8 {
	return uint8(min(max(sum>>fixedBits, 0), 255))
}

const half = 1 << (fixedBits - 1)

func resizeRows(m *Image, w int, t fixedTaps) *Image {
	out := m.like(w, m.H)
	inBands(m.H, 3*m.W, func(y0, y1 int) {
		for y := y0; y < y1; y++ {
			resizeRow(out.row(y), m.row(y), &t)
		}
	})
	return out
}

func resizeRow(dst, src []uint8, t *fixedTaps) {
	for x := range t.start {
		start, weights := t.of(x)
		p := src[3*start:][:3*len(weights)]
		r, g, b := int32(half), int32(half), int32(half)
		for _, w := range weights {
			r += int32(p[0]) * w
			g += int32(p[1]) * w
			b += int32(p[2]) * w
			p = p[3:]
		}
		d := dst[3*x : 3*x+3 : 3*x+3]
		d[0], d[1], d[2] = clip8(r), clip8(g), clip8(b)
	}
}

func resizeColumns(m *Image, h int, t fixedTaps) *Image {
	out := m.like(m.W, h)
	inBands(h, 3*m.W*t.width, func(y0, y1 int) {
		sums := make([]int32, 3*m.W)
		for y := y0; y < y1; y++ {
			start, weights := t.of(y)
			for i := range sums {
				sums[i] = half
			}
			for k, w := range weights {
				addRow(sums, m.row(start+k), w)
			}
			for i, d := 0, out.row(y); i < len(d); i++ {
				d[i] = clip8(sums[i])
			}
		}
	})
	return out
}

func addRow(sums []int32, row []uint8, w int32) {
	row = row[:len(sums)]
	for i := range sums {
		sums[i] += int32(row[i]) * w
	}
}

// resizePlain rounds once, at the end: an overshoot of the rows must reach the
// columns.
func resizePlain(m *Image, w, h int, k kernel) *Image {
	out := m.like(w, h)
	xs, ys := makeTaps(k, m.W, w), makeTaps(k, m.H, h)
	channel := make([]float32, m.W*m.H)
	for c := range 3 {
		for i := range channel {
			channel[i] = float32(m.Pix[3*i+c])
		}
		for i, v := range floatColumns(floatRows(channel, m.W, m.H, xs), w, ys) {
			out.Pix[3*i+c] = uint8(min(max(v, 0), 255) + 0.5)
		}
	}
	return out
}

func resizeNearest(m *Image, w, h int) *Image {
	out := m.like(w, h)
	xs, ys := nearestTaps(m.W, w), nearestTaps(m.H, h)
	for y, sy := range ys {
		dst, src := out.row(y), m.row(sy)
		for x, sx := range xs {
			copy(dst[3*x:3*x+3], src[3*sx:3*sx+3])
		}
	}
	return out
}
