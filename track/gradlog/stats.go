package gradlog

import "math"

// Stats are what is kept of an array such as a gradient. All but NonFinite are of
// its finite numbers.
type Stats struct {
	N         int64 // finite numbers
	Zeros     int64 // of those, exactly 0
	NonFinite int64 // NaN and infinities
	Norm      float64
	Mean, Std float64 // NaN of no numbers
	Min, Max  float64 // +Inf and -Inf of no numbers
}

// Of computes the statistics of an array.
func Of(values []float32) Stats {
	s := Stats{Min: math.Inf(1), Max: math.Inf(-1)}
	sum, squares := 0.0, 0.0
	for _, v := range values {
		if v-v != 0 {
			s.NonFinite++
			continue
		}
		if v == 0 {
			s.Zeros++
		}
		x := float64(v)
		sum += x
		squares += x * x // of a float32 it neither overflows nor vanishes
		if x < s.Min {   // min and max of the language look for NaN once more
			s.Min = x
		}
		if x > s.Max {
			s.Max = x
		}
	}
	s.N = int64(len(values)) - s.NonFinite
	s.Norm = math.Sqrt(squares)
	s.Mean = sum / float64(s.N)
	s.Std = math.Sqrt(max(0, squares/float64(s.N)-s.Mean*s.Mean))
	if s.N == 0 {
		s.Std = math.NaN()
	}
	return s
}

// Join is what Of says of two arrays as one.
func Join(a, b Stats) Stats {
	switch {
	case a.N == 0:
		b.NonFinite += a.NonFinite
		return b
	case b.N == 0:
		a.NonFinite += b.NonFinite
		return a
	}
	out := Stats{
		N: a.N + b.N, Zeros: a.Zeros + b.Zeros, NonFinite: a.NonFinite + b.NonFinite,
		Norm: math.Hypot(a.Norm, b.Norm), Min: min(a.Min, b.Min), Max: max(a.Max, b.Max),
	}
	share := float64(b.N) / float64(out.N)
	d := b.Mean - a.Mean
	out.Mean = a.Mean + d*share
	out.Std = math.Sqrt(a.Std*a.Std*(1-share) + b.Std*b.Std*share + d*d*share*(1-share))
	return out
}

// Zeroed is the share of the finite numbers that are exactly 0.
func (s Stats) Zeroed() float64 {
	if s.N == 0 {
		return math.NaN()
	}
	return float64(s.Zeros) / float64(s.N)
}

// Distance is the 2-norm of a - b, which have one length.
func Distance(a, b []float32) float64 {
	sum := 0.0
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// Cosine is that of the angle between two arrays, NaN if one is zero or not
// finite. Dot products and norms of several arrays add up to those of all
// together; see Angle.
func Cosine(a, b []float32) float64 {
	var w Angle
	w.Add(a, b)
	return w.Cosine()
}

// An Angle is one between two vectors that come in pieces.
type Angle struct{ dot, a, b float64 }

// Add takes the next piece of both, of one length.
func (w *Angle) Add(a, b []float32) {
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		w.dot += x * y
		w.a += x * x
		w.b += y * y
	}
}

// Cosine is that of the angle between what came so far.
func (w *Angle) Cosine() float64 {
	c := w.dot / math.Sqrt(w.a*w.b)
	if math.IsInf(c, 0) {
		return math.NaN()
	}
	return max(-1, min(1, c))
}
