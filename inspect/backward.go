package inspect

import (
	"context"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
)

// Gradients are those of a model's answer that are measured.
type Gradients string

// The gradients.
const (
	NoGradients        Gradients = ""
	InputGradients     Gradients = "input"      // with respect to the input, as techniques want it
	ParameterGradients Gradients = "parameters" // with respect to all parameters, as training wants them
)

// ParseGradients reads a flag.
func ParseGradients(text string) (Gradients, error) {
	switch g := Gradients(text); g {
	case NoGradients, InputGradients, ParameterGradients:
		return g, nil
	}
	return "", fault.Userf("there are no gradients %q; there are %s and %s", text, InputGradients, ParameterGradients)
}

// of returns the computation of the gradients of the sum of the answer, along
// with the answer.
func (g Gradients) of(m *model.Model, feeds Given) (computation, error) {
	of := exec.GradientOf{Y: target(m)}
	of.Fetch = []ir.ValueID{of.Y}
	if g == ParameterGradients {
		of.Wrt = parameters(m, of.Y)
	} else if from := source(m, feeds); from != ir.None {
		of.Wrt = []ir.ValueID{from}
	}
	if len(of.Wrt) == 0 {
		return nil, fault.Userf("%s has nothing of real numbers that %q depends on as %s", m.Name, m.Net.Values[of.Y].Name, g)
	}
	return func(ctx context.Context, feeds Given) error {
		_, _, err := m.Session().Gradient(ctx, feeds, of)
		return userOf(ctx, err)
	}, nil
}

// parameters lists the learned numbers that y depends on.
func parameters(m *model.Model, y ir.ValueID) []ir.ValueID {
	read := make([]bool, len(m.Net.Values))
	for i, needed := range m.Net.Needed([]ir.ValueID{y}, nil) {
		if needed {
			for _, v := range m.Net.Nodes[i].Reads() {
				read[v] = true
			}
		}
	}
	var list []ir.ValueID
	for i := range m.Net.Values {
		if v := &m.Net.Values[i]; read[i] && v.Param && v.Const != nil && v.Const.DType().IsFloat() {
			list = append(list, ir.ValueID(i))
		}
	}
	return list
}
