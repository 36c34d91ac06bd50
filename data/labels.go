package data

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// labelFrom labels the files by a labels file; see [OpenFolder].
func (f *Folder) labelFrom(labels string) error {
	rows, err := readLabels(labels)
	if err != nil {
		return in(labels, err)
	}
	index, lines := indexFiles(f.files), len(rows)
	file, label := 0, 1
	if len(rows) > 0 && index.find(rows[0][0]) < 0 {
		file, label = columns(rows[0])
		rows = rows[1:]
	}
	found := map[int]string{}
	lost, again := tally{what: "name no picture"}, tally{what: "label a picture that has another label already"}
	for _, row := range rows {
		i := -1
		if max(file, label) < len(row) {
			i = index.find(row[file])
		}
		switch was, ok := found[i]; {
		case i < 0:
			lost.add(row)
		case ok && was != row[label]:
			again.add(row)
		default:
			found[i] = row[label]
		}
	}
	if len(found) == 0 {
		return in(labels, problem("write a line for each picture: its name below the folder, a comma, its label", "none of its %d lines names a picture that was found", lines))
	}
	f.Problems = append(f.Problems, lost.problem(labels, len(rows))...)
	f.Problems = append(f.Problems, again.problem(labels, len(rows))...)
	f.apply(found)
	return nil
}

// A tally counts lines of which something is to be said.
type tally struct {
	what  string
	count int
	first string
}

func (t *tally) add(row []string) {
	if t.count++; t.count == 1 {
		t.first = strings.Join(row, ", ")
	}
}

func (t *tally) problem(where string, lines int) []error {
	if t.count == 0 {
		return nil
	}
	return []error{in(where, problem("", "%d of its %d lines %s; the first: %q", t.count, lines, t.what, t.first))}
}

// readLabels returns the lines of a labels file, split and trimmed. What
// separates the fields is seen from the first line.
func readLabels(name string) ([][]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, openProblem(err)
	}
	defer f.Close()
	const maxBytes = 256 << 20
	raw, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, readProblem(err)
	}
	if len(raw) > maxBytes {
		return nil, problem("split it", "the labels file is longer than the limit of %d MiB", maxBytes>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma = separator(raw)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, &Error{Problem: "it is not a table of text: " + err.Error(), Advice: "save it as CSV", Err: err}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
	}
	return rows, nil
}

// separator returns what separates the fields of the first line: a tab if there
// is one, else the more frequent of comma and semicolon, else a space.
func separator(raw []byte) rune {
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	count := func(s string) int { return bytes.Count(line, []byte(s)) }
	switch commas, semicolons := count(","), count(";"); {
	case count("\t") > 0:
		return '\t'
	case semicolons > commas:
		return ';'
	case commas == 0 && count(" ") > 0:
		return ' '
	}
	return ','
}

// columns returns which columns of a table with a header hold names and labels.
func columns(header []string) (file, label int) {
	named := func(names ...string) int {
		return slices.IndexFunc(header, func(h string) bool { return slices.Contains(names, strings.ToLower(h)) })
	}
	file = named("file", "filename", "file_name", "filepath", "path", "image", "image_id", "image_name", "img", "name", "id")
	label = named("label", "labels", "class", "class_name", "class_id", "category", "target", "y")
	if file < 0 {
		file = 0
		if label == 0 {
			file = 1
		}
	}
	if label < 0 {
		label = 0
		if file == 0 {
			label = 1
		}
	}
	return file, label
}

// A fileIndex finds files by what a table may call them.
type fileIndex struct {
	exact map[string]int // the path below the folder
	loose map[string]int // the file's own name, and both without extension; -1 where several share it
}

func indexFiles(files []folderFile) fileIndex {
	x := fileIndex{make(map[string]int, len(files)), make(map[string]int, 3*len(files))}
	for i, file := range files {
		x.exact[file.name] = i
		own := path.Base(file.name)
		for _, name := range []string{own, withoutExtension(own), withoutExtension(file.name)} {
			if was, ok := x.loose[name]; ok && was != i {
				x.loose[name] = -1
				continue
			}
			x.loose[name] = i
		}
	}
	return x
}

func withoutExtension(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// find returns the file that a table calls name, or -1.
func (x fileIndex) find(name string) int {
	name = path.Clean(strings.ReplaceAll(strings.TrimSpace(name), `\`, "/"))
	for _, try := range []string{name, path.Base(name)} {
		if i, ok := x.exact[try]; ok {
			return i
		}
		if i, ok := x.loose[try]; ok {
			return i
		}
	}
	return -1
}

// apply gives files the labels that were found. Whole numbers are labels as
// they stand; names are counted in sorted order.
func (f *Folder) apply(found map[int]string) {
	numbers := true
	var classes []string
	for _, label := range found {
		n, err := strconv.Atoi(label)
		numbers = numbers && err == nil && n >= 0
		classes = append(classes, label)
	}
	slices.Sort(classes)
	classes = slices.Compact(classes)
	for i, label := range found {
		if numbers {
			f.files[i].label, _ = strconv.Atoi(label)
		} else {
			f.files[i].label, _ = slices.BinarySearch(classes, label)
		}
	}
	if !numbers {
		f.classes = classes
	}
}
