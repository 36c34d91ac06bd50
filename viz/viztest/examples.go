package viztest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// shared are the flags of every technique, beside those that begin with
// input-.
var shared = []string{"output", "json", "theme", "scale", "labels", "executor", "ort", "threads", "seed", "progress", "quiet", "help"}

func isShared(m *viz.Method, flag string) bool {
	return slices.Contains(shared, flag) || flag == "masks" && m.Masks || (flag == "run" || flag == "runs") && m.Takes(viz.NeedsRuns) ||
		flag == "data" && m.Series || strings.HasPrefix(flag, "input-")
}

func hasExamples(m *viz.Method) error {
	var p problems
	p.when(len(m.Examples) == 0, "there is no example")
	for _, e := range m.Examples {
		p.when(e.Remark == "", "the example %q has no remark", e.Line)
		if err := checkLine(m, e.Line); err != nil {
			p.add("the example %q: %w", e.Line, err)
		}
	}
	return p.err()
}

func checkLine(m *viz.Method, line string) error {
	words, err := split(line)
	if err != nil {
		return err
	}
	if len(words) == 0 || words[0] != m.Name {
		return fmt.Errorf("it does not begin with %s", m.Name)
	}
	args, values, err := readFlags(m, words[1:])
	if err != nil {
		return err
	}
	var p problems
	for name, texts := range values {
		if name == "output" {
			p.checkOutputs(texts)
		} else if !isShared(m, name) {
			p.checkValues(m, name, texts)
		}
	}
	least, most := argCounts(m)
	p.when(len(args) < least || len(args) > most, "it has %d arguments; the technique takes %d or more", len(args), least)
	return p.err()
}

func (p *problems) checkOutputs(files []string) {
	for _, file := range files {
		if _, err := render.FormatOf(file); err != nil {
			p.add("its output: %w", err)
		}
	}
}

// argCounts says how many files a command line gives before its flags.
func argCounts(m *viz.Method) (least, most int) {
	if m.Series {
		return 1, 1000
	}
	if m.Needs.Has(viz.NeedsModel) {
		least, most = 1, 1
	}
	if m.Needs.Has(viz.NeedsImage) || m.Needs.Has(viz.NeedsRuns) {
		least, most = least+1, 1000
	}
	return least, most
}

// readFlags tells arguments from flags, as the command line does.
func readFlags(m *viz.Method, words []string) (args []string, values viz.Values, err error) {
	values = viz.Values{}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if word == "-o" {
			word = "--output"
		}
		name, isFlag := strings.CutPrefix(word, "--")
		if !isFlag {
			args = append(args, word)
			continue
		}
		name, text, given := strings.Cut(name, "=")
		switch {
		case given:
		case isSwitch(m, name):
			text = "true"
		case len(words) == 0:
			return nil, nil, fmt.Errorf("--%s has no value", name)
		default:
			text, words = words[0], words[1:]
		}
		values[name] = append(values[name], text)
	}
	return args, values, nil
}

func isSwitch(m *viz.Method, name string) bool {
	return slices.Contains([]string{"json", "quiet", "help"}, name) ||
		slices.ContainsFunc(m.Params(), func(q viz.Param) bool { return q.Name == name && q.Type == "bool" })
}

// split divides a line into words as a shell does, with single quotes.
func split(line string) ([]string, error) {
	parts := strings.Split(line, "'")
	if len(parts)%2 == 0 {
		return nil, fmt.Errorf("a quote is not closed")
	}
	var words []string
	for i, part := range parts {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words, nil
}
