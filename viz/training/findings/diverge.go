package findings

import "math"

// Thresholds of divergence.
const (
	divergeFall   = 0.5 // the rise as a share of what the loss had fallen
	divergeLevel  = 0.1 // the rise as a share of the loss where it began, or was best
	divergeErrors = 6.0 // the rise in standard errors
)

// A Divergence is a training loss that comes up again.
type Divergence struct {
	Since            float64 // the step from which on it rises
	First, Best, End float64 // levels
	Errors           float64
}

// Diverge looks for a training loss that ends far above its best: by more than
// half of what it had fallen, a tenth of where it began, and 6 standard errors. A
// spike that is over by the last tenth of the steps is none.
func Diverge(train Series) (Divergence, bool) {
	n := train.Len()
	if n < 10 {
		return Divergence{}, false
	}
	h := halfWindows(n)[0]
	level := smooth(train.Mean, h)
	at := lowest(level, h)
	tail := n - max(3, n/10)
	if at >= tail {
		return Divergence{}, false
	}
	ends := runningMedian(train.Mean[tail:], (n-tail)/2)
	d := Divergence{Since: train.Step[at], First: level[0], Best: level[at], End: ends[len(ends)-1]}
	sigma := LongNoise(train.Mean[max(0, at-(n-at)):])
	standard, bias := windowError(n, h)
	rise := d.End - d.Best - sigma*bias
	d.Errors = rise / (sigma * math.Hypot(standard, medianError/math.Sqrt(float64(n-tail))))
	large := rise > divergeFall*(d.First-d.Best) && rise > divergeLevel*math.Max(math.Abs(d.First), math.Abs(d.Best))
	return d, large && rise > 0 && !(d.Errors < divergeErrors)
}
