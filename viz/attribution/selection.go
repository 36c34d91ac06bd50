package attribution

import (
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/viz"
)

// A Selection is some elements of a value of the graph.
type Selection struct {
	Value ir.ValueID
	Name  string
	index []string // one for each axis from the first on; "..." for those between
}

// ParseSelection reads the name of a layer or value, and behind it in brackets
// which of its elements are meant, as NumPy has it: "logits", "boxes[0,3,:,2]",
// "tokens[0,1:,-1]", "scores[...,7]". Axes that are not named are taken whole.
// It errs, for the user, if there is no such value, naming the nearest.
func ParseSelection(m *model.Model, text string) (Selection, error) {
	text = strings.TrimSpace(text)
	if v, ok := valueNamed(m, text); ok { // names may have brackets
		return Selection{Value: v, Name: text}, nil
	}
	name, index, ok := strings.Cut(text, "[")
	if at := strings.LastIndexByte(text, '['); ok && strings.HasSuffix(text, "]") {
		name, index = text[:at], text[at+1:len(text)-1]
	} else if ok {
		return Selection{}, viz.Userf("%q has a bracket that is not closed at its end", text)
	}
	s := Selection{Name: strings.TrimSpace(name)}
	if strings.TrimSpace(index) != "" {
		for _, part := range strings.Split(index, ",") {
			s.index = append(s.index, strings.TrimSpace(part))
		}
	}
	if v, ok := valueNamed(m, s.Name); ok {
		s.Value = v
		return s, nil
	}
	l, err := m.Layer(s.Name)
	if err != nil {
		return s, viz.Userf("%s has no layer or value %q%s; its outputs are %s", m.Name, s.Name, viz.Hint(s.Name, valueNames(m)), strings.Join(outputNames(m), ", "))
	}
	s.Value = l.Value
	return s, nil
}

// valueNames lists all that a selection may name.
func valueNames(m *model.Model) []string {
	names := outputNames(m)
	for _, l := range m.Layers() {
		names = append(names, l.Name, m.Net.Values[l.Value].Name)
	}
	return names
}

func outputNames(m *model.Model) []string {
	var names []string
	for _, v := range m.Net.Outputs {
		names = append(names, m.Net.Values[v].Name)
	}
	return names
}

// valueNamed finds a value that a node computes.
func valueNamed(m *model.Model, name string) (ir.ValueID, bool) {
	v := m.Net.ValueByName(name)
	return v, v != ir.None && m.Net.Values[v].Producer != ir.None
}

// places returns where the selected elements lie in a tensor of that shape.
func (s Selection) places(shape []int) ([]int, error) {
	index, err := s.whole(len(shape))
	if err != nil {
		return nil, err
	}
	at := []int{0}
	for axis, extent := range shape {
		chosen, err := s.alongAxis(index[axis], axis, extent)
		if err != nil {
			return nil, err
		}
		next := make([]int, 0, len(at)*len(chosen))
		for _, before := range at {
			for _, i := range chosen {
				next = append(next, before*extent+i)
			}
		}
		at = next
	}
	if len(at) == 0 {
		return nil, viz.Userf("%s[%s] selects none of its elements, which are %v", s.Name, strings.Join(s.index, ","), shape)
	}
	return at, nil
}

// whole gives every axis an index.
func (s Selection) whole(rank int) ([]string, error) {
	var out []string
	filled := false
	for _, part := range s.index {
		if part == "..." && !filled {
			filled = true
			for range rank - (len(s.index) - 1) {
				out = append(out, ":")
			}
			continue
		}
		out = append(out, part)
	}
	if len(out) > rank {
		return nil, viz.Userf("%s has %d axes, and %d are named in [%s]", s.Name, rank, len(out), strings.Join(s.index, ","))
	}
	for len(out) < rank {
		out = append(out, ":")
	}
	return out, nil
}

// alongAxis reads "3", "-1", ":", "2:", ":-1", "0:10:2".
func (s Selection) alongAxis(text string, axis, extent int) ([]int, error) {
	parts := strings.Split(text, ":")
	numbers := []int{0, extent, 1}
	for i, part := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		switch {
		case len(parts) > 1 && strings.TrimSpace(part) == "" && i < len(numbers):
			continue
		case err != nil || i >= len(numbers) || i == 2 && n < 1:
			return nil, viz.Userf("%q in %s[%s] is no index: give a number, or a range as 2:5, 1: or : for all", text, s.Name, strings.Join(s.index, ","))
		case i < 2 && n < 0:
			n += extent
		}
		numbers[i] = n
	}
	if len(parts) == 1 {
		if i := numbers[0]; i < 0 || i >= extent {
			return nil, viz.Userf("%s has %d elements along axis %d, from 0, and %s is none of them", s.Name, extent, axis, text)
		}
		return numbers[:1], nil
	}
	var out []int
	for i := max(numbers[0], 0); i < min(numbers[1], extent); i += numbers[2] {
		out = append(out, i)
	}
	return out, nil
}
