package kernel

import (
	"fmt"
	"math"
	"testing"
)

func TestWeightRows(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for range 300 {
			count, cols, taps := r.IntN(5), size(r), r.IntN(12)
			dstStride, srcStride := cols+r.IntN(3), cols+r.IntN(9)
			src, w := noise(r, (count+3)*(srcStride+1)+20), noise(r, taps)
			dst := noise(r, count*dstStride+1)
			before := append([]float32(nil), dst...)
			off := make([]int, taps)
			for k := range off {
				off[k] = r.IntN(srcStride + 10)
			}
			bias, add, hi := r.Float32(), r.IntN(2) == 0, float32(math.Inf(1))
			if r.IntN(2) == 0 {
				hi = 0.75
			}
			active.rows.weight(dst, src, dstStride, srcStride, count, cols, w, off, bias, -0.5, hi, add)
			for i, got := range dst {
				row, j := i/max(1, dstStride), i%max(1, dstStride)
				if row >= count || j >= cols {
					if got != before[i] {
						t.Fatalf("%dx%d, %d taps: wrote to %d", count, cols, taps, i)
					}
					continue
				}
				want, scale := float64(bias), 1.0
				if add {
					want += float64(before[i])
				}
				for k, o := range off {
					p := float64(w[k]) * float64(src[o+row*srcStride+j])
					want, scale = want+p, scale+math.Abs(p)
				}
				want = math.Min(math.Max(want, -0.5), float64(hi))
				near(t, fmt.Sprintf("%dx%d, %d taps, number %d", count, cols, taps, i), dst[i:i+1], []float64{want}, []float64{scale}, gemmTolerance)
			}
		}
	})
}

func TestDotRows(t *testing.T) {
	onEachPath(t, func(t *testing.T) {
		r := newRand()
		for range 300 {
			count, cols := r.IntN(6), size(r)
			aStride, bStride := cols+r.IntN(4), cols+r.IntN(4)
			a, b := noise(r, count*aStride), noise(r, count*bStride)
			want, scale := 0.0, 1e-30
			for i := range count {
				for j := range cols {
					p := float64(a[i*aStride+j]) * float64(b[i*bStride+j])
					want, scale = want+p, scale+math.Abs(p)
				}
			}
			got := active.rows.dot(a, b, aStride, bStride, count, cols)
			near(t, fmt.Sprintf("%dx%d", count, cols), []float32{got}, []float64{want}, []float64{scale}, gemmTolerance)
		}
	})
}
