package textlog

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"time"
	"unsafe"
)

// absent are cells that stand for no value.
var absent = map[string]bool{"": true, "null": true, "none": true, "na": true, "n/a": true, "<na>": true, "nil": true, "-": true, "--": true, "#na#": true}

// isAbsent reports whether a cell holds no value.
func isAbsent(cell []byte) bool {
	return len(cell) == 0 || len(cell) <= 4 && absent[string(bytes.ToLower(cell))]
}

// number reads a cell; the second result is false where it is none. Besides
// numbers it takes true and false, durations, and what print makes of a tensor
// of one element. comma says that it separates decimals.
func number(cell []byte, comma bool) (float64, bool) {
	if len(cell) == 0 {
		return 0, false
	}
	switch c := cell[0]; {
	case c-'0' < 10 || c == '-' || c == '+' || c == '.':
		if comma && bytes.IndexByte(cell, ',') >= 0 {
			cell = bytes.Replace(cell, []byte(","), []byte("."), 1)
		}
	case c == ',' && comma:
		cell = bytes.Replace(cell, []byte(","), []byte("."), 1)
	case c|0x20 == 'n' || c|0x20 == 'i': // nan, inf
	default:
		return special(cell)
	}
	v, err := strconv.ParseFloat(unsafe.String(&cell[0], len(cell)), 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return v, true
	}
	return special(cell)
}

func special(cell []byte) (float64, bool) {
	switch string(bytes.ToLower(cell)) {
	case "true":
		return 1, true
	case "false":
		return 0, true
	case "-nan", "+nan", "nan(ind)", "-nan(ind)": // of C libraries
		return math.NaN(), true
	}
	if v, ok := duration(cell); ok {
		return v, true
	}
	for _, open := range []string{"tensor(", "["} {
		if inner, ok := bytes.CutPrefix(cell, []byte(open)); ok {
			inner, _, _ = bytes.Cut(inner, []byte(","))
			v, err := strconv.ParseFloat(string(bytes.TrimRight(inner, ")] ")), 64)
			alone := open != "[" || bytes.IndexByte(cell, ',') < 0
			return v, err == nil && alone
		}
	}
	return 0, false
}

// duration reads hours, minutes and seconds, as fastai writes the time of an
// epoch, in seconds.
func duration(cell []byte) (float64, bool) {
	parts := bytes.Split(cell, []byte(":"))
	if len(parts) < 2 || len(parts) > 3 || len(cell) > 20 {
		return 0, false
	}
	total := 0.0
	for i, part := range parts {
		v, err := strconv.ParseFloat(string(part), 64)
		if err != nil || len(part) == 0 || part[0]-'0' > 9 || i > 0 && v >= 60 || i < len(parts)-1 && v != math.Trunc(v) {
			return 0, false
		}
		total = 60*total + v
	}
	return total, true
}

// layouts are the spellings of times, besides numbers.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05,999"}

// clock reads a time of day, in microseconds since 1970: a date, or seconds,
// milliseconds, microseconds or nanoseconds since 1970 as the size tells. Years
// before 2001 are none: such a number is something else.
func clock(cell []byte, n float64, isNumber bool) (int64, bool) {
	if !isNumber {
		if len(cell) < len("2006-01-02 15:04:05") || cell[0]-'0' > 9 {
			return 0, false
		}
		for _, layout := range layouts {
			if t, err := time.Parse(layout, string(cell)); err == nil {
				return t.UnixMicro(), true
			}
		}
		return 0, false
	}
	switch {
	case n >= 1e9 && n < 1e11:
		return int64(math.Round(n * 1e6)), true
	case n >= 1e12 && n < 1e14:
		return int64(math.Round(n * 1e3)), true
	case n >= 1e15 && n < 1e17:
		return int64(n), true
	case n >= 1e18 && n < 9e18:
		return int64(n) / 1000, true
	}
	return 0, false
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
