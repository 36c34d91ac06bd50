package textlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/tomo-viz/tomo/track/pyjson"
)

// A table is the lines of a file of delimited cells.
type table struct {
	separator byte
	comma     bool   // that separates decimals
	header    []byte // the line with the names
	columns   []tableColumn
	step      int // the column of the step; -1 without one
	epoch     int // that of the epoch, if it is another
	split     int
	long      int    // that of the metrics' names
	preamble  []byte // a JSON object in a comment before the names
	cells     [][]byte
	joined    []byte // lines of one row
	single    bool   // no row has several lines any more
}

// A tableColumn is one of a table.
type tableColumn struct {
	column
	id int // of its name in the reader; -1 before it has a number
}

func (t *table) begin(r *Reader) error {
	if t.columns != nil {
		return nil
	}
	d := &r.state.Dialect
	if d.Separator == 0 {
		first, err := samples(&r.lines)
		if err != nil {
			return err
		}
		*d = dialectOf(first)
		t.readPreamble(r, first)
	}
	// The names are read as they stand in the file, now and whenever reading
	// goes on.
	own := lines{src: r.lines.src, offset: d.Header, ended: true}
	header, err := own.next()
	if err != nil {
		return err
	}
	t.separator, t.comma = d.Separator, d.Comma || d.Separator == ';' // as states of before have it
	t.setHeader(header, d.Unnamed)
	for i, c := range t.columns {
		if d.Monitor && c.name == "t" {
			t.columns[i].role = roleSince
		}
	}
	return nil
}

// readPreamble finds what baselines' Monitor writes before the names.
func (t *table) readPreamble(r *Reader, first []sample) {
	for _, s := range first {
		if s.comment && bytes.HasPrefix(s.text, []byte("{")) {
			t.preamble = s.text
		}
	}
	_ = pyjson.Fields(t.preamble, func(name string, v pyjson.Leaf) error { // it may be anything
		if name == "t_start" && v.Number >= 1e9 && v.Number < 1e11 {
			r.state.Dialect.Monitor, r.state.Started = true, int64(v.Number*1e6)
		}
		return nil
	})
}

// setHeader sets the columns by their names.
func (t *table) setHeader(header []byte, unnamed bool) {
	header = bytes.TrimPrefix(header, []byte(byteOrderMark))
	t.header = nil
	if !unnamed {
		t.header = bytes.Clone(header)
	}
	t.columns = []tableColumn{}
	seen := map[string]int{}
	for i, cell := range split(nil, uncomment(asText(header)), t.separator) {
		name := string(cell)
		if unnamed || name == "" && i > 0 {
			name = fmt.Sprintf("column %d", i+1)
		}
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		t.columns = append(t.columns, tableColumn{*columnOf(name), -1})
	}
	t.setRoles()
}

// setRoles finds the columns that say what the others are.
func (t *table) setRoles() {
	t.step, t.epoch, t.split, t.long = -1, -1, -1, -1
	best, value := math.MaxInt, -1
	for i, c := range t.columns {
		if c.rank >= 0 && c.rank < best {
			best, t.step = c.rank, i
		}
		switch {
		case c.role == roleEpoch:
			t.epoch = i
		case c.role == roleSplit:
			t.split = i
		case c.role == roleName:
			t.long = i
		case plain(c.name) == "value" || plain(c.name) == "metricvalue":
			value = i
		}
	}
	if value < 0 {
		t.long = -1
	}
	if t.long >= 0 {
		t.columns[value].role = roleLong
	}
}

func (t *table) parse(r *Reader) error {
	line, err := r.lines.next()
	if err != nil {
		return err
	}
	if r.lines.number == 1 {
		line = bytes.TrimPrefix(line, []byte(byteOrderMark))
	}
	if len(bytes.TrimSpace(line)) == 0 || isComment(line) {
		return errNoRow
	}
	text := asText(line)
	t.cells = split(t.cells[:0], text, t.separator)
	if t.cells == nil {
		if err := t.join(r, text); err != nil {
			return err
		}
	}
	for len(t.cells) > len(t.columns) && len(t.cells[len(t.cells)-1]) == 0 {
		t.cells = t.cells[:len(t.cells)-1] // behind a separator at the end
	}
	if t.isHeader(r, line) {
		return errNoRow
	}
	if len(t.cells) != len(t.columns) {
		return r.wrong(fmt.Errorf("has %d cells, and the table %d columns", len(t.cells), len(t.columns)))
	}
	return t.row(r)
}

// isHeader reports whether a line has names once more, as a script writes them
// that is started again, and takes them if they are others.
func (t *table) isHeader(r *Reader, line []byte) bool {
	if bytes.Equal(line, t.header) {
		return true
	}
	steps := false
	for _, cell := range t.cells {
		if len(cell) == 0 || cell[0]-'0' < 10 || cell[0] == '-' || cell[0] == '.' {
			return false
		}
		if _, ok := number(cell, false); ok {
			return false
		}
		_, ok := stepRank[plain(string(cell))]
		steps = steps || ok
	}
	if steps {
		r.state.Dialect = dialect{Separator: t.separator, Comma: t.comma, Header: r.lines.offset - int64(r.lines.length)}
		t.setHeader(line, false)
	}
	return steps
}

// maxJoined bounds a row of several lines, in bytes.
const maxJoined = 64 << 10

// join reads on to the end of a quoted cell that has ends of lines in it.
func (t *table) join(r *Reader, line []byte) error {
	if t.single {
		return r.wrong(errQuote)
	}
	begin := r.lines
	t.joined = append(t.joined[:0], line...)
	for len(t.joined) < maxJoined {
		line, err := r.lines.next()
		if errors.Is(err, io.EOF) && !r.lines.ended {
			// The row is read anew when there is more.
			r.lines = lines{src: begin.src, offset: begin.offset - int64(begin.length), number: begin.number - 1}
			return err
		}
		if err != nil {
			break
		}
		t.joined = append(append(t.joined, '\n'), asText(line)...)
		if t.cells = split(t.cells[:0], t.joined, t.separator); t.cells != nil {
			return nil
		}
	}
	// It was no quote that has an end. From here on, none is looked for behind
	// its line: each search costs as much as many lines.
	t.single = true
	r.lines = lines{src: begin.src, offset: begin.offset, number: begin.number, ended: begin.ended}
	return r.wrong(errQuote)
}

var errQuote = errors.New("has a quote that does not end")

func (t *table) row(r *Reader) error {
	split, long := "", ""
	if t.split >= 0 && splits[string(t.cells[t.split])] {
		split = string(t.cells[t.split])
	}
	if t.long >= 0 {
		long = string(t.cells[t.long])
	}
	r.row.Step = r.state.Counter.at(t.count(t.step), t.count(t.epoch), split, t.step >= 0)
	for i := range t.columns {
		if i == t.step || i == t.split && split != "" || i == t.long || t.columns[i].role == roleIndex {
			continue
		}
		t.add(r, &t.columns[i], t.cells[i], split, long)
	}
	return nil
}

// asText is a line in UTF-8. What is none is taken for Latin-1, which tables of
// Windows are mostly in: numbers are the same in both.
func asText(line []byte) []byte {
	if utf8.Valid(line) {
		return line
	}
	out := make([]byte, 0, 2*len(line))
	for _, b := range line {
		out = utf8.AppendRune(out, rune(b))
	}
	return out
}

// count reads the cell of a step or an epoch, NaN where there is none.
func (t *table) count(column int) float64 {
	if column < 0 {
		return 0
	}
	n, ok := counted(t.cells[column], t.comma)
	if !ok || !isFinite(n) {
		return math.NaN()
	}
	return n
}

// add adds what a cell says to the row.
func (t *table) add(r *Reader, c *tableColumn, cell []byte, split, long string) {
	n, isNumber := measured(cell, t.comma)
	name := c.name
	switch {
	case c.role == roleClock && r.setTime(cell, n, isNumber):
		return
	case c.role == roleSince && isNumber:
		r.setSince(n)
	case c.role == roleLong && long != "":
		name = long
	}
	switch {
	case isNumber && split == "" && name == c.name:
		if c.id < 0 {
			c.id = r.id("", name)
		}
		r.row.Numbers = append(r.row.Numbers, Number{c.id, n})
	case isNumber:
		r.addNumber(split, name, n)
	case !isAbsent(cell):
		r.addText(split, name, cell)
	}
}

// Preamble is a JSON object that stands in a comment before a table's names, nil
// without one, and once reading goes on from a State.
func (r *Reader) Preamble() []byte {
	if t, ok := r.kind.(*table); ok {
		return t.preamble
	}
	return nil
}
