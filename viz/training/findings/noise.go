package findings

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/viz/training/curve"
)

// Noise estimates the standard deviation of the noise in values that follow a
// smooth course: the median absolute second difference, which a straight line
// does not change, scaled to what independent normal noise has. Half of the
// values may be outliers. It is 0 for less than 3 values.
func Noise(y []float64) float64 {
	if len(y) < 3 {
		return 0
	}
	d := make([]float64, len(y)-2)
	for i := range d {
		d[i] = math.Abs(y[i] - 2*y[i+1] + y[i+2])
	}
	return normalMAD * curve.Quantile(d, 0.5) / math.Sqrt(6)
}

// LongNoise is Noise of values whose neighbours may be alike: the greater of
// theirs and of that of means of groups of them, which correlated noise does not
// lessen as much as independent noise. A mean of m values is off by
// LongNoise/√m.
func LongNoise(y []float64) float64 {
	const groups = 12
	size := len(y) / groups
	if size < 2 {
		return Noise(y)
	}
	means := make([]float64, groups)
	for i := range means {
		means[i] = curve.Mean(y[i*len(y)/groups : (i+1)*len(y)/groups])
	}
	return math.Max(Noise(y), Noise(means)*math.Sqrt(float64(size)))
}

// normalMAD makes the median of absolute deviations that of a normal
// distribution's standard deviation.
const normalMAD = 1.4826

// medianError is the standard error of the median of many normal values, per that
// of their mean: √(π/2).
const medianError = 1.2533

// smooth returns centred means with weights that fall off linearly over half a
// window of h+1 values, which is narrower near the ends.
func smooth(y []float64, h int) []float64 {
	out := make([]float64, len(y))
	for i := range y {
		reach := min(h, i, len(y)-1-i)
		sum, mass := 0.0, 0.0
		for k := -reach; k <= reach; k++ {
			w := float64(reach + 1 - max(k, -k))
			sum, mass = sum+w*y[i+k], mass+w
		}
		out[i] = sum / mass
	}
	return out
}

// halfWindows are those of the smoothing of n values, from narrow ones, which
// follow the curve closely, to wide ones, which are needed where there is much
// noise.
func halfWindows(n int) []int {
	return slices.Compact([]int{max(1, n/50), max(1, n/20), max(1, n/10)})
}

// windowError is the standard error of such a mean, per noise of one value, with
// what the least of all windows is too small by, on average, if all are alike:
// √(2 ln k) standard errors for k windows that share no values.
func windowError(n, h int) (standard, bias float64) {
	standard = math.Sqrt(2 / (3 * float64(h+1)))
	return standard, standard * math.Sqrt(2*math.Log(max(float64(n)/float64(2*h+1), 1)))
}

// logarithms returns those of the values, if all are above 0.
func logarithms(y []float64) (logs []float64, ok bool) {
	logs = make([]float64, len(y))
	for i, v := range y {
		if v <= 0 {
			return nil, false
		}
		logs[i] = math.Log(v)
	}
	return logs, true
}

// lowest returns the place of the least of smoothed values whose window is whole.
func lowest(level []float64, h int) int {
	if len(level) <= 2*h {
		return argmin(level)
	}
	return h + argmin(level[h:len(level)-h])
}

// argmin returns the first place of the least value.
func argmin(y []float64) int {
	best := 0
	for i, v := range y {
		if v < y[best] {
			best = i
		}
	}
	return best
}

// runningMedian returns the medians of windows of 2h+1 values, shifted inwards
// near the ends.
func runningMedian(y []float64, h int) []float64 {
	out := make([]float64, len(y))
	var window []float64
	for i := range y {
		from := min(max(0, i-h), max(0, len(y)-2*h-1))
		window = append(window[:0], y[from:min(len(y), from+2*h+1)]...)
		slices.Sort(window)
		out[i] = window[len(window)/2]
	}
	return out
}
