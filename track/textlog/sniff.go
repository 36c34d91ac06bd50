package textlog

import (
	"bytes"

	"github.com/tomo-viz/tomo/track/pyjson"
)

// IsTable reports whether a file that begins so is the log of a training in a
// table: its columns have names, one of which counts steps, and the rows that
// can be seen have numbers. Tables of other things are common beside trainings.
func IsTable(head []byte) bool {
	if bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	r := NewTable(bytes.NewReader(whole(head)), State{})
	r.SetEnded()
	row, err := r.Next()
	t := r.kind.(*table)
	if err != nil {
		return namesOnly(head)
	}
	return len(row.Numbers) > 0 && !r.state.Dialect.Unnamed && t.named() && (t.counts() || t.preamble != nil)
}

// namesOnly is for a head in which there is no whole row. Where the names alone
// are more than that, the one that counts steps may not be in sight.
func namesOnly(head []byte) bool {
	line, _, ended := bytes.Cut(head, []byte("\n"))
	t := &table{separator: separatorOf([]sample{{text: line}})}
	t.setHeader(line, false)
	return t.named() && t.separator != ' ' && (t.counts() || !ended && len(t.columns) >= manyColumns)
}

// manyColumns is how many names in a row are no prose with commas.
const manyColumns = 50

// named reports whether the columns are called as columns are, and not so that
// the line must be something else: values, or what was printed.
func (t *table) named() bool {
	for _, c := range t.columns {
		if _, ok := number([]byte(c.name), false); ok || len(c.name) > 200 {
			return false
		}
	}
	return len(t.columns) > 1
}

// whole leaves out a last line without an end, but for an only one.
func whole(head []byte) []byte {
	if n := bytes.LastIndexByte(head, '\n'); n >= 0 {
		return head[:n+1]
	}
	return head
}

// counts reports whether there is a column that counts steps of a training, and
// not just rows.
func (t *table) counts() bool { return t.step >= 0 && counts(t.columns[t.step].rank) }

func counts(rank int) bool { return rank >= 0 && rank < stepRank["index"] }

// IsObjects reports whether a file that begins so is the log of a training in
// JSON objects: there are several, and one of those that can be seen counts steps
// and has another number. An only one may be a configuration.
func IsObjects(head []byte) bool {
	lines, logs := 0, false
	for line := range bytes.Lines(bytes.TrimPrefix(whole(head), []byte(byteOrderMark))) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		lines++
		steps, others := 0, 0
		err := pyjson.Leaves(line, func(name []byte, leaf pyjson.Leaf) error {
			_, isNumber := number(leaf.Text, false)
			switch {
			case leaf.Kind != pyjson.Number && !isNumber:
			case counts(columnOf(string(name)).rank):
				steps++
			default:
				others++
			}
			return nil
		})
		if err != nil {
			return false
		}
		logs = logs || steps > 0 && steps+others > 1
		if logs && lines > 1 {
			return true
		}
	}
	return false
}
