package findings

import (
	"math"

	"github.com/tomo-viz/tomo/viz/training/curve"
)

// A Rule says when to stop a training by its validation loss.
type Rule string

// The rules. All look at the validation loss smoothed by an exponential mean that
// keeps half of its weight from one evaluation to the next.
const (
	Patience Rule = "patience" // so many evaluations without a new best
	GL       Rule = "gl"       // Prechelt's generalization loss above 5 %
	PQ       Rule = "pq"       // its quotient with the training progress above 1
	UP       Rule = "up"       // three strips in a row that end higher than they began
)

// Constants of the rules, from Prechelt, Early Stopping - But When?, 1998.
const (
	glAlpha  = 5.0 // percent
	pqAlpha  = 1.0
	strip    = 5 // evaluations
	upStrips = 3
	keep     = 0.5
)

// A Stop is where a rule would have ended a training.
type Stop struct {
	Rule Rule
	// Step is where it stops, BestStep the best evaluation up to there, Best its
	// smoothed loss.
	Step, BestStep, Best float64
	Place                int // of Step in the series
}

// StopBy applies a rule; the second result is false where it never stops. The
// loss must be positive for GL and PQ, whose definitions divide by it.
func StopBy(rule Rule, train, val Series, patience int) (Stop, bool) {
	v := make([]float64, val.Len())
	average := curve.NewAverage(keep, 1)
	for i, y := range val.Mean {
		v[i] = average.Add(float64(i), y, 1)
	}
	best := 0
	for i := range v {
		if v[i] < v[best] {
			best = i
		}
		if stops(rule, train, val, v, i, best, patience) {
			return Stop{rule, val.Step[i], val.Step[best], v[best], i}, true
		}
	}
	return Stop{}, false
}

func stops(rule Rule, train, val Series, v []float64, i, best, patience int) bool {
	switch rule {
	case Patience:
		return i-best >= patience
	case GL:
		return v[best] > 0 && generalization(v, i, best) > glAlpha
	case PQ:
		if (i+1)%strip != 0 || !(v[best] > 0) {
			return false
		}
		progress := progressOf(train, val, i)
		return progress > 0 && generalization(v, i, best)/progress > pqAlpha
	}
	if (i+1)%strip != 0 {
		return false
	}
	for s := range upStrips {
		last := i - s*strip
		if last-strip < 0 || v[last] <= v[last-strip] {
			return false
		}
	}
	return true
}

// generalization is GL(t) in percent.
func generalization(v []float64, i, best int) float64 { return 100 * (v[i]/v[best] - 1) }

// progressOf is P_k(t): how much the training loss of the last strip is, on
// average, above its least value, in thousandths.
func progressOf(train, val Series, i int) float64 {
	if train.Len() == 0 {
		return math.NaN()
	}
	from := math.Inf(-1)
	if i >= strip {
		from = val.Step[i-strip]
	}
	sum, n, least := 0.0, 0.0, math.Inf(1)
	for k, x := range train.Step {
		if from < x && x <= val.Step[i] {
			sum, n, least = sum+train.Mean[k], n+1, math.Min(least, train.Mean[k])
		}
	}
	if n == 0 || least <= 0 {
		return math.NaN()
	}
	return 1000 * (sum/(n*least) - 1)
}
