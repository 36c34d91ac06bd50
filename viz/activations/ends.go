package activations

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/sketch"
)

// ends are the values at which an activation function is flat: a unit that is
// there most of the time hardly learns and tells little. A side that is open has
// an infinite end.
type ends struct {
	low, high float64
	// gated tells that the function lets through what is above zero, so that a
	// unit that never is says nothing.
	gated bool
}

// endsOf are those of a layer's activation function, or of the one that it
// alone goes into.
func endsOf(m *model.Model, l model.Layer) ends {
	n := &m.Net.Nodes[m.Net.Values[l.Value].Producer]
	if e, ok := endsOfNode(m, n); ok {
		return e
	}
	if next := m.Net.Consumers()[l.Value]; len(next) == 1 {
		e, _ := endsOfNode(m, &m.Net.Nodes[next[0]])
		return ends{math.Inf(-1), math.Inf(1), e.gated} // before the function there are no ends
	}
	return ends{math.Inf(-1), math.Inf(1), false}
}

var gates = []string{"Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Gelu", "Mish", "HardSwish", "Swish", "ThresholdedRelu"}

func endsOfNode(m *model.Model, n *ir.Node) (ends, bool) {
	open := ends{math.Inf(-1), math.Inf(1), false}
	switch n.Op {
	case "Sigmoid", "HardSigmoid":
		return ends{0, 1, false}, true
	case "Tanh", "Softsign":
		return ends{-1, 1, false}, true
	case "Clip":
		low, high := bound(m, n, "min", 1, open.low), bound(m, n, "max", 2, open.high)
		return ends{low, high, low == 0}, true
	}
	open.gated = slices.Contains(gates, n.Op)
	return open, open.gated
}

// bound reads a limit of Clip, which is an attribute before opset 11 and an
// input from then on.
func bound(m *model.Model, n *ir.Node, name string, input int, otherwise float64) float64 {
	if v := n.Input(input); v != ir.None {
		if c := m.Net.Values[v].Const; c != nil {
			if f, err := c.Floats(); err == nil && len(f) == 1 {
				return f[0]
			}
		}
		return otherwise
	}
	return n.Attrs.Float(name, otherwise)
}

// nearness is how near an end counts as being there: this share of the range
// between the ends, as a sigmoid nears them without reaching.
const nearness = 0.01

// saturation is the share of a unit's numbers that are at an end. The low end
// of a function that lets through what is above zero is rest, and does not
// count.
func (e ends) saturation(s *sketch.Sketch) float64 {
	near := nearness
	if d := e.high - e.low; !math.IsInf(d, 0) {
		near *= d
	}
	share := 0.0
	if !math.IsInf(e.high, 0) {
		share += s.Share(e.high-near, math.Inf(1))
	}
	if !math.IsInf(e.low, 0) && !e.gated {
		share += s.Share(math.Inf(-1), e.low+near)
	}
	return share
}

// saturated is the saturation from which on a unit is called so.
const saturated = 0.95

// dead says why a unit is, or is empty.
func (e ends) dead(s *sketch.Sketch) string {
	switch {
	case s.N == 0:
		return ""
	case s.Min == s.Max && s.NotReal == 0:
		return "dead: constant"
	case e.gated && s.Max <= 0:
		return "dead: never above 0"
	}
	return ""
}
