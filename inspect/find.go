package inspect

import (
	"strings"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/spell"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A Named is a value under the name it was asked for by.
type Named struct {
	Name  string
	Value ir.ValueID
}

// All stands for every floating-point value in a list of names.
const All = "all"

// Find finds values by the names of values, nodes or modules; what a node or a
// module puts out stands for it. No name at all stands for the outputs, and All
// for every floating-point value that nodes make.
func Find(m *model.Model, names []string) ([]Named, error) {
	if len(names) == 0 {
		return outputs(m), nil
	}
	var found []Named
	for _, name := range names {
		if name == All {
			found = append(found, floats(m)...)
			continue
		}
		v, err := findOne(m, name)
		if err != nil {
			return nil, err
		}
		found = append(found, Named{name, v})
	}
	return found, nil
}

func findOne(m *model.Model, name string) (ir.ValueID, error) {
	v := ir.ValueID(ir.None)
	if name != "" {
		v = m.Net.ValueByName(name)
	}
	if v == ir.None {
		layer, err := m.Layer(name)
		if err != nil {
			return ir.None, err
		}
		v = layer.Value
	}
	if m.Net.Values[v].Kind == ir.MapKind {
		return ir.None, fault.Userf("%q is a map, which cannot be fetched", name)
	}
	return v, nil
}

func outputs(m *model.Model) []Named {
	var found []Named
	for _, v := range m.Net.Outputs {
		if m.Net.Values[v].Kind != ir.MapKind {
			found = append(found, Named{m.Net.Values[v].Name, v})
		}
	}
	return found
}

func floats(m *model.Model) []Named {
	var found []Named
	for i := range m.Net.Nodes {
		for _, v := range m.Net.Nodes[i].Outputs {
			if v != ir.None && m.Types[v].DType.IsFloat() && m.Net.Values[v].Kind == ir.TensorKind {
				found = append(found, Named{m.Net.Values[v].Name, v})
			}
		}
	}
	return found
}

// fillable finds a value that a file is given for: by its own name, or by that
// of the node or module that makes it.
func fillable(m *model.Model, name string) (ir.ValueID, error) {
	if v, err := findOne(m, name); err == nil {
		return v, nil
	}
	var names []string
	for _, v := range m.Net.Inputs {
		names = append(names, m.Net.Values[v].Name)
	}
	return ir.None, fault.Userf("%s has no value %q%s; its inputs are %s", m.Name, name, spell.Hint(name, names), strings.Join(names, ", "))
}
