package data

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxCells bounds the numbers of a table.
const maxCells = 1 << 26

// A Table is rows of numbers.
type Table struct {
	Columns []string // their names; nil if the file has no line of them
	Width   int      // numbers in a row
	Values  []float32
}

// Rows is how many rows there are.
func (t *Table) Rows() int { return len(t.Values) / t.Width }

// OpenTable reads a file of delimited text; see ReadTable.
func OpenTable(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, in(path, err)
	}
	defer f.Close()
	// Cut at the limit, the last number would be another one.
	if info, err := f.Stat(); err == nil && info.Size() > maxFileBytes {
		return nil, in(filepath.Base(path), problem("give a part of it, or a .npy file", "the table is longer than the limit of %d MiB", maxFileBytes>>20))
	}
	t, err := ReadTable(io.LimitReader(f, maxFileBytes))
	return t, in(filepath.Base(path), err)
}

// ReadTable reads numbers in delimited text (RFC 4180, with commas, semicolons or
// tabs between them), and their columns' names if the first line is no numbers.
func ReadTable(r io.Reader) (*Table, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	head, _ := buffered.Peek(1 << 16)
	lines := csv.NewReader(buffered)
	lines.Comma, lines.ReuseRecord, lines.TrimLeadingSpace = delimiterOf(string(head)), true, true
	t := &Table{}
	for n := 1; ; n++ {
		cells, err := lines.Read()
		switch {
		case errors.Is(err, io.EOF) && len(t.Values) == 0:
			return nil, problem("", "it holds no rows of numbers")
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return nil, problem("", "it is no table: %v", err)
		case n == 1 && !isNumber(cells[0]) && !isNumber(cells[len(cells)-1]):
			for _, name := range cells {
				t.Columns = append(t.Columns, strings.TrimPrefix(strings.TrimSpace(name), "\ufeff"))
			}
			continue
		case len(t.Values)+len(cells) > maxCells:
			return nil, problem("", "it holds more than %d numbers", maxCells)
		}
		t.Width = len(cells)
		for i, cell := range cells {
			v, err := strconv.ParseFloat(strings.TrimSpace(cell), 32)
			if err != nil {
				return nil, problem("write it as the number that the network takes", "%q in line %d, column %s, is no number", cell, n, t.columnName(i))
			}
			t.Values = append(t.Values, float32(v))
		}
	}
}

func (t *Table) columnName(i int) string {
	if i < len(t.Columns) {
		return strconv.Quote(t.Columns[i])
	}
	return strconv.Itoa(i + 1)
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(s), "\ufeff"), 64)
	return err == nil
}

// delimiterOf is what stands most often in the first line between cells.
func delimiterOf(head string) rune {
	first, _, _ := strings.Cut(head, "\n")
	best := ','
	for _, c := range ";\t" {
		if strings.Count(first, string(c)) > strings.Count(first, string(best)) {
			best = c
		}
	}
	return best
}
