package textlog

import (
	"bytes"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// absent are cells that stand for no value.
var absent = map[string]bool{"": true, "null": true, "none": true, "na": true, "n/a": true, "<na>": true, "nil": true, "-": true, "--": true, "#na#": true}

// counted reads a cell that counts, which may say of how many: 3/10.
func counted(cell []byte, comma bool) (float64, bool) {
	if of, total, ok := bytes.Cut(cell, []byte("/")); ok {
		if _, ok := number(bytes.TrimSpace(total), comma); ok {
			cell = bytes.TrimSpace(of)
		}
	}
	return number(cell, comma)
}

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
	whole := cell
	switch c := cell[0]; {
	case c-'0' < 10 || c == '-' || c == '+' || c == '.':
		if comma && bytes.IndexByte(cell, ',') >= 0 {
			cell = bytes.Replace(cell, []byte(","), []byte("."), 1)
		}
	case c == ',' && comma:
		cell = bytes.Replace(cell, []byte(","), []byte("."), 1)
	case c|0x20 == 'n' || c|0x20 == 'i': // nan, inf
	default:
		return special(cell, comma)
	}
	v, err := strconv.ParseFloat(unsafe.String(&cell[0], len(cell)), 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return v, true
	}
	return special(whole, comma)
}

func special(cell []byte, comma bool) (float64, bool) {
	switch string(bytes.ToLower(cell)) {
	case "true":
		return 1, true
	case "false":
		return 0, true
	case "-nan", "+nan", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind": // of C libraries
		return math.NaN(), true
	case "1.#inf":
		return math.Inf(1), true
	case "-1.#inf":
		return math.Inf(-1), true
	}
	if v, ok := duration(cell); ok {
		return v, true
	}
	if v, ok := grouped(cell, comma); ok {
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

// grouped reads a number with marks between thousands, a point where a comma
// separates decimals and a comma otherwise.
func grouped(cell []byte, comma bool) (float64, bool) {
	mark, point := ",", "."
	if comma {
		mark, point = point, mark
	}
	whole, decimals, _ := strings.Cut(string(cell), point)
	groups := strings.Split(strings.TrimLeft(whole, "+-"), mark)
	for i, g := range groups {
		if len(g) != 3 && (i > 0 || len(g) == 0 || len(g) > 3) || strings.Trim(g, "0123456789") != "" || g[0] == '0' && i == 0 {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(whole, mark, "")+"."+decimals, 64)
	return v, err == nil && strings.Trim(decimals, "0123456789") == ""
}

// units are what may stand behind a measurement, and what one of it is: so that
// those of a column can be compared, times are seconds and sizes bytes. A percent
// stays one.
var units = map[string]float64{
	"%": 1, "it/s": 1, "/s": 1,
	"s": 1, "sec": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60, "h": 3600,
	"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9,
}

// measured reads a cell that is a number, or one with a unit.
func measured(cell []byte, comma bool) (float64, bool) {
	v, ok := number(cell, comma)
	if ok || len(cell) == 0 || cell[0]-'0' > 9 && cell[0] != '-' && cell[0] != '+' && cell[0] != '.' {
		return v, ok
	}
	end := bytes.LastIndexAny(cell, "0123456789") + 1
	unit, known := units[string(bytes.TrimLeft(cell[end:], " "))]
	if !known {
		return 0, false
	}
	v, ok = number(cell[:end], comma)
	return v * unit, ok
}

// plainly reads a text of JSON that is a number. Where numbers can be written as
// such, a text with commas (640,480) or a bare multiple (10k) is rather a name.
func plainly(text []byte) (float64, bool) {
	v, ok := measured(text, false)
	if !ok || text[0] != 't' && bytes.IndexByte(text, ',') >= 0 || bytes.IndexByte([]byte("kKMG"), text[len(text)-1]) >= 0 {
		return 0, false
	}
	return v, true
}

// layouts are the spellings of times, besides numbers: none of those that put a
// month before or behind its day by a slash, which cannot be told apart.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05,999",
	time.DateOnly, "2006/01/02 15:04:05", "2006/01/02", "02.01.2006 15:04:05", "02.01.2006",
}

// clock reads a time of day, in microseconds since 1970: a date, or seconds,
// milliseconds, microseconds or nanoseconds since 1970 as the size tells. Years
// before 2001 are none: such a number is something else.
func clock(cell []byte, n float64, isNumber bool) (int64, bool) {
	if !isNumber {
		if len(cell) < len(time.DateOnly) || cell[0]-'0' > 9 {
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
