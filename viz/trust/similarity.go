package trust

import (
	"cmp"
	"math"
	"slices"
)

// RankCorrelation is the rank correlation of two lists; equal values share the mean of
// their ranks.
func RankCorrelation(a, b []float32) float64 { return pearson(ranks(a), ranks(b)) }

func ranks(v []float32) []float32 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(v[i], v[j]) })
	out := make([]float32, len(v))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && v[order[to]] == v[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			out[i] = float32(from+to-1) / 2
		}
		from = to
	}
	return out
}

// ssim is the mean structural similarity of two pictures of values from 0 to 1,
// by Gaussian windows of 11 pixels that lie wholly inside (Wang et al. 2004); a
// smaller picture is one window.
func ssim(a, b []float32, w, h int) float64 {
	const reach, sigma = 5, 1.5
	if w <= 2*reach || h <= 2*reach {
		return similarity(momentsOf(a, b))
	}
	var weights [2*reach + 1]float64
	total := 0.0
	for i := range weights {
		d := float64(i-reach) / sigma
		weights[i] = math.Exp(-d * d / 2)
		total += weights[i]
	}
	for i := range weights {
		weights[i] /= total
	}
	// The five moments, smoothed across and then down.
	var fields [5][]float64
	for k := range fields {
		across := make([]float64, w*h)
		fields[k] = make([]float64, w*h)
		for y := range h {
			for x := reach; x < w-reach; x++ {
				for i, weight := range weights {
					across[y*w+x] += weight * moment(k, a, b, y*w+x+i-reach)
				}
			}
		}
		for y := reach; y < h-reach; y++ {
			for x := reach; x < w-reach; x++ {
				for i, weight := range weights {
					fields[k][y*w+x] += weight * across[(y+i-reach)*w+x]
				}
			}
		}
	}
	sum, n := 0.0, 0
	for y := reach; y < h-reach; y++ {
		for x := reach; x < w-reach; x++ {
			var m [5]float64
			for k := range m {
				m[k] = fields[k][y*w+x]
			}
			sum += similarity(m)
			n++
		}
	}
	return sum / float64(n)
}

// moment is a, b, a², b² or ab at a place.
func moment(k int, a, b []float32, i int) float64 {
	x, y := float64(a[i]), float64(b[i])
	return [5]float64{x, y, x * x, y * y, x * y}[k]
}

func momentsOf(a, b []float32) (m [5]float64) {
	for i := range a {
		for k := range m {
			m[k] += moment(k, a, b, i) / float64(len(a))
		}
	}
	return m
}

// similarity is SSIM's formula for means and second moments, with its constants
// for values from 0 to 1.
func similarity(m [5]float64) float64 {
	const c1, c2 = 0.01 * 0.01, 0.03 * 0.03
	va, vb, cov := m[2]-m[0]*m[0], m[3]-m[1]*m[1], m[4]-m[0]*m[1]
	return (2*m[0]*m[1] + c1) * (2*cov + c2) / ((m[0]*m[0] + m[1]*m[1] + c1) * (va + vb + c2))
}

// hogSimilarity correlates histograms of oriented gradients (Dalal and Triggs
// 2005): nine orientations in cells of 8×8 pixels, each of unit length.
func hogSimilarity(a, b []float32, w, h int) float64 { return pearson(hog(a, w, h), hog(b, w, h)) }

func hog(v []float32, w, h int) []float32 {
	const bins, cell = 9, 8
	across, down := w/cell, h/cell
	out := make([]float32, across*down*bins)
	for y := range down * cell {
		for x := range across * cell {
			var gx, gy float64
			if x > 0 && x < w-1 {
				gx = float64(v[y*w+x+1]) - float64(v[y*w+x-1])
			}
			if y > 0 && y < h-1 {
				gy = float64(v[(y+1)*w+x]) - float64(v[(y-1)*w+x])
			}
			angle := math.Mod(math.Atan2(gy, gx)*180/math.Pi+360, 180)
			bin := min(bins-1, int(angle*bins/180))
			out[(y/cell*across+x/cell)*bins+bin] += float32(math.Hypot(gx, gy) / (cell * cell))
		}
	}
	for i := 0; i < len(out); i += bins {
		sum := 1e-10
		for _, x := range out[i : i+bins] {
			sum += float64(x) * float64(x)
		}
		for j := range bins {
			out[i+j] /= float32(math.Sqrt(sum))
		}
	}
	return out
}
