package data

import "math"

// taps tell which source positions an output position is made of, along one
// axis: output i is the sum of weights[i*width+k] times source start[i]+k over
// the k below count[i]. Unused weights are zero.
type taps struct {
	start, count []int
	weights      []float64
	width        int
}

// makeTaps returns the taps of a kernel that resamples n positions to m.
func makeTaps(k kernel, n, m int) taps {
	if k.plain {
		return plainTaps(k, n, m)
	}
	scale := float64(n) / float64(m)
	widen := max(scale, 1)
	support := k.radius * widen
	t := newTaps(m, int(math.Ceil(support))*2+1)
	for i := range m {
		center := (float64(i) + 0.5) * scale
		first := max(0, int(center-support+0.5))
		last := min(n, int(center+support+0.5))
		t.start[i], t.count[i] = first, last-first
		w := t.weights[i*t.width:][:last-first]
		for j := range w {
			w[j] = k.weight((float64(first+j) - center + 0.5) * (1 / widen))
		}
		normalise(w)
	}
	return t
}

// plainTaps returns taps that do not widen; positions beyond the border take
// the border's value, so their weight moves there.
func plainTaps(k kernel, n, m int) taps {
	scale := float64(n) / float64(m)
	width := int(2 * k.radius)
	t := newTaps(m, min(width, n))
	for i := range m {
		center := (float64(i)+0.5)*scale - 0.5
		first := int(math.Floor(center)) - width/2 + 1
		t.start[i] = min(max(first, 0), n-t.width)
		t.count[i] = t.width
		w := t.weights[i*t.width:][:t.width]
		for p := first; p < first+width; p++ {
			w[min(max(p, 0), n-1)-t.start[i]] += k.weight(float64(p) - center)
		}
	}
	return t
}

func newTaps(m, width int) taps {
	return taps{make([]int, m), make([]int, m), make([]float64, m*width), width}
}

// nearestTaps returns, for each of m positions, the one of n under its centre.
// The position is summed rather than multiplied up, so that its rounding, and
// with it the choice between two equally near pixels, is that of the Python
// Imaging Library.
func nearestTaps(n, m int) []int {
	at := make([]int, m)
	step := float64(n) / float64(m)
	x := step * 0.5
	for i := range at {
		at[i] = min(int(x), n-1)
		x += step
	}
	return at
}

func normalise(w []float64) {
	var sum float64
	for _, v := range w {
		sum += v
	}
	if sum == 0 {
		return
	}
	for i := range w {
		w[i] /= sum
	}
}
