// Package sketch counts numbers in bins, so that quantiles and histograms of any
// amount of them take little memory.
package sketch

import (
	"math"
	"slices"
)

// A Sketch counts numbers in bins of equal relative width, so that no range need
// be known before: DDSketch (Masson, Rim and Lee, VLDB 2019, arXiv 1908.10693,
// section 2) with the bits of the float as the logarithm, cut into powers of two
// of 64 bins each. A bin's middle is off by 1/128 of the number at most; what is
// smaller in size than 2^-126, float32's least normal number, counts as zero.
type Sketch struct {
	N, Zero  uint64 // of the finite numbers, and of those that are zero
	NotReal  uint64 // NaN and infinities
	Min, Max float32
	// pages are the bins above zero, and below; nil while there are none.
	pages [2][]*[binsPerOctave]uint64
}

const (
	octaves       = 254 // 2^-126 to 2^128
	firstExponent = 1
	binsPerOctave = 64
	mantissaShift = 23 - 6
)

// New returns a sketch of no numbers.
func New() *Sketch { return &Sketch{Min: float32(math.Inf(1)), Max: float32(math.Inf(-1))} }

// Add counts numbers.
func (s *Sketch) Add(values []float32) {
	for _, v := range values {
		if v-v != 0 {
			s.NotReal++
			continue
		}
		s.N++
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
		bits := math.Float32bits(v)
		exponent := int(bits>>23&0xff) - firstExponent
		if exponent < 0 {
			s.Zero++
			continue
		}
		page := s.page(int(bits>>31), exponent)
		page[bits>>mantissaShift&(binsPerOctave-1)]++
	}
}

// page returns the bins of a power of two on one side of zero.
func (s *Sketch) page(sign, octave int) *[binsPerOctave]uint64 {
	if s.pages[sign] == nil {
		s.pages[sign] = make([]*[binsPerOctave]uint64, octaves)
	}
	if s.pages[sign][octave] == nil {
		s.pages[sign][octave] = new([binsPerOctave]uint64)
	}
	return s.pages[sign][octave]
}

// Merge adds what another sketch has counted.
func (s *Sketch) Merge(o *Sketch) {
	s.N, s.Zero, s.NotReal = s.N+o.N, s.Zero+o.Zero, s.NotReal+o.NotReal
	s.Min, s.Max = min(s.Min, o.Min), max(s.Max, o.Max)
	for sign := range o.pages {
		for i, page := range o.pages[sign] {
			if page == nil {
				continue
			}
			own := s.page(sign, i)
			for k, n := range page {
				own[k] += n
			}
		}
	}
}

// Each calls take with the bins that hold anything, from the least number up:
// the ends of the bin, and how many numbers lie in it.
func (s *Sketch) Each(take func(from, to float64, count uint64)) {
	for octave, page := range slices.Backward(s.pages[1]) {
		if page != nil {
			for i := binsPerOctave - 1; i >= 0; i-- {
				if n := page[i]; n > 0 {
					from, to := bin(octave, i)
					take(-to, -from, n)
				}
			}
		}
	}
	if s.Zero > 0 {
		take(0, 0, s.Zero)
	}
	for octave, page := range s.pages[0] {
		if page == nil {
			continue
		}
		for i, n := range page {
			if n > 0 {
				from, to := bin(octave, i)
				take(from, to, n)
			}
		}
	}
}

// bin returns the ends of a bin above zero.
func bin(octave, i int) (from, to float64) {
	start := math.Ldexp(1, octave+firstExponent-127)
	step := start / binsPerOctave
	return start + float64(i)*step, start + float64(i+1)*step
}

// Median is the lower one, within 1/128 of its size; NaN of no numbers.
func (s *Sketch) Median() float64 { return s.Quantile(0.5) }

// Quantile is the least number that at least the share q of the numbers, 0 to 1,
// does not exceed, within 1/128 of its size; NaN of no numbers.
func (s *Sketch) Quantile(q float64) float64 {
	left := max(1, uint64(math.Ceil(q*float64(s.N))))
	out, found := math.NaN(), false
	s.Each(func(from, to float64, count uint64) {
		if found {
			return
		}
		if left <= count {
			out, found = (from+to)/2, true
			return
		}
		left -= count
	})
	if !found {
		return out
	}
	return math.Max(float64(s.Min), math.Min(float64(s.Max), out))
}

// Share is the part of the numbers that lie from low to high, both included, by
// the middles of their bins.
func (s *Sketch) Share(low, high float64) float64 {
	in := uint64(0)
	s.Each(func(from, to float64, count uint64) {
		if mid := (from + to) / 2; mid >= low && mid <= high {
			in += count
		}
	})
	if s.N == 0 {
		return 0
	}
	return float64(in) / float64(s.N)
}

// AboveZero is the part of the numbers that are, exactly but for those that
// count as zero.
func (s *Sketch) AboveZero() float64 {
	n := uint64(0)
	for _, page := range s.pages[0] {
		if page != nil {
			for _, count := range page {
				n += count
			}
		}
	}
	return float64(n) / float64(max(s.N, 1))
}

// Histogram counts the numbers in n bins of equal width between the least and
// the greatest; a bin of the sketch that lies across is shared out.
func (s *Sketch) Histogram(n int) (edges, counts []float64) {
	low, high := float64(s.Min), float64(s.Max)
	if !(high >= low) {
		return nil, nil
	}
	if high == low {
		low, high = low-0.5, high+0.5
	}
	width := (high - low) / float64(n)
	counts = make([]float64, n)
	for i := range n + 1 {
		edges = append(edges, low+float64(i)*width)
	}
	at := func(x float64) int { return max(0, min(n-1, int((x-low)/width))) }
	s.Each(func(from, to float64, count uint64) {
		from, to = math.Max(from, low), math.Min(to, high)
		first, last := at(from), at(to)
		if first == last || to <= from {
			counts[first] += float64(count)
			return
		}
		for i := first; i <= last; i++ {
			part := math.Min(to, edges[i+1]) - math.Max(from, edges[i])
			counts[i] += float64(count) * math.Max(part, 0) / (to - from)
		}
	})
	return edges, counts
}
