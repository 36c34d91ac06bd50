package findings

import (
	"math"

	"github.com/tomo-viz/tomo/viz/training/curve"
)

// Thresholds of progress and plateaus.
const (
	plateauChange = 0.01 // of what the loss fell in all
	plateauErrors = 3.0
	plateauShare  = 1.0 / 3 // of the steps, at least
	stillShare    = 0.02    // of the fall, in the last fifth of the steps
)

// blocks are the medians of equal parts of a curve, which spikes do not move, each
// with its standard error.
type blocks struct {
	from, to []int // places
	level    []float64
	err      []float64
	noise    float64 // of one value in the second half
}

const mostBlocks = 20

// inBlocks cuts a curve into up to 20 parts of 4 places or more.
func inBlocks(s Series) blocks {
	n := s.Len()
	k := min(mostBlocks, n/4)
	var b blocks
	b.noise = LongNoise(s.Mean[n/2:])
	for i := range k {
		from, to := i*n/k, (i+1)*n/k
		b.from, b.to = append(b.from, from), append(b.to, to)
		b.level = append(b.level, curve.Quantile(s.Mean[from:to], 0.5))
		b.err = append(b.err, medianError*max(b.noise, Noise(s.Mean[from:to]))/math.Sqrt(float64(to-from)))
	}
	return b
}

// fall is what the curve fell from its first value to the best part.
func (b blocks) fall(s Series) float64 {
	return math.Max(s.Mean[0], b.level[0]) - b.level[argmin(b.level)]
}

// A Plateau is a stretch up to the end without progress.
type Plateau struct {
	Since   float64 // step
	Share   float64 // of all steps
	Level   float64
	Fallen  float64 // before
	Changes float64 // what its parts differ by, at most
}

// FindPlateau looks for the longest stretch, up to the end, over which a loss
// stays within 1 % of its whole fall, or within 3 standard errors where those are
// more. It must be a third of the steps.
func FindPlateau(s Series) (Plateau, bool) {
	b := inBlocks(s)
	k := len(b.level)
	if k < 6 {
		return Plateau{}, false
	}
	p := Plateau{Fallen: b.fall(s)}
	tail := k - max(2, k/5)
	p.Level = curve.Mean(b.level[tail:])
	since := k
	for since > 0 && math.Abs(b.level[since-1]-p.Level) <= math.Max(plateauChange*p.Fallen, plateauErrors*b.err[since-1]) {
		since--
	}
	if since == k || since == 0 || p.Fallen < plateauErrors*b.noise { // it never fell: that is no plateau
		return p, false
	}
	for _, m := range b.level[since:] {
		p.Changes = math.Max(p.Changes, math.Abs(m-p.Level))
	}
	half := (since + k) / 2
	drift := curve.Mean(b.level[since:half]) - curve.Mean(b.level[half:])
	if half > since && drift > math.Max(plateauChange*p.Fallen, plateauErrors*b.err[k-1]/math.Sqrt(float64(half-since))*math.Sqrt2) {
		return p, false // it falls slowly
	}
	first, last := s.Step[0], s.Step[s.Len()-1]
	p.Since = s.Step[b.from[since]]
	p.Share = (last - p.Since) / (last - first)
	return p, p.Share >= plateauShare
}

// Stuck reports whether a loss never falls: the best part of it is within 3
// standard errors of its beginning, or within 1 % of it. A positive loss must be
// so by its logarithm, too, since the noise of losses often shrinks with them.
func Stuck(s Series) (first, best float64, stuck bool) {
	first, best, stuck = stuckAt(s)
	if logs, positive := logarithms(s.Mean); stuck && positive {
		_, _, stuck = stuckAt(Series{Step: s.Step, Mean: logs})
	}
	return first, best, stuck
}

func stuckAt(s Series) (first, best float64, stuck bool) {
	b := inBlocks(s)
	k := len(b.level)
	if k < 5 {
		return 0, 0, false
	}
	first, best = b.level[0], b.level[argmin(b.level)]
	within := func(fallen, err float64) bool {
		bias := math.Sqrt(2 * math.Log(float64(k)))
		return fallen <= math.Max((plateauErrors+bias)*err, plateauChange*math.Abs(first))
	}
	// Within its first part, too: a loss may fall in a few steps.
	return first, best, within(first-best, medianError*b.noise/math.Sqrt(float64(b.to[0]))) && within(s.Mean[0]-best, b.noise)
}

// StillFalling reports by how much a loss fell in the last fifth of its course: it
// must be 2 % of the whole fall and 3 standard errors.
func StillFalling(s Series) (before, end float64, falling bool) {
	b := inBlocks(s)
	k := len(b.level)
	if k < 5 {
		return 0, 0, false
	}
	w := max(1, k/5)
	before, end = curve.Mean(b.level[k-2*w:k-w]), curve.Mean(b.level[k-w:])
	err := b.err[k-1] * math.Sqrt(2/float64(w))
	return before, end, before-end > math.Max(stillShare*b.fall(s), plateauErrors*err)
}
