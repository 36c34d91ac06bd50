package activations

import (
	"image"
	"math"
	"slices"
)

// A peak is where a unit is greatest in one picture.
type peak struct {
	picture int // place among the input's pictures
	value   float64
	at      image.Point // on the layer's grid
}

// peakOf finds the greatest number of a map; it is false if there is none.
func peakOf(values []float32, width int) (peak, bool) {
	best := -1
	for i, v := range values {
		if v == v && (best < 0 || v > values[best]) {
			best = i
		}
	}
	if best < 0 {
		return peak{}, false
	}
	return peak{value: float64(values[best]), at: image.Pt(best%width, best/width)}, true
}

// A podium keeps the greatest peaks of a unit, the greatest first; of equals the
// earlier picture.
type podium struct {
	size  int
	peaks []peak
	// count, sum and squares are of the peaks of all pictures, and answering how
	// many were above zero.
	count, answering int
	sum, squares     float64
}

func (p *podium) add(k peak) {
	p.count++
	p.sum += k.value
	p.squares += k.value * k.value
	if k.value > 0 {
		p.answering++
	}
	i := len(p.peaks)
	for i > 0 && p.peaks[i-1].value < k.value {
		i--
	}
	if i < p.size {
		p.peaks = slices.Insert(p.peaks, i, k)
		p.peaks = p.peaks[:min(len(p.peaks), p.size)]
	}
}

// choosiness is how far the greatest peak stands out from those of all pictures,
// in standard deviations: a unit that answers to everything alike tells little.
func (p *podium) choosiness() float64 {
	if len(p.peaks) == 0 {
		return math.Inf(-1)
	}
	n := float64(p.count)
	mean := p.sum / n
	deviation := math.Sqrt(math.Max(p.squares/n-mean*mean, 0))
	if deviation <= 1e-9*math.Abs(mean) {
		return 0
	}
	return (p.peaks[0].value - mean) / deviation
}
