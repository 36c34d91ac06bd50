package render

import (
	"math"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// A scale places the values of one axis between 0 and 1.
type axisScale struct {
	low, high float64
	log       bool
	ticks     []tick
}

type tick struct {
	value float64
	text  string // "" for a line without a number
}

// newScale makes the scale of an axis for the values that are shown on it. The
// ends are those of the data, unless the axis fixes them, and widened to round
// numbers where round is set.
func newScale(axis figure.Axis, values []float64, room int, round bool) *axisScale {
	s := &axisScale{low: math.Inf(1), high: math.Inf(-1), log: axis.Log}
	for _, v := range values {
		if s.shows(v) {
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
	fixed := false
	if r := axis.Range; r != nil && s.shows(r[0]) && s.shows(r[1]) && r[0] < r[1] {
		s.low, s.high, fixed = r[0], r[1], true
	}
	switch {
	case s.low > s.high && s.log:
		s.low, s.high = 1, 10
	case s.low > s.high:
		s.low, s.high = 0, 1
	case s.low == s.high && s.log:
		s.low, s.high = s.low/2, s.high*2
	case s.low == s.high:
		pad := max(math.Abs(s.low)/2, 0.5)
		s.low, s.high = s.low-pad, s.high+pad
	}
	if s.log {
		s.decades(room, round && !fixed)
	} else {
		s.steps(room, round && !fixed)
	}
	return s
}

// shows reports whether a value has a place on the axis.
func (s *axisScale) shows(v float64) bool {
	return !math.IsNaN(v) && math.Abs(v) <= 1e300 && (!s.log || v >= 1e-300)
}

// at returns the place of a value: 0 at the low end, 1 at the high one.
func (s *axisScale) at(v float64) float64 {
	if s.log {
		return math.Log(v/s.low) / math.Log(s.high/s.low)
	}
	return (v - s.low) / (s.high - s.low)
}

// steps sets ticks at multiples of 1, 2 or 5 times a power of ten, about room
// of them.
func (s *axisScale) steps(room int, round bool) {
	rough := (s.high - s.low) / float64(max(room, 1))
	unit := math.Pow(10, math.Floor(math.Log10(rough)))
	step := 10 * unit
	for _, m := range []float64{1, 2, 5} {
		if m*unit >= rough*0.999 {
			step = m * unit
			break
		}
	}
	if step < math.Abs(s.low)*1e-13 || step < math.Abs(s.high)*1e-13 { // no such numbers between the ends
		s.ticks = []tick{{s.low, tickText(s.low)}}
		return
	}
	first, last := math.Ceil(s.low/step-1e-9), math.Floor(s.high/step+1e-9)
	if round {
		first, last = math.Floor(s.low/step+1e-9), math.Ceil(s.high/step-1e-9)
		s.low, s.high = min(s.low, first*step), max(s.high, last*step)
	}
	for i := first; i <= last; i++ {
		v := i * step
		s.ticks = append(s.ticks, tick{v, tickText(v)})
	}
}

// decades sets ticks at powers of ten, or closer where there are few of them.
func (s *axisScale) decades(room int, round bool) {
	from, to := math.Floor(math.Log10(s.low)+1e-9), math.Ceil(math.Log10(s.high)-1e-9)
	if round {
		s.low, s.high = math.Pow(10, from), math.Pow(10, to)
	}
	every := max(1, math.Ceil((to-from)/float64(max(room, 1))))
	for d := from; d <= to; d++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, d)
			if v < s.low*0.999999 || v > s.high*1.000001 || m > 1 && to-from > 3 {
				continue
			}
			text := ""
			if math.Mod(d-from, every) == 0 && (m == 1 || to-from <= 2) {
				text = tickText(v)
			}
			s.ticks = append(s.ticks, tick{v, text})
		}
	}
}

// tickText writes a round number in few characters: 0.05, 20,000, 2e6.
func tickText(v float64) string {
	if v == 0 {
		return "0" // and not −0
	}
	if a := math.Abs(v); a >= 1e6 || a < 1e-3 {
		s := strconv.FormatFloat(v, 'e', -1, 64)
		if i := strings.IndexByte(s, 'e'); i > 7 {
			s = strconv.FormatFloat(v, 'e', 4, 64)
		}
		mantissa, exponent, _ := strings.Cut(s, "e")
		n, _ := strconv.Atoi(exponent)
		return minus(mantissa + "e" + strconv.Itoa(n))
	}
	s := strconv.FormatFloat(v, 'f', 6, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if whole, frac, _ := strings.Cut(s, "."); frac == "" && len(whole) > 4 {
		n, _ := strconv.ParseInt(whole, 10, 64)
		s = figure.Thousands(n)
	}
	return minus(s)
}

// minus writes the sign as typographers do.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// axisTitle is what an axis measures, with its unit.
func axisTitle(a figure.Axis) string {
	return columnTitle(figure.Column{Name: a.Title, Unit: a.Unit})
}
