package inspect

import (
	"context"
	"errors"
	"strings"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// gradientPath asks for the gradient of the answer with respect to the input as
// a technique would, with rules that stand in for those that there are none of
// and note who needed them. Nothing is computed.
func gradientPath(ctx context.Context, m *model.Model, given Given, ops map[string]bool) *GradientPath {
	from, to := source(m, given), target(m)
	if from == ir.None || to == ir.None {
		return nil
	}
	path := &GradientPath{From: m.Net.Values[from].Name, To: m.Net.Values[to].Name, Missing: []Nodes{}}
	_, _, err := exec.NewSession(m.Net, never{}).Gradient(ctx, given, exec.GradientOf{
		Y: to, Wrt: []ir.ValueID{from}, Rules: path.standIns(ops), RulesName: "check",
	})
	if err != nil && !errors.Is(err, errNever) {
		path.Error = err.Error()
	}
	return path
}

// A never is an executor that runs nothing.
type never struct{}

var errNever = errors.New("nothing is to be run")

func (never) Name() string { return "never" }

func (never) Compile(*ir.Graph, []exec.Feed, []ir.ValueID) (exec.Program, error) {
	return nil, errNever
}

// standIns pass on something of the right type, so that the way back goes on.
func (p *GradientPath) standIns(ops map[string]bool) autodiff.Rules {
	rules := autodiff.Rules{}
	for name := range ops {
		dot := strings.LastIndexByte(name, '.')
		if autodiff.HasRule(name[:max(dot, 0)], name[dot+1:]) {
			continue
		}
		rules[name] = func(_ *op.Grad, n *ir.Node, _ []ir.ValueID) ([]ir.ValueID, error) {
			p.Missing = group(p.Missing, n)
			return n.Inputs, nil
		}
	}
	return rules
}

// target is the classes' scores, or the first output that has a gradient.
func target(m *model.Model) ir.ValueID {
	if m.Head != nil {
		return m.Head.Logits
	}
	for _, v := range m.Net.Outputs {
		if m.Types[v].DType.IsFloat() && m.Net.Values[v].Kind == ir.TensorKind {
			return v
		}
	}
	return ir.None
}

// source is the picture, or the first input of real numbers, or else the first
// such value that is made of the inputs: the embedding of the tokens.
func source(m *model.Model, given Given) ir.ValueID {
	if m.Input != ir.None {
		return m.Input
	}
	depends := make([]bool, len(m.Net.Values))
	for _, v := range m.Net.Inputs {
		if given[v] == nil {
			continue
		}
		if depends[v] = true; given[v].DType().IsFloat() {
			return v
		}
	}
	for i := range m.Net.Nodes {
		n := &m.Net.Nodes[i]
		for _, in := range n.Inputs {
			if in == ir.None || !depends[in] {
				continue
			}
			for _, v := range n.Outputs {
				if v == ir.None {
					continue
				}
				if depends[v] = true; m.Types[v].DType.IsFloat() {
					return v
				}
			}
		}
	}
	return ir.None
}
