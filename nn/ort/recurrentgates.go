package ort

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A gate is an activation of a recurrent layer.
type gate struct {
	name  string
	attrs ir.Attrs
}

// gateKnobs are the activations that ONNX allows there, with their parameters.
var gateKnobs = map[string][]string{
	"Relu": nil, "Tanh": nil, "Sigmoid": nil, "Softsign": nil, "Softplus": nil,
	"Affine": {"alpha", "beta"}, "ScaledTanh": {"alpha", "beta"}, "HardSigmoid": {"alpha", "beta"},
	"LeakyRelu": {"alpha"}, "ThresholdedRelu": {"alpha"}, "Elu": {"alpha"},
}

// defaultGates are the activations of a layer that does not say.
var defaultGates = map[string][]string{"RNN": {"Tanh"}, "GRU": {"Sigmoid", "Tanh"}, "LSTM": {"Sigmoid", "Tanh", "Tanh"}}

// gatesOf reads the attributes activations, activation_alpha and
// activation_beta: the functions of each direction. One that has an alpha uses
// up one of the list, and likewise for beta.
func gatesOf(n *ir.Node, kind string, directions int) ([][]gate, error) {
	defaults := defaultGates[kind]
	names := n.Attrs.Strs("activations")
	if len(names) == 0 {
		names = slices.Repeat(defaults, directions)
	}
	if len(names) != directions*len(defaults) {
		return nil, &UnsupportedError{n.Name, n.Op, fmt.Sprintf("it has %d activations", len(names))}
	}
	given := [][]float32{n.Attrs.Floats("activation_alpha"), n.Attrs.Floats("activation_beta")}
	out := make([][]gate, directions)
	for i, name := range names {
		g := gate{"", ir.Attrs{}}
		for known, knobs := range gateKnobs {
			if !strings.EqualFold(known, name) {
				continue
			}
			g.name = known
			for k, knob := range knobs {
				if len(given[k]) > 0 {
					g.attrs[knob], given[k] = ir.Attr{Value: given[k][0]}, given[k][1:]
				}
			}
		}
		if g.name == "" {
			return nil, &UnsupportedError{n.Name, n.Op, fmt.Sprintf("the activation %q is not known", name)}
		}
		out[i/len(defaults)] = append(out[i/len(defaults)], g)
	}
	return out, nil
}

// fire writes the activation of an argument.
func (g gate) fire(l *lowering, v ir.ValueID) ir.ValueID {
	switch a := g.attrs; g.name {
	case "Affine":
		return l.plus(l.times(v, a.Float("alpha", 1)), a.Float("beta", 0))
	case "ScaledTanh":
		return l.times(l.Op("Tanh", nil, l.times(v, a.Float("beta", 1))), a.Float("alpha", 1))
	}
	return l.Op(g.name, g.attrs, v)
}

// slope writes the derivative of an activation at its argument v, where it has
// the value y. Where the argument was clipped it is zero.
func (p *direction) slope(g gate, v, y ir.ValueID) ir.ValueID {
	at := v
	if g.name == "Relu" || g.name == "Sigmoid" || g.name == "Tanh" {
		at = y
	}
	s := slopes[g.name](p.lowering, at, g.attrs)
	if p.clip > 0 {
		s = p.where(p.less(p.Op("Abs", nil, v), p.clip), s, p.number(0))
	}
	return s
}

// clipped bounds the argument of a gate as the layer says.
func (p *direction) clipped(l *lowering, v ir.ValueID) ir.ValueID {
	if p.clip <= 0 {
		return v
	}
	return l.Op("Clip", nil, v, l.number(-p.clip), l.number(p.clip))
}
