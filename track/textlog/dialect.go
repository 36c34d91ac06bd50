package textlog

import (
	"bytes"
	"errors"
)

// A dialect is how a table is written.
type dialect struct {
	Separator byte  // 0 before it is known; a space stands for any number of them
	Header    int64 // where the line begins that has the columns' names
	Unnamed   bool  // that line has values already
	Monitor   bool  // baselines' Monitor wrote it, whose t are seconds since the start
	Comma     bool  `json:",omitempty"` // a comma separates decimals, as it does where a semicolon separates cells
}

// separators are what cells may be separated by, the first preferred.
var separators = []byte{',', '\t', ';', '|', ' '}

// sampled is how many lines a dialect is told from, and sampleBytes how many
// bytes of them at most but for the first two.
const (
	sampled     = 20
	sampleBytes = 1 << 20
)

// A sample is a line at the beginning of a file.
type sample struct {
	at      int64
	text    []byte // without the mark of a comment
	comment bool
}

// samples returns the first lines, io.EOF where there is not one yet that is no
// comment, and one more.
func samples(l *lines) ([]sample, error) {
	own := lines{src: l.src, ended: l.ended}
	var out []sample
	rows, size := 0, 0
	for rows < sampled && (rows < 2 || size < sampleBytes) {
		at := own.offset
		text, err := own.next()
		if errors.Is(err, errLong) {
			continue
		}
		if err != nil && rows >= 2 {
			break // the rows are read up to there, and then it is met again
		}
		if err != nil {
			return nil, err
		}
		if at == 0 {
			text = bytes.TrimPrefix(text, []byte(byteOrderMark))
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		size += len(text)
		s := sample{at: at, comment: isComment(text)}
		s.text = bytes.Clone(uncomment(text))
		if !s.comment {
			rows++
		} else if own.number > 10_000 {
			return nil, errors.New("it has nothing but comments")
		}
		out = append(out, s)
	}
	return out, nil
}

func isComment(line []byte) bool { return line[0] == '#' }

func uncomment(line []byte) []byte {
	return bytes.TrimSpace(bytes.TrimLeft(line, "#"))
}

// dialectOf tells how a table is written by its first lines.
func dialectOf(lines []sample) dialect {
	var d dialect
	var comment *sample
	var rows []sample
	for i, s := range lines {
		switch {
		case !s.comment:
			rows = append(rows, s)
		case len(rows) == 0:
			comment = &lines[i]
		}
	}
	d.Separator = separatorOf(rows)
	d.Comma = d.Separator == ';' || d.Separator != ',' && commas(rows, d.Separator)
	first := split(nil, rows[0].text, d.Separator)
	d.Header = rows[0].at
	if !allNumbers(first, d.Comma) {
		return d
	}
	// NumPy's savetxt makes a comment of the names.
	if comment != nil && len(split(nil, comment.text, d.Separator)) == len(first) {
		d.Header = comment.at
		return d
	}
	d.Unnamed = true
	return d
}

// separatorOf is what cuts the most lines into as many cells as the first, and
// of those, what cuts it into the most.
func separatorOf(rows []sample) byte {
	best, bestLines, bestCells := separators[0], 0, 1
	for _, sep := range separators {
		if sep == ' ' && bestCells > 1 {
			break // spaces stand in names, too
		}
		cells, same := len(split(nil, rows[0].text, sep)), 0
		for _, row := range rows {
			if n := len(split(nil, row.text, sep)); n == cells {
				same++
			}
		}
		if cells > 1 && (same > bestLines || same == bestLines && cells > bestCells) {
			best, bestLines, bestCells = sep, same, cells
		}
	}
	return best
}

// commas reports whether decimals are separated by commas, and none by a point.
// What may be thousands, as 1,000, speaks for neither.
func commas(rows []sample, sep byte) bool {
	found := false
	for _, row := range rows {
		for _, cell := range split(nil, row.text, sep) {
			if _, ok := number(cell, true); !ok {
				continue
			}
			if bytes.IndexByte(cell, '.') >= 0 {
				return false
			}
			_, thousands := grouped(cell, false)
			found = found || !thousands && bytes.IndexByte(cell, ',') >= 0
		}
	}
	return found
}

func allNumbers(cells [][]byte, comma bool) bool {
	if len(cells) == 0 {
		return false
	}
	for _, cell := range cells {
		if _, ok := number(cell, comma); !ok {
			return false
		}
	}
	return true
}

// maxCells bounds the cells of a line; what lies behind is one more.
const maxCells = 1 << 17

// split cuts a line into its cells, without the spaces around them, and appends
// them to out. Quoted cells are not looked into if they have no end in the line:
// nil says so.
func split(out [][]byte, line []byte, sep byte) [][]byte {
	if sep == ' ' {
		for cell := range bytes.FieldsSeq(line) {
			if len(out) > maxCells {
				break
			}
			out = append(out, cell)
		}
		return out
	}
	if bytes.IndexByte(line, '"') >= 0 {
		return splitQuoted(out, line, sep)
	}
	for {
		n := bytes.IndexByte(line, sep)
		if n < 0 || len(out) == maxCells {
			return append(out, trim(line))
		}
		out = append(out, trim(line[:n]))
		line = line[n+1:]
	}
}

// trim is bytes.TrimSpace for what mostly has none.
func trim(cell []byte) []byte {
	if n := len(cell); n > 0 && (cell[0] <= ' ' || cell[n-1] <= ' ') {
		return bytes.TrimSpace(cell)
	}
	return cell
}

// splitQuoted is split for lines with quotes (RFC 4180).
func splitQuoted(out [][]byte, line []byte, sep byte) [][]byte {
	for {
		start := bytes.TrimLeft(line, " ")
		if len(start) == 0 || start[0] != '"' {
			n := bytes.IndexByte(line, sep)
			if n < 0 || len(out) == maxCells {
				return append(out, trim(line))
			}
			out = append(out, trim(line[:n]))
			line = line[n+1:]
			continue
		}
		cell, rest, ok := quoted(start[1:])
		if !ok {
			return nil
		}
		out = append(out, trim(cell))
		rest = bytes.TrimLeft(rest, " ")
		switch {
		case len(rest) == 0 || len(out) > maxCells:
			return out
		case rest[0] != sep:
			return nil // it was not the end
		}
		line = rest[1:]
	}
}

// quoted reads a cell up to its closing quote. Two quotes stand for one.
func quoted(line []byte) (cell, rest []byte, ok bool) {
	for from := 0; ; {
		n := bytes.IndexByte(line[from:], '"')
		if n < 0 {
			return nil, nil, false
		}
		n += from
		if n+1 == len(line) || line[n+1] != '"' {
			if from > 0 {
				return bytes.ReplaceAll(line[:n], []byte(`""`), []byte(`"`)), line[n+1:], true
			}
			return line[:n], line[n+1:], true
		}
		from = n + 2
	}
}
