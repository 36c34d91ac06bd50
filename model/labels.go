package model

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/spell"
)

// Labels are the names of the classes, by number, and where they are from.
type Labels struct {
	Names  []string
	Source string
}

// ReadLabels reads a label file: a line for each class in order, with or
// without a leading number ("3: cat") or WordNet id ("n02123045 tabby"); or
// JSON, as a list, an object by number, or a config.json with id2label.
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
	if len(raw) == 0 {
		return nil
	}
	switch raw[0] {
	case '[':
		var list []string
		if json.Unmarshal(raw, &list) == nil {
			return list
		}
	case '{':
		if names := huggingFaceLabels(raw); len(names) > 0 {
			return names
		}
		return jsonObject(raw)
	}
	return labelLines(raw)
}

// jsonObject takes {"0": "cat"} and Keras's {"0": ["n02123045", "tabby"]}.
func jsonObject(raw []byte) []string {
	var plain map[string]string
	if json.Unmarshal(raw, &plain) == nil {
		return numbered(plain)
	}
	var pairs map[string][]string
	if json.Unmarshal(raw, &pairs) != nil {
		return nil
	}
	plain = map[string]string{}
	for k, v := range pairs {
		if len(v) > 0 {
			plain[k] = v[len(v)-1]
		}
	}
	return numbered(plain)
}

// numbered orders names by their number; none if the numbers have gaps.
func numbered(byID map[string]string) []string {
	out := make([]string, len(byID))
	for k, v := range byID {
		i, err := strconv.Atoi(k)
		if err != nil || i < 0 || i >= len(out) {
			return nil
		}
		out[i] = v
	}
	return out
}

var leading = regexp.MustCompile(`^(\d+)\s*[:,\t]\s*|^(\d+)\s{1,}|^n\d{8}\s+`)

func labelLines(raw []byte) []string {
	var names []string
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			names = append(names, line)
		}
	}
	// A prefix is one only if every line has it: "7 up" may be a class.
	for _, name := range names {
		if loc := leading.FindStringIndex(name); loc == nil || loc[1] == len(name) {
			return names
		}
	}
	for i, name := range names {
		names[i] = name[len(leading.FindString(name)):]
	}
	return names
}

// parseNames reads Ultralytics' metadata: {0: 'person', 1: "driver's seat"}.
func parseNames(text string) []string {
	byID := map[string]string{}
	for _, m := range namePair.FindAllStringSubmatch(text, -1) {
		byID[m[1]] = m[2] + m[3]
	}
	return numbered(byID)
}

var namePair = regexp.MustCompile(`(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")`)

// findLabels settles the names of the classes: a file the user names, the
// sidecar's, config.json, the model's metadata, or a label file beside it.
func (m *Model) findLabels(path string) error {
	if path != "" {
		l, err := ReadLabels(path)
		m.Labels = l
		return err
	}
	side, s, err := m.sidecar()
	if err != nil {
		return err
	}
	if s.Labels != "" {
		m.Labels, err = ReadLabels(filepath.Join(filepath.Dir(side), s.Labels))
		return err
	}
	dir := filepath.Dir(m.Path)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		raw, err := readSmall(filepath.Join(d, "config.json"))
		if names := huggingFaceLabels(raw); err == nil && len(names) > 0 && !placeholder(names) && m.fits(names) {
			m.Labels = Labels{names, "config.json"}
			return nil
		}
	}
	if names := parseNames(m.Net.Meta["names"]); len(names) > 0 {
		m.Labels = Labels{names, "the model file"}
		return nil
	}
	if names := m.zipMapLabels(); len(names) > 0 {
		m.Labels = Labels{names, "the model file"}
		return nil
	}
	m.LookForLabels(dir)
	return nil
}

// zipMapLabels are the names with which converters of scikit-learn, Core ML
// and Custom Vision turn scores into a map (ai.onnx.ml ZipMap).
func (m *Model) zipMapLabels() []string {
	for i := range m.Net.Nodes {
		if n := &m.Net.Nodes[i]; n.Op == "ZipMap" {
			if names := n.Attrs.Strs("classlabels_strings"); len(names) > 0 && m.fits(names) {
				return names
			}
		}
	}
	return nil
}

// fits reports whether there is a name for each class, where their number is
// known.
func (m *Model) fits(names []string) bool {
	n := m.Classes()
	return n == 0 || n == len(names)
}

var labelFile = regexp.MustCompile(`(?i)(label|class|synset|names|categories).*\.(txt|json|names)$|^labels?$`)

// LookForLabels looks in a folder for a label file with exactly as many names
// as the model has classes, if the model has no labels yet. It is used for the
// folder of the model and for that of the pictures.
func (m *Model) LookForLabels(dir string) {
	n := m.Classes()
	if len(m.Labels.Names) > 0 || n < 2 {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.IsDir() || !labelFile.MatchString(e.Name()) {
			continue
		}
		l, err := ReadLabels(filepath.Join(dir, e.Name()))
		if err == nil && len(l.Names) == n {
			l.Source += " in " + filepath.Base(dir)
			m.Labels = l
			return
		}
	}
}

// Label names a class: its label, or "class 3".
func (m *Model) Label(class int) string {
	if class >= 0 && class < len(m.Labels.Names) && m.Labels.Names[class] != "" {
		return m.Labels.Names[class]
	}
	return fmt.Sprintf("class %d", class)
}

// Class finds a class by its number or its label; case and the further
// synonyms behind a comma do not count.
func (m *Model) Class(text string) (int, error) {
	n := m.Classes()
	if i, err := strconv.Atoi(text); err == nil {
		if i < 0 || n > 0 && i >= n {
			return 0, fault.Userf("there is no class %d; %s has the classes 0 to %d", i, m.Name, n-1)
		}
		return i, nil
	}
	if len(m.Labels.Names) == 0 {
		return 0, fault.Userf("class %q cannot be found, since %s has no labels; give the class by number, or a label file with --labels", text, m.Name)
	}
	want := strings.ToLower(strings.TrimSpace(text))
	for i, name := range m.Labels.Names {
		if slices.Contains(synonyms(name), want) {
			return i, nil
		}
	}
	near := spell.Nearest(text, m.Labels.Names, 3)
	if len(near) == 0 {
		return 0, fault.Userf("no class is called %q; give it by number, or as it stands in %s", text, m.Labels.Source)
	}
	return 0, fault.Userf("no class is called %q; near it are %s", text, strings.Join(near, "; "))
}

func synonyms(name string) []string {
	name = strings.ToLower(name)
	all := []string{name}
	for _, part := range strings.Split(name, ",") {
		all = append(all, strings.TrimSpace(part))
	}
	return all
}

// A ClassName is a class and its label.
type ClassName struct {
	Class int    `json:"class"`
	Label string `json:"label"`
}

// FindClasses returns at most n classes whose number or label contains text,
// in the order of their numbers.
func (m *Model) FindClasses(text string, n int) []ClassName {
	want := strings.ToLower(strings.TrimSpace(text))
	var out []ClassName
	for i := 0; i < m.Classes() && len(out) < n; i++ {
		label := m.Label(i)
		if strings.Contains(strings.ToLower(label), want) || strconv.Itoa(i) == want {
			out = append(out, ClassName{i, label})
		}
	}
	return out
}
