package exec

import (
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
)

// lowerRecurrentGrad lowers the way back through time. It runs the layer again
// unless that is in the plan and has kept what it computed.
func lowerRecurrentGrad(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	name := strings.TrimSuffix(n.Op, "Grad")
	l, ok := p.recurrence(n, name)
	if !ok {
		return nil, 0
	}
	dy, last, to := p.recurrentGrads(n, name)
	if !p.isFloat(dy, last[0], last[1]) || !p.isFloat(to...) {
		return nil, 0
	}
	kept, keeps := p.keptTrace(n)
	return &stage{
		reads: given(append(l.in, dy, last[0], last[1])), writes: given(to),
		run: func(r *run) error {
			x, weights := r.in(l.in[op.LayerX]), l.weights(r)
			var trace kernel.RecurrentTrace
			if keeps {
				trace, r.local[kept] = r.local[kept].(kernel.RecurrentTrace), nil
			} else {
				trace = l.Forward(r.team, weights, x, nil, l.first(r), kernel.RecurrentStates{})
			}
			grads := kernel.RecurrentGrads{
				X: r.maybeOut(to[op.LayerX]), W: r.maybeOut(to[op.LayerW]), R: r.maybeOut(to[op.LayerR]), B: r.maybeOut(to[op.LayerB]),
				First: kernel.RecurrentStates{H: r.maybeOut(to[op.LayerH]), C: r.maybeOut(to[op.LayerC])},
			}
			end := kernel.RecurrentStates{H: r.maybe(last[0]), C: r.maybe(last[1])}
			l.Backward(r.team, weights, trace, x, r.maybe(dy), end, grads)
			return nil
		},
	}, id
}

// recurrentGrads returns the gradients of the outputs, and where those of the
// inputs go, as far as somebody reads them.
func (p *planner) recurrentGrads(n *ir.Node, name string) (dy ir.ValueID, last [2]ir.ValueID, to []ir.ValueID) {
	first := op.LayerInputs(name)
	dy, last = n.Input(first), [2]ir.ValueID{n.Input(first + 1), ir.None}
	if name == "LSTM" {
		last[1] = n.Input(first + 2)
	}
	to = make([]ir.ValueID, op.LayerP+1)
	for i := range to {
		to[i] = ir.None
		if v := n.Output(i); i < first && v != ir.None && (p.fetched[v] || len(p.uses[v]) > 0) {
			to[i] = v
		}
	}
	return dy, last, to
}
