package render

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
)

var nan = float32(math.NaN())

// enlarge returns a map's strengths, 0 at Low and 1 at High, at w×h points by
// cubic convolution (Keys 1981, a = -1/2) with cells taken as areas, as
// Pillow's BICUBIC does. Cells that hold no number do not count in what is
// around them, and points nearest to one are NaN.
func enlarge(m *figure.Map, w, h int) []float32 {
	cells, holds, whole := normalized(m)
	across, down := taps(m.W, w), taps(m.H, h)
	if m.Lanes {
		down = lanes(m.H, h)
	}
	out := separable(cells, m.W, m.H, across, down)
	if whole {
		return out
	}
	share := separable(holds, m.W, m.H, across, down)
	for i := range out {
		nearest := (i/w)*m.H/h*m.W + (i%w)*m.W/w
		if out[i] /= share[i]; holds[nearest] == 0 {
			out[i] = nan
		}
	}
	return out
}

// normalized returns the cells' strengths, 0 for those that hold no number,
// and 1 or 0 for whether each holds one. A map without a range is all 0.
func normalized(m *figure.Map) (cells, holds []float32, whole bool) {
	n := m.W * m.H
	cells, holds, whole = make([]float32, n), make([]float32, n), true
	low, span := float64(m.Low), float64(m.High)-float64(m.Low)
	for i, v := range m.Values[:n] {
		if v != v {
			whole = false
			continue
		}
		holds[i] = 1
		if span > 0 && !math.IsInf(span, 0) {
			cells[i] = float32(max(0, min((float64(v)-low)/span, 1)))
		}
	}
	return cells, holds, whole
}

// A tap is what one output point takes of the inputs from an index on.
type tap struct {
	from    int
	weights []float32
}

// taps returns those for stretching n cells over size points; when there are
// fewer points than cells, the kernel widens to cover them all.
func taps(n, size int) []tap {
	ratio := float64(n) / float64(size)
	reach := max(ratio, 1)
	out := make([]tap, size)
	for i := range out {
		at := (float64(i)+0.5)*ratio - 0.5
		first := int(math.Ceil(at - 2*reach))
		last := int(math.Floor(at + 2*reach))
		out[i] = edgeTaps(first, last, n, func(j int) float64 { return cubic((float64(j) - at) / reach) })
	}
	return out
}

// lanes are taps of n rows that do not run into one another.
func lanes(n, size int) []tap {
	out := make([]tap, size)
	for i := range out {
		out[i] = tap{i * n / size, []float32{1}}
	}
	return out
}

// edgeTaps cuts a kernel off at the ends and brings its sum back to one.
func edgeTaps(first, last, n int, kernel func(int) float64) tap {
	first, last = max(first, 0), min(last, n-1)
	t := tap{from: first}
	sum := 0.0
	for j := first; j <= last; j++ {
		sum += kernel(j)
	}
	for j := first; j <= last; j++ {
		t.weights = append(t.weights, float32(kernel(j)/sum))
	}
	return t
}

func cubic(x float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// separable applies taps along rows, then along columns.
func separable(cells []float32, w, h int, across, down []tap) []float32 {
	wide := make([]float32, len(across)*h)
	for y := range h {
		row := cells[y*w : (y+1)*w]
		for x, t := range across {
			sum := float32(0)
			for k, weight := range t.weights {
				sum += weight * row[t.from+k]
			}
			wide[y*len(across)+x] = sum
		}
	}
	out := make([]float32, len(across)*len(down))
	for y, t := range down {
		to := out[y*len(across) : (y+1)*len(across)]
		for k, weight := range t.weights {
			row := wide[(t.from+k)*len(across):][:len(to)]
			for x := range to {
				to[x] += weight * row[x]
			}
		}
	}
	return out
}
