package textlog

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"strings"
)

// A Reader reads the rows of one file.
type Reader struct {
	lines  lines
	kind   kind
	state  State
	names  []string
	ids    map[string]int
	shared bool // the state's map of texts, with who asked for the state
	full   bool // this row would have given more names than are kept
	row    Row
	joined []byte // a name made of several
}

// A kind is how lines are understood: as those of a table, or as objects.
type kind interface {
	// begin is called before the first line, at the beginning of the file and
	// further down. It returns io.EOF where the file does not say enough yet.
	begin(*Reader) error
	// parse makes r.row of the next line. It returns errNoRow for one that holds
	// none and is no mistake.
	parse(*Reader) error
}

var errNoRow = errors.New("no row")

// A State is where a reader stands. It can be kept as JSON.
type State struct {
	Offset int64 // of the next line, in bytes
	Lines  int64 // before it
	Cut    bool  // the last had no end
	Early  bool  `json:",omitempty"` // and it is not certain that it was whole
	// Started is when the training began, in microseconds since 1970: what the
	// file says of time elapsed counts from there. 0 leaves such times out.
	Started int64
	Counter counter
	StepBy  string // the name that objects have the step under
	Dialect dialect
	// Said has hashes of the last texts of names, which are not said again.
	Said map[string]uint64 `json:",omitempty"`
}

// maxSaid bounds the names whose last text is known.
const maxSaid = 4096

// NewTable reads a table of delimited cells from where a state says; the zero
// State is the beginning.
func NewTable(src io.ReaderAt, s State) *Reader { return newReader(src, s, &table{}) }

// NewObjects reads JSON objects, one a line.
func NewObjects(src io.ReaderAt, s State) *Reader { return newReader(src, s, &objects{}) }

func newReader(src io.ReaderAt, s State, k kind) *Reader {
	return &Reader{
		lines: lines{src: src, offset: s.Offset, number: s.Lines, cut: s.Cut, guessed: s.Early}, kind: k, state: s,
		ids: map[string]int{}, shared: true,
	}
}

// State is where the reader stands, behind the last row.
func (r *Reader) State() State {
	r.shared = true
	s := r.state
	s.Offset, s.Lines, s.Cut, s.Early = r.lines.offset, r.lines.number, r.lines.cut, r.lines.guessed
	return s
}

// SetEnded says that nobody writes to the file any more, so that a last line
// without an end is taken for a whole one. Where it goes on nevertheless, Next
// returns ErrWentOn.
func (r *Reader) SetEnded() { r.lines.ended = true }

// Names are those of all numbers and texts so far.
func (r *Reader) Names() []string { return r.names }

// Next returns the next row, which is valid until the call after. It returns
// io.EOF where there is none yet, and a LineError for a line that is wrong; in
// both cases it can be called again.
func (r *Reader) Next() (*Row, error) {
	if err := r.kind.begin(r); err != nil {
		return nil, err
	}
	for {
		r.row = Row{Numbers: r.row.Numbers[:0], Texts: r.row.Texts[:0]}
		r.full = false
		err := r.kind.parse(r)
		switch {
		case r.full:
			return nil, r.wrong(errNames)
		case err == nil:
			r.row.Line = r.lines.number
			return &r.row, nil
		case errors.Is(err, errLong):
			return nil, r.wrong(err)
		case !errors.Is(err, errNoRow):
			return nil, err
		}
	}
}

// wrong is an error in the last line.
func (r *Reader) wrong(err error) error { return &LineError{r.lines.number, err} }

// maxNames bounds the names of a file.
const maxNames = 1 << 18

var errNames = fmt.Errorf("has more names than the %d that are kept of a file", maxNames)

// id is the index of a name, of two parts if the first is not empty; -1 if it is
// one too many.
func (r *Reader) id(split, name string) int {
	if split != "" {
		r.joined = append(append(append(r.joined[:0], split...), '/'), name...)
		if id, ok := r.ids[string(r.joined)]; ok {
			return id
		}
		name = string(r.joined)
	} else if id, ok := r.ids[name]; ok {
		return id
	}
	if len(r.names) == maxNames {
		r.full = true
		return -1
	}
	name = strings.Clone(name)
	r.names = append(r.names, name)
	r.ids[name] = len(r.names) - 1
	return len(r.names) - 1
}

func (r *Reader) addNumber(split, name string, v float64) {
	r.row.Numbers = append(r.row.Numbers, Number{r.id(split, name), v})
}

// addText adds a text, if it is another than the last of its name.
func (r *Reader) addText(split, name string, text []byte) {
	id := r.id(split, name)
	if id < 0 || r.isSaid(r.names[id], text) {
		return
	}
	r.row.Texts = append(r.row.Texts, Text{id, string(text)})
}

// isSaid reports whether a text is the last of its name, and notes it.
func (r *Reader) isSaid(name string, text []byte) bool {
	h := fnv.New64a()
	_, _ = h.Write(text) // never fails
	hash := h.Sum64()
	last, known := r.state.Said[name]
	if known && last == hash {
		return true
	}
	if !known && len(r.state.Said) == maxSaid {
		return false
	}
	if r.shared {
		r.shared, r.state.Said = false, maps.Clone(r.state.Said)
	}
	if r.state.Said == nil {
		r.state.Said = map[string]uint64{}
	}
	r.state.Said[name] = hash
	return false
}

// setTime sets the row's time by a cell of a clock, and reports whether it is
// one.
func (r *Reader) setTime(cell []byte, n float64, isNumber bool) bool {
	at, ok := clock(cell, n, isNumber)
	if ok {
		r.row.Time = at
	}
	return ok
}

// setSince sets the row's time by the seconds since the start.
func (r *Reader) setSince(seconds float64) {
	if r.row.Time == 0 && r.state.Started != 0 && seconds >= 0 && seconds < 1e9 {
		r.row.Time = r.state.Started + int64(seconds*1e6)
	}
}
