package data

// ResizeFloat returns a map of w x h values, row by row, resampled to W x H.
// PlainBilinear is what heat maps are shown with (OpenCV's INTER_LINEAR,
// PyTorch's bilinear with align_corners=False), PlainBicubic the smoother one;
// the antialiasing filters suit reductions.
//
// A value that is not finite spreads to every output that has a weight for it.
// Results are computed in float64 and differ from OpenCV's by rounding only.
func ResizeFloat(src []float32, w, h, W, H int, f Filter) ([]float32, error) {
	if err := checkMap(src, w, h, W, H); err != nil {
		return nil, err
	}
	if f == Nearest {
		return nearestFloat(src, w, h, W, H), nil
	}
	k, ok := kernels[f]
	if !ok {
		return nil, problem("use one of the filters that data defines", "there is no resampling filter %d", f)
	}
	return floatColumns(floatRows(src, w, h, makeTaps(k, w, W)), W, makeTaps(k, h, H)), nil
}

func checkMap(src []float32, w, h, W, H int) error {
	if err := checkSize(w, h); err != nil {
		return err
	}
	if len(src) != w*h {
		return problem("give one value per position", "a map of %d x %d has %d values, not %d", w, h, w*h, len(src))
	}
	if err := checkSize(W, H); err != nil {
		return err
	}
	return checkSize(W, h) // the rows are resampled first
}

// floatRows resamples each row of w values.
func floatRows(src []float32, w, h int, t taps) []float64 {
	m := len(t.start)
	out := make([]float64, m*h)
	for y := range h {
		row := src[y*w : (y+1)*w]
		for x := range m {
			var sum float64
			for k, v := range row[t.start[x]:][:t.count[x]] {
				sum += weighted(float64(v), t.weights[x*t.width+k])
			}
			out[y*m+x] = sum
		}
	}
	return out
}

// floatColumns resamples the columns of rows of w values.
func floatColumns(src []float64, w int, t taps) []float32 {
	m := len(t.start)
	out := make([]float32, w*m)
	sums := make([]float64, w)
	for y := range m {
		clear(sums)
		for k := range t.count[y] {
			weight := t.weights[y*t.width+k]
			for x, v := range src[(t.start[y]+k)*w:][:w] {
				sums[x] += weighted(v, weight)
			}
		}
		for x, v := range sums {
			out[y*w+x] = float32(v)
		}
	}
	return out
}

// weighted is v times weight, and zero where the weight is, so that an infinity
// outside the filter's reach does not become a NaN.
func weighted(v, weight float64) float64 {
	if weight == 0 {
		return 0
	}
	return v * weight
}

func nearestFloat(src []float32, w, h, W, H int) []float32 {
	out := make([]float32, 0, W*H)
	xs := nearestTaps(w, W)
	for _, sy := range nearestTaps(h, H) {
		row := src[sy*w : (sy+1)*w]
		for _, sx := range xs {
			out = append(out, row[sx])
		}
	}
	return out
}
