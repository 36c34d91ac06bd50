package findings

import (
	"math"

	"github.com/tomo-viz/tomo/viz/training/curve"
)

// Thresholds of overfitting.
const (
	overfitLoss   = 0.05 // Prechelt's generalization loss: the rise as a share of the best value
	overfitFall   = 0.01 // the rise as a share of what the curve had fallen before
	overfitErrors = 4.0  // the rise in standard errors
	leastPoints   = 6    // of a curve that is judged
)

// An Overfitting is where validation was best, and what it and the training came
// to afterwards.
type Overfitting struct {
	// BestStep is where the smoothed validation is best.
	BestStep float64
	// The levels there, and at the end.
	Best, End           float64
	TrainBest, TrainEnd float64
	// Loss is the rise as a share of Best, Errors the rise in standard errors.
	Loss, Errors float64
}

// Overfit looks for a validation loss that rises from its best while the training
// loss falls on. The rise is from the best smoothed value to the mean of the last
// third of what comes after; it must be at least 5 % of the best value (Prechelt,
// Early Stopping - But When?, 1998: the generalization loss) and 1 % of the fall
// before, and stand out of the noise by 4 standard errors, after what the least
// of many noisy values is too small by. The training loss must be lower at the
// end than where validation was best.
func Overfit(train, val Series) (Overfitting, bool) {
	rise, ok := worsening(val)
	if !ok || train.Len() < leastPoints {
		return Overfitting{}, false
	}
	o := Overfitting{BestStep: val.Step[rise.at], Best: rise.best, End: rise.end, Loss: rise.end/rise.best - 1, Errors: rise.errors}
	near := (val.Step[val.Len()-1] - val.Step[0]) / 40
	o.TrainBest = train.between(o.BestStep-near, o.BestStep+near)
	o.TrainEnd = train.between(val.Step[rise.tail]-near, math.Inf(1))
	return o, o.TrainEnd < o.TrainBest
}

// A worsened curve has its best value at a place and a level at the end, from
// tail on.
type worsened struct {
	at, tail  int
	best, end float64
	errors    float64
}

// worsening looks for a curve that ends above its best, smoothed as little as is
// needed to tell.
func worsening(s Series) (w worsened, found bool) {
	if s.Len() < leastPoints {
		return w, false
	}
	for _, h := range halfWindows(s.Len()) {
		if w, found = worseningOver(s, h); found {
			break
		}
	}
	return w, found
}

func worseningOver(s Series, h int) (worsened, bool) {
	n := s.Len()
	level := smooth(s.Mean, h)
	w := worsened{at: lowest(level, h)}
	after := n - 1 - w.at
	if after < max(3, n/20) {
		return w, false
	}
	w.best = level[w.at]
	w.tail = n - max(3, after/3)
	w.end = curve.Mean(s.Mean[w.tail:])
	sigma := LongNoise(s.Mean[max(0, w.at-after):])
	standard, bias := windowError(n, h)
	standardError := sigma * math.Hypot(standard, 1/math.Sqrt(float64(n-w.tail)))
	rise := w.end - w.best - sigma*bias
	w.errors = rise / standardError
	large := rise >= overfitLoss*math.Abs(w.best) && rise >= overfitFall*(s.Mean[0]-w.best)
	return w, large && rise > 0 && !(w.errors < overfitErrors)
}
