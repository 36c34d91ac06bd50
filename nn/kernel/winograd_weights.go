package kernel

import "github.com/tomo-viz/tomo/internal/pages"

// setWeights transforms weights [Filters, Channels/Groups, 3, 3]. If backwards is
// true they are [Channels, Filters/Groups, 3, 3], and turned around, as for the
// gradient of a convolution's images.
func (w *winograd) setWeights(t *Team, weights []float32, backwards bool) {
	w.moderate = isModerate(t, weights[:w.spec.WeightSize()])
	size := w.spec.WeightSize() / w.spec.Groups
	for g := range w.spec.Groups {
		if w.weights[g] == nil {
			w.weights[g] = pages.Make[float32](points * w.spec.groupChannels() * w.width)
		}
		w.setGroup(t, w.weights[g], weights[g*size:(g+1)*size], backwards)
	}
}

func (w *winograd) setGroup(t *Team, dst, weights []float32, backwards bool) {
	channels, filters := w.spec.groupChannels(), w.spec.groupFilters()
	t.Ranges(channels, packGrain/(points*w.width), func(lo, hi int) {
		s := borrow((9 + 3*tileIn) * w.width)
		defer s.giveBack()
		taps, half := s.f[:9*w.width], s.f[9*w.width:]
		clear(taps)
		for c := lo; c < hi; c++ {
			if backwards {
				transposeStrided(taps, w.width, weights[c*filters*9:], 9, filters, 9)
				for i := range 4 {
					swap(taps[i*w.width:(i+1)*w.width], taps[(8-i)*w.width:(9-i)*w.width])
				}
			} else {
				transposeStrided(taps, w.width, weights[c*9:], channels*9, filters, 9)
			}
			w.filter(dst, c, taps, half)
		}
	})
}

func swap(a, b []float32) {
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
}

// filter transforms the taps of a channel, each of which is a row of filters.
func (w *winograd) filter(dst []float32, c int, taps, half []float32) {
	channels, panel := w.spec.groupChannels(), w.tile.width
	w.kernels.filter(half, 3*w.width, w.lanes, taps, 3*w.width, w.lanes, 3*w.width/w.lanes)
	for i := range tileIn {
		to := dst[i*tileIn*channels*w.width+c*panel:]
		for j := 0; j < w.width; j += panel {
			w.kernels.filter(to[j*channels:], channels*w.width, w.lanes, half[3*i*w.width+j:], w.width, w.lanes, panel/w.lanes)
		}
	}
}
