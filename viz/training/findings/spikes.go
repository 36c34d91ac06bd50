package findings

import (
	"math"

	"github.com/tomo-viz/tomo/viz/training/curve"
)

// Thresholds of spikes.
const (
	spikeErrors    = 12.0 // deviations of the values around their running median
	spikeLogErrors = 6.0  // the same, of logarithms
	spikeLevel     = 0.5  // of the running median
	spikeBack      = 0.5  // of its height, that must be gone again afterwards
)

// A Spike is a value that stands out of its neighbours, after which the curve
// comes back.
type Spike struct {
	Place int // in the series
	Step  float64
	Value float64
	Level float64 // the median around it
}

// FindSpikes looks for values far above the running median: by 12 times what the
// values around deviate from theirs (1.4826 × the median of absolute deviations),
// and by half of the median; those of a positive loss by 6 times the deviations of
// the logarithms, too, since the noise of single batches is far from normal.
// Afterwards the median must have come back by half of the height. Of neighbours
// the greatest is taken. The beginning, where a loss falls steeply, is left out.
func FindSpikes(s Series) []Spike {
	n := s.Len()
	h := max(5, n/100)
	if n < 4*h {
		return nil
	}
	level := runningMedian(s.Mean, h)
	height, spread := standing(s.Max, level, h)
	logHeight, logSpread := make([]float64, n), make([]float64, n)
	logs, positive := logarithms(s.Max)
	if positive {
		logHeight, logSpread = standing(logs, runningMedian(logs, h), h)
	}
	var out []Spike
	for i := h; i < n; i++ {
		if height[i] <= spikeErrors*spread[i] || height[i] <= spikeLevel*math.Abs(level[i]) || height[i] <= 0 ||
			positive && logHeight[i] <= spikeLogErrors*logSpread[i] {
			continue
		}
		if back := min(n-1, i+2*h); level[back]-level[max(0, i-h)] > (1-spikeBack)*height[i] {
			continue
		}
		spike := Spike{i, s.Step[i], s.Max[i], level[i]}
		if last := len(out) - 1; last >= 0 && i-out[last].Place <= h {
			if spike.Value > out[last].Value {
				out[last] = spike
			}
			continue
		}
		out = append(out, spike)
	}
	return out
}

// standing is how far values stand out of a level, beyond what those around do,
// and how far these deviate from each other, as a standard deviation.
func standing(values, level []float64, h int) (height, spread []float64) {
	n := len(values)
	height = make([]float64, n)
	for i := range height {
		height[i] = values[i] - level[i]
	}
	usual := runningMedian(height, 2*h)
	deviations := make([]float64, n)
	for i := range deviations {
		height[i] -= usual[i]
		deviations[i] = math.Abs(height[i])
	}
	spread = runningMedian(deviations, 2*h)
	floor := curve.Quantile(deviations, 0.5) / 10 // where many values are the same
	for i := range spread {
		spread[i] = normalMAD * math.Max(spread[i], floor)
	}
	return height, spread
}
