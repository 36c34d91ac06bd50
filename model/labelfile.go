package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
)

// ReadLabels reads a label file: a line for each class in order, with or
// without a leading number ("3: cat") or WordNet id ("n02123045 tabby"); or
// JSON, as a list, an object by number or by name, or a config.json with
// id2label.
func ReadLabels(path string) (Labels, error) {
	raw, err := readSmall(path)
	if err != nil {
		return Labels{}, fault.Userf("the labels cannot be read: %w", err)
	}
	names := parseLabels(raw)
	if len(names) == 0 {
		return Labels{}, fault.Userf("%s holds no labels; give one line for each class, or JSON", path)
	}
	return Labels{names, filepath.Base(path)}, nil
}

func parseLabels(raw []byte) []string {
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff")))
	if !json.Valid(raw) {
		return labelLines(raw)
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	if names := huggingFaceLabels(raw); len(names) > 0 {
		return names
	}
	return jsonObject(raw)
}

// jsonObject takes {"0": "cat"}, Keras's {"0": ["n02123045", "tabby"]}, and
// the other way round {"cat": 0}.
func jsonObject(raw []byte) []string {
	var plain map[string]string
	if json.Unmarshal(raw, &plain) == nil {
		return numbered(plain)
	}
	plain = map[string]string{}
	var pairs map[string][]string
	if json.Unmarshal(raw, &pairs) == nil {
		for k, v := range pairs {
			if len(v) > 0 {
				plain[k] = v[len(v)-1]
			}
		}
		return numbered(plain)
	}
	var byName map[string]int
	if json.Unmarshal(raw, &byName) == nil {
		for k, v := range byName {
			plain[strconv.Itoa(v)] = k
		}
	}
	return numbered(plain)
}

// maxLabel bounds the numbers of classes that are believed.
const maxLabel = 1 << 20

// numbered puts names in their places. Numbers that are left out, as COCO's
// are, have no name; without any number too large to be a class.
func numbered(byID map[string]string) []string {
	var out []string
	for k, v := range byID {
		i, err := strconv.Atoi(k)
		if err != nil || i < 0 || i >= maxLabel {
			return nil
		}
		for len(out) <= i {
			out = append(out, "")
		}
		out[i] = v
	}
	return out
}

var (
	numberFirst  = regexp.MustCompile(`^(\d{1,9})(?:\s*[:,]\s*|\s+)(\S.*)$`)
	wordNetFirst = regexp.MustCompile(`^(n\d{8})\s+(\S.*)$`)
)

// labelLines takes the lines in order, or by the numbers before them.
func labelLines(raw []byte) []string {
	var names []string
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, len(raw)+1)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			names = append(names, line)
		}
	}
	if _, rest, ok := split(names, wordNetFirst); ok {
		return rest
	}
	numbers, rest, ok := split(names, numberFirst)
	switch {
	case !ok:
		return names
	case countsUp(numbers):
		return rest
	}
	byID := map[string]string{}
	for i, n := range numbers {
		byID[n] = rest[i]
	}
	return numbered(byID)
}

// split takes a prefix off every line. It is a prefix only if every line has
// it: "7 up" may be a class.
func split(lines []string, form *regexp.Regexp) (prefixes, rest []string, ok bool) {
	for _, line := range lines {
		m := form.FindStringSubmatch(line)
		if m == nil {
			return nil, nil, false
		}
		prefixes, rest = append(prefixes, m[1]), append(rest, m[2])
	}
	return prefixes, rest, len(lines) > 0
}

// countsUp reports whether the numbers go up by one from 0 or 1, and so tell
// no more than the order of the lines.
func countsUp(numbers []string) bool {
	first, _ := strconv.Atoi(numbers[0])
	for i, text := range numbers {
		if n, _ := strconv.Atoi(text); n != first+i {
			return false
		}
	}
	return first <= 1
}

// parseNames reads Ultralytics' metadata, as Python writes it:
// {0: 'person', 1: "driver's seat"}.
func parseNames(text string) []string {
	byID := map[string]string{}
	for _, m := range namePair.FindAllStringSubmatch(text, -1) {
		byID[m[1]] = escaped.ReplaceAllString(m[2]+m[3], "$1")
	}
	return numbered(byID)
}

var (
	namePair = regexp.MustCompile(`(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")`)
	escaped  = regexp.MustCompile(`\\(.)`)
)

// huggingFaceLabels reads id2label of config.json, by class number, or the
// label_names of timm's.
func huggingFaceLabels(raw []byte) []string {
	var c struct {
		Labels map[string]string `json:"id2label"`
		Names  []string          `json:"label_names"`
	}
	if json.Unmarshal(raw, &c) != nil {
		return nil
	}
	if len(c.Labels) == 0 {
		return c.Names
	}
	return numbered(c.Labels)
}

// placeholder reports whether labels are the made-up LABEL_0, LABEL_1, ...
func placeholder(labels []string) bool {
	return len(labels) > 0 && strings.HasPrefix(labels[0], "LABEL_")
}
