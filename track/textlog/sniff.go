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
		// There is not a whole row in sight, but there may be names.
		line, _, _ := bytes.Cut(head, []byte("\n"))
		t.separator = separatorOf([]sample{{text: line}})
		t.setHeader(line, false)
		return len(t.columns) > 1 && t.counts()
	}
	return len(row.Numbers) > 0 && !r.state.Dialect.Unnamed && (t.counts() || t.preamble != nil)
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
// JSON objects: one of those that can be seen counts steps and has another
// number.
func IsObjects(head []byte) bool {
	for line := range bytes.Lines(bytes.TrimPrefix(whole(head), []byte(byteOrderMark))) {
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
		if err != nil && len(bytes.TrimSpace(line)) > 0 {
			return false
		}
		if steps > 0 && steps+others > 1 {
			return true
		}
	}
	return false
}
