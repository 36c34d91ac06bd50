package wandb

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Screen is what a terminal shows in the end of what was printed: of a bar of
// progress, which draws itself again over the same line, the last state, and no
// colours.
func Screen(printed string) string {
	if !strings.ContainsAny(printed, "\r\b\x1b") {
		return printed
	}
	s := screen{lines: [][]rune{nil}}
	for len(printed) > 0 {
		if n := escapeLen(printed); n > 0 {
			s.control(printed[:n])
			printed = printed[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(printed)
		s.put(r)
		printed = printed[n:]
	}
	var out bytes.Buffer
	for i, line := range s.lines {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(strings.TrimRight(string(line), " "))
	}
	return out.String()
}

// A screen is the lines so far and the cursor.
type screen struct {
	lines       [][]rune
	row, column int
}

func (s *screen) put(r rune) {
	line := &s.lines[s.row]
	switch {
	case r == '\n':
		s.column = 0
		if s.row++; s.row == len(s.lines) {
			s.lines = append(s.lines, nil)
		}
	case r == '\r':
		s.column = 0
	case r == '\b':
		s.column = max(0, s.column-1)
	case s.column < len(*line):
		(*line)[s.column] = r
		s.column++
	default:
		*line = append(*line, r)
		s.column++
	}
}

// escapeLen is the length of a control sequence (ECMA-48, 5.4) that a text begins
// with, 0 if it does not; one without an end is all of it.
func escapeLen(text string) int {
	if text[0] != '\x1b' {
		return 0
	}
	if len(text) < 2 || text[1] != '[' {
		return 1
	}
	if n := strings.IndexFunc(text[2:], func(r rune) bool { return r >= '@' && r <= '~' }); n >= 0 {
		return 2 + n + 1
	}
	return len(text)
}

// control obeys the sequences that bars of progress use; others, of colours
// mostly, are passed over.
func (s *screen) control(sequence string) {
	if len(sequence) < 3 {
		return
	}
	line := &s.lines[s.row]
	switch count := sequence[2 : len(sequence)-1]; sequence[len(sequence)-1] {
	case 'A': // up
		n := 0
		for _, digit := range count {
			n = min(10*n+int(digit-'0'), len(s.lines))
		}
		s.row = max(0, s.row-max(1, n))
		s.column = min(s.column, len(s.lines[s.row]))
	case 'K': // erases behind the cursor, before it, or the line
		switch count {
		case "", "0":
			*line = (*line)[:min(s.column, len(*line))]
		case "2":
			*line, s.column = nil, 0
		}
	}
}
