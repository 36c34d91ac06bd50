package textlog

import (
	"bytes"
	"errors"
	"io"
	"math"

	"github.com/tomo-viz/tomo/track/pyjson"
)

// objects are the lines of a file of JSON objects.
type objects struct {
	columns map[string]*column
	items   []item // of one line
}

// A column is what a name stands for.
type column struct {
	name string
	role role
	rank int // of what may be the step, the least is the best; -1 otherwise
}

func columnOf(name string) *column {
	short := plain(name)
	rank, ok := stepRank[short]
	if !ok {
		rank = -1
	}
	return &column{name, roles[short], rank}
}

// An item is what one line has of a column.
type item struct {
	*column
	text     []byte
	number   float64
	isNumber bool
}

func (o *objects) begin(r *Reader) error {
	if o.columns == nil {
		o.columns = map[string]*column{}
	}
	return nil
}

func (o *objects) parse(r *Reader) error {
	line, err := r.lines.next()
	if errors.Is(err, io.EOF) {
		return o.unended(r)
	}
	if err != nil {
		return err
	}
	return o.line(r, line)
}

// unended takes a last line that has no end if it is whole, which the end of the
// object tells.
func (o *objects) unended(r *Reader) error {
	rest := bytes.TrimSpace(r.lines.rest())
	if len(rest) == 0 || rest[len(rest)-1] != '}' || o.read(rest) != nil {
		return io.EOF
	}
	r.lines.takeRest()
	return o.line(r, rest)
}

func (o *objects) line(r *Reader, line []byte) error {
	if r.lines.number == 1 {
		line = bytes.TrimPrefix(line, []byte(byteOrderMark))
	}
	if len(bytes.TrimSpace(line)) == 0 {
		return errNoRow
	}
	if err := o.read(line); err != nil {
		return r.wrong(err)
	}
	return o.row(r)
}

// byteOrderMark is what some editors put before UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// read reads the items of a line.
func (o *objects) read(line []byte) error {
	o.items = o.items[:0]
	return pyjson.Leaves(line, func(name []byte, leaf pyjson.Leaf) error {
		i := item{column: o.columns[string(name)], text: leaf.Raw, number: leaf.Number}
		switch leaf.Kind {
		case pyjson.Number, pyjson.Bool:
			i.isNumber = true
		case pyjson.Text: // fairseq writes numbers as texts
			i.text = leaf.Text
			i.number, i.isNumber = plainly(leaf.Text)
		default: // nothing, or many at once
			return nil
		}
		if i.column == nil {
			if len(o.columns) == maxNames {
				return errNames
			}
			i.column = columnOf(string(name))
			o.columns[i.name] = i.column
		}
		o.items = append(o.items, i)
		return nil
	})
}

// row makes a row of the items. The step may stand behind the values.
func (o *objects) row(r *Reader) error {
	if len(o.items) == 0 {
		return errNoRow
	}
	step := o.step(&r.state)
	epoch, split := math.NaN(), ""
	for _, i := range o.items {
		switch {
		case i.role == roleEpoch && i.isNumber:
			epoch = i.number
		case i.role == roleSplit && splits[string(i.text)]:
			split = string(i.text)
		case i.role == roleSince && i.isNumber:
			r.setSince(i.number)
		}
	}
	r.row.Step = r.state.Counter.at(step, epoch, split, r.state.StepBy != "")
	for n := range o.items {
		o.add(r, &o.items[n], split)
	}
	return nil
}

// step finds what holds the step, NaN where this line has none. Once a name has
// been found that is better than the one so far, it is the one.
func (o *objects) step(s *State) float64 {
	best, step := math.MaxInt, math.NaN()
	if c := o.columns[s.StepBy]; c != nil {
		best = c.rank
	} else if s.StepBy != "" { // found before the reader was opened
		best = columnOf(s.StepBy).rank
	}
	for _, i := range o.items {
		if (i.name == s.StepBy || i.rank >= 0 && i.rank < best) && i.isNumber && isFinite(i.number) {
			best, step, s.StepBy = i.rank, i.number, i.name
		}
	}
	return step
}

// add adds what an item says to the row.
func (o *objects) add(r *Reader, i *item, split string) {
	switch {
	case i.name == r.state.StepBy:
	case i.role == roleClock && r.setTime(i.text, i.number, i.isNumber):
	case i.role == roleSplit && split != "":
	case i.isNumber:
		r.addNumber(split, i.name, i.number)
	case len(i.text) > 0:
		r.addText(split, i.name, i.text)
	}
}
