package series

import "math"

// A Point is one value of a metric.
type Point struct {
	Step  float64 // of the training; need not be whole, nor grow
	Time  int64   // microseconds since 1970
	Value float64 // may be NaN or infinite
}

// An Axis is what points are laid out along.
type Axis int

// The axes.
const (
	ByStep Axis = iota
	ByTime      // in microseconds since 1970
)

// at is where a point lies.
func (a Axis) at(p Point) float64 {
	if a == ByTime {
		return float64(p.Time)
	}
	return p.Step
}

// A Summary is what many points have in common.
type Summary struct {
	Count     int64 // of all points
	NonFinite int64 // of those that are NaN or infinite
	// Min, Max and Sum are of the finite values; without one, Min is +Inf and
	// Max is -Inf.
	Min, Max, Sum float64
	// First and Last are the values in the order in which they came, finite or
	// not.
	First, Last float64
	// The extents along both axes.
	MinStep, MaxStep float64
	MinTime, MaxTime int64
}

// Mean is that of the finite values, NaN without one.
func (s Summary) Mean() float64 { return s.Sum / float64(s.Count-s.NonFinite) }

// extent is where the points lie along an axis.
func (s Summary) extent(a Axis) (low, high float64) {
	if a == ByTime {
		return float64(s.MinTime), float64(s.MaxTime)
	}
	return s.MinStep, s.MaxStep
}

// Summarize summarizes points in the order in which they came; without one its
// Count is 0.
func Summarize(points []Point) Summary {
	var s Summary
	s.include(points)
	return s
}

// include adds points that came after.
func (s *Summary) include(points []Point) {
	if len(points) == 0 {
		return
	}
	if s.Count == 0 {
		*s = of(points[0])
		points = points[1:]
	}
	for i := range points {
		s.includeOne(&points[i])
	}
}

// includeOne adds a point that came after others.
func (s *Summary) includeOne(p *Point) {
	if p.Value-p.Value == 0 { // finite
		s.Min, s.Max = min(s.Min, p.Value), max(s.Max, p.Value)
		s.Sum += p.Value
	} else {
		s.NonFinite++
	}
	s.MinStep, s.MaxStep = min(s.MinStep, p.Step), max(s.MaxStep, p.Step)
	s.MinTime, s.MaxTime = min(s.MinTime, p.Time), max(s.MaxTime, p.Time)
	s.Count++
	s.Last = p.Value
}

// includeFirst is includeOne where there may have been none.
func (s *Summary) includeFirst(p *Point) {
	if s.Count == 0 {
		*s = of(*p)
		return
	}
	s.includeOne(p)
}

func of(p Point) Summary {
	s := Summary{
		Count: 1, Min: math.Inf(1), Max: math.Inf(-1), First: p.Value, Last: p.Value,
		MinStep: p.Step, MaxStep: p.Step, MinTime: p.Time, MaxTime: p.Time,
	}
	if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
		s.NonFinite = 1
	} else {
		s.Min, s.Max, s.Sum = p.Value, p.Value, p.Value
	}
	return s
}

// merge adds what came after.
func (s *Summary) merge(next Summary) {
	switch {
	case next.Count == 0:
		return
	case s.Count == 0:
		*s = next
		return
	}
	s.Count += next.Count
	s.NonFinite += next.NonFinite
	s.Min, s.Max = min(s.Min, next.Min), max(s.Max, next.Max)
	s.Sum += next.Sum
	s.Last = next.Last
	s.MinStep, s.MaxStep = min(s.MinStep, next.MinStep), max(s.MaxStep, next.MaxStep)
	s.MinTime, s.MaxTime = min(s.MinTime, next.MinTime), max(s.MaxTime, next.MaxTime)
}
