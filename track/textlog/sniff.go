package textlog

import (
	"bytes"
	"slices"

	"github.com/tomo-viz/tomo/track/pyjson"
)

// IsTable reports whether a file that begins so is the log of a training in a
// table: its columns have names, one of which counts steps or is a loss, and the
// rows that can be seen have numbers. Tables of other things are common beside
// trainings.
func IsTable(head []byte) bool {
	t, ok := tableOf(head)
	if !ok {
		return namesOnly(head)
	}
	return t != nil && (t.counts() || t.losses() || t.preamble != nil)
}

// IsAnyTable reports whether a file that begins so is a table of numbers whose
// columns have names, of a training or of anything else.
func IsAnyTable(head []byte) bool {
	t, _ := tableOf(head)
	return t != nil || IsTable(head)
}

// tableOf reads the names and the first row of a table, nil where that is none
// with names and numbers; false says that there is no whole row.
func tableOf(head []byte) (*table, bool) {
	if bytes.IndexByte(head, 0) >= 0 {
		return nil, true
	}
	r := NewTable(bytes.NewReader(whole(head)), State{})
	r.SetEnded()
	row, err := r.Next()
	if err != nil {
		return nil, false
	}
	t := r.kind.(*table)
	if len(row.Numbers) == 0 || r.state.Dialect.Unnamed || !t.named() {
		return nil, true
	}
	return t, true
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

// losses reports whether there is a column of losses.
func (t *table) losses() bool {
	return slices.ContainsFunc(t.columns, func(c tableColumn) bool { return isLoss(c.name) })
}

func counts(rank int) bool { return rank >= 0 && rank < stepRank["index"] }

// IsObjects reports whether a file that begins so is the log of a training in
// JSON objects: there are several, and one of those that can be seen counts steps
// and has another number, or has a loss. An only one may be a configuration. Other
// lines may stand between them, as a program prints them, but no more than they
// are.
func IsObjects(head []byte) bool {
	objects, others, logs := 0, 0, false
	for line := range bytes.Lines(bytes.TrimPrefix(whole(head), []byte(byteOrderMark))) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		isLog, err := logsStep(line)
		if err != nil {
			others++
			continue
		}
		objects++
		logs = logs || isLog
	}
	return logs && objects > 1 && objects >= others
}

// logsStep reports whether a line is an object with a step and another number, or
// with a loss.
func logsStep(line []byte) (bool, error) {
	steps, numbers, losses := 0, 0, 0
	err := pyjson.Leaves(line, func(name []byte, leaf pyjson.Leaf) error {
		if _, isNumber := number(leaf.Text, false); leaf.Kind != pyjson.Number && !isNumber {
			return nil
		}
		numbers++
		if c := columnOf(string(name)); counts(c.rank) {
			steps++
		} else if isLoss(c.name) {
			losses++
		}
		return nil
	})
	return steps > 0 && numbers > 1 || losses > 0, err
}
