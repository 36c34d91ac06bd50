package kernel

import (
	"runtime"
	"time"
)

// arithmeticKernel multiplies and adds on registers alone: each turn is that
// many floating-point operations.
type arithmeticKernel struct {
	run     func(turns int)
	perTurn int
}

// peakTurns make a run of about half a millisecond on a processor of today.
const peakTurns = 1 << 16

// Peak measures how many floating-point operations a second the team's threads
// do at most: the best of the runs that fit in the given time, of fused
// multiply-adds on registers alone with the instructions of [Path]. What a
// kernel reaches is a share of it.
func Peak(t *Team, during time.Duration) float64 {
	threads := t.Threads()
	// Several parts a thread, so that one that wakes late does not hold all up.
	parts := 4 * threads
	best := 0.0
	for start := time.Now(); best == 0 || time.Since(start) < during; {
		began := time.Now()
		t.Run(parts, func(int) { active.peak.run(peakTurns / 4) })
		if t.stopped() {
			return best
		}
		done := float64(parts) * float64(peakTurns/4*active.peak.perTurn)
		best = max(best, done/time.Since(began).Seconds())
	}
	return best
}

// portableArithmetic has as many sums as hide the latency of a multiply-add.
var portableArithmetic = arithmeticKernel{portablePeak, 2 * 8}

// portableFactor is a variable so that the compiler does not know what is computed.
var portableFactor float32

func portablePeak(turns int) {
	x := portableFactor
	var a, b, c, d, e, f, g, h float32
	for range turns {
		a, b, c, d = a*x+x, b*x+x, c*x+x, d*x+x
		e, f, g, h = e*x+x, f*x+x, g*x+x, h*x+x
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h)
}
