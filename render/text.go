package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// longest bounds what is looked at of a text that a hostile file made huge.
const longest = 4000

// clean makes text safe and printable: one line, no control characters, none
// that reorder what stands around them, and no more than a bounded length.
func clean(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > longest {
			b.WriteRune('…')
			break
		}
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == 0xfffe || r == 0xffff:
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// width returns how wide a line of text is.
func (f lettering) width(s string) float64 {
	face, w := f.face(), 0.0
	for _, r := range s {
		w += face.glyph(r).advance
	}
	return w * f.size
}

// fit cleans a line of text and cuts it off with an ellipsis where it would
// be wider than a width.
func (f lettering) fit(s string, width float64) string {
	s = clean(s)
	face := f.face()
	room := width - face.glyph('…').advance*f.size
	w, cut := 0.0, 0
	for i, r := range s {
		if w <= room {
			cut = i
		}
		if w += face.glyph(r).advance * f.size; w > width+1e-6 {
			return strings.TrimRight(s[:cut], " ") + "…"
		}
	}
	return s
}

// wrap cleans text and breaks it into at most n lines of a width, the last cut
// off with an ellipsis if there is more.
func (f lettering) wrap(s string, width float64, n int) []string {
	rest := strings.TrimSpace(clean(s))
	var lines []string
	for rest != "" {
		if len(lines) == n-1 {
			return append(lines, f.fit(rest, width))
		}
		cut := f.breakAt(rest, width)
		lines = append(lines, strings.TrimRight(rest[:cut], " "))
		rest = strings.TrimLeft(rest[cut:], " ")
	}
	return lines
}

// breakAt returns where to break s so that what is before fits a width: after
// the last space, or between letters where there is none.
func (f lettering) breakAt(s string, width float64) int {
	face, w, space := f.face(), 0.0, 0
	for i, r := range s {
		if r == ' ' {
			space = i + 1
		}
		if w += face.glyph(r).advance * f.size; w <= width || i == 0 {
			continue
		}
		if space > 0 {
			return space
		}
		return i
	}
	return len(s)
}

// wide reports whether a character takes two columns in a terminal.
func wide(r rune) bool {
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// columns returns how many columns of a terminal a line takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case wide(r):
			n += 2
		case !invisible(r):
			n++
		}
	}
	return n
}

// middle cuts text to n characters by leaving out its middle, for names whose
// ends tell them apart.
func middle(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	head := (n - 1) / 2
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}
