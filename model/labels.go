package model

import (
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
	m.LookForLabels(dir)
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
