package activations

import "math"

// A sketch counts numbers in bins of equal relative width, so that quantiles
// and histograms of any amount of them take little memory, and no range need be
// known before: DDSketch (Masson, Rim and Lee, VLDB 2019, arXiv 1908.10693,
// section 2) with the bits of the float as the logarithm, cut into powers of two
// of 64 bins each. A bin's middle is off by 1/128 of the number at most; what is
// smaller in size than 2^-40 counts as zero.
type sketch struct {
	n, zero  uint64
	pages    [2][octaves]*[binsPerOctave]uint64 // above zero, and below
	notReal  uint64                             // NaN and infinities
	min, max float32
}

const (
	octaves       = 104 // 2^-40 to 2^64; what is larger is counted with the last
	firstExponent = 127 - 40
	binsPerOctave = 64
	mantissaShift = 23 - 6
)

func newSketch() *sketch { return &sketch{min: float32(math.Inf(1)), max: float32(math.Inf(-1))} }

func (s *sketch) add(values []float32) {
	for _, v := range values {
		if v-v != 0 {
			s.notReal++
			continue
		}
		s.n++
		s.min, s.max = min(s.min, v), max(s.max, v)
		bits := math.Float32bits(v)
		exponent := int(bits>>23&0xff) - firstExponent
		if exponent < 0 {
			s.zero++
			continue
		}
		exponent = min(exponent, octaves-1)
		page := &s.pages[bits>>31][exponent]
		if *page == nil {
			*page = new([binsPerOctave]uint64)
		}
		(*page)[bits>>mantissaShift&(binsPerOctave-1)]++
	}
}

// merge adds what another sketch has counted.
func (s *sketch) merge(o *sketch) {
	s.n, s.zero, s.notReal = s.n+o.n, s.zero+o.zero, s.notReal+o.notReal
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	for sign := range o.pages {
		for i, page := range o.pages[sign] {
			if page == nil {
				continue
			}
			if s.pages[sign][i] == nil {
				s.pages[sign][i] = new([binsPerOctave]uint64)
			}
			for k, n := range page {
				s.pages[sign][i][k] += n
			}
		}
	}
}

// each calls take with the bins that hold anything, from the least number up:
// the ends of the bin, and how many numbers lie in it.
func (s *sketch) each(take func(from, to float64, count uint64)) {
	for octave := octaves - 1; octave >= 0; octave-- {
		if page := s.pages[1][octave]; page != nil {
			for i := binsPerOctave - 1; i >= 0; i-- {
				if n := page[i]; n > 0 {
					from, to := bin(octave, i)
					take(-to, -from, n)
				}
			}
		}
	}
	if s.zero > 0 {
		take(0, 0, s.zero)
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

// median is the lower one, within 1/128 of its size; NaN of no numbers.
func (s *sketch) median() float64 {
	left := (s.n + 1) / 2
	out, found := math.NaN(), false
	s.each(func(from, to float64, count uint64) {
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
	return math.Max(float64(s.min), math.Min(float64(s.max), out))
}

// share is the part of the numbers that lie from low to high, both included, by
// the middles of their bins.
func (s *sketch) share(low, high float64) float64 {
	in := uint64(0)
	s.each(func(from, to float64, count uint64) {
		if mid := (from + to) / 2; mid >= low && mid <= high {
			in += count
		}
	})
	if s.n == 0 {
		return 0
	}
	return float64(in) / float64(s.n)
}

// aboveZero is the part of the numbers that are, exactly but for those that
// count as zero.
func (s *sketch) aboveZero() float64 {
	n := uint64(0)
	for _, page := range s.pages[0] {
		if page != nil {
			for _, count := range page {
				n += count
			}
		}
	}
	return float64(n) / float64(max(s.n, 1))
}

// histogram counts the numbers in n bins of equal width between the least and
// the greatest; a bin of the sketch that lies across is shared out.
func (s *sketch) histogram(n int) (edges, counts []float64) {
	low, high := float64(s.min), float64(s.max)
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
	s.each(func(from, to float64, count uint64) {
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
