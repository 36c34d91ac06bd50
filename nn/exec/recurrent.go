package exec

import (
	"reflect"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Recurrent layers with the activations that they have by default, and no
// clipping, peepholes or coupled gates, have kernels.
var (
	recurrentLowerings     = map[string]lowering{"LSTM": lowerRecurrent, "GRU": lowerRecurrent, "RNN": lowerRecurrent}
	recurrentGradLowerings = map[string]lowering{"LSTMGrad": lowerRecurrentGrad, "GRUGrad": lowerRecurrentGrad, "RNNGrad": lowerRecurrentGrad}
)

// A recurrence is a recurrent layer in a plan.
type recurrence struct {
	kernel.Recurrent
	n       *ir.Node
	in      []ir.ValueID // those of the layer, None where left out
	weights func(*run) []*kernel.RecurrentWeights
}

// recurrence reads the layer of a node, or of the gradient of one; kind is the
// operator of the layer. It reports false where there is no kernel.
func (p *planner) recurrence(n *ir.Node, kind string) (*recurrence, bool) {
	l := &recurrence{n: n, in: layerInputs(n, kind)}
	cell, ok := recurrentCell(n, kind)
	float := slices.Delete(slices.Clone(l.in), op.LayerLengths, op.LayerLengths+1)
	if !ok || l.in[op.LayerP] != ir.None || !p.isFloat(float...) || !p.sequencesAreFull(l) {
		return nil, false
	}
	x, r := p.shape(l.in[op.LayerX]), p.shape(l.in[op.LayerR])
	l.Recurrent = kernel.Recurrent{Cell: cell, Steps: x[0], Batch: x[1], Inputs: x[2], Hidden: r[2], BatchFirst: n.Attrs.Bool("layout", false)}
	if l.BatchFirst {
		l.Steps, l.Batch = l.Batch, l.Steps
	}
	var err error
	if l.Reverse, err = op.Directions(n); err != nil {
		return nil, false
	}
	l.weights = p.recurrentWeights(l)
	return l, elementsOf(x) > 0 && l.Hidden > 0
}

// layerInputs lists the inputs of the layer, all there can be.
func layerInputs(n *ir.Node, kind string) []ir.ValueID {
	in := make([]ir.ValueID, op.LayerP+1)
	for i := range in {
		if in[i] = n.Input(i); i >= op.LayerInputs(kind) {
			in[i] = ir.None
		}
	}
	return in
}

// recurrentCell returns what the layer does in a step, if there is a kernel.
func recurrentCell(n *ir.Node, kind string) (kernel.RecurrentCell, bool) {
	if n.Attrs.Float("clip", 0) != 0 || n.Attrs.Bool("input_forget", false) {
		return 0, false
	}
	acts := n.Attrs.Strs("activations")
	all := func(list ...string) bool {
		for i, a := range acts {
			if !strings.EqualFold(a, list[i%len(list)]) {
				return false
			}
		}
		return true
	}
	switch {
	case kind == "LSTM":
		return kernel.LSTM, all("Sigmoid", "Tanh", "Tanh")
	case kind == "GRU" && n.Attrs.Bool("linear_before_reset", false):
		return kernel.GRULinear, all("Sigmoid", "Tanh")
	case kind == "GRU":
		return kernel.GRU, all("Sigmoid", "Tanh")
	case all("Tanh"):
		return kernel.RNNTanh, true
	}
	return kernel.RNNRelu, all("Relu")
}

// sequencesAreFull reports whether the lengths of the sequences, if given, are
// constant and the number of steps.
func (p *planner) sequencesAreFull(l *recurrence) bool {
	v := l.in[op.LayerLengths]
	if v == ir.None {
		return true
	}
	lengths, ok := p.types[v].Ints()
	x := p.shape(l.in[op.LayerX])
	steps := x[0]
	if l.n.Attrs.Bool("layout", false) {
		steps = x[1]
	}
	return ok && !slices.ContainsFunc(lengths, func(n int) bool { return n != steps })
}

// recurrentWeights returns what finds the weights of each direction in a run;
// constant ones are prepared once.
func (p *planner) recurrentWeights(l *recurrence) func(*run) []*kernel.RecurrentWeights {
	prepare := func(w, r, b []float32) *[]*kernel.RecurrentWeights {
		var list []*kernel.RecurrentWeights
		part := func(v []float32, d int) []float32 {
			size := len(v) / len(l.Reverse)
			if v == nil {
				return nil
			}
			return v[d*size : (d+1)*size]
		}
		for d := range l.Reverse {
			list = append(list, l.Weights(part(w, d), part(r, d), part(b, d)))
		}
		return &list
	}
	w, r, b := p.constant(l.in[op.LayerW]), p.constant(l.in[op.LayerR]), (*tensor.Tensor)(nil)
	var bias []float32
	if v := l.in[op.LayerB]; v != ir.None {
		if b = p.constant(v); b != nil {
			bias = b.F32()
		}
	}
	if w == nil || r == nil || l.in[op.LayerB] != ir.None && b == nil {
		return func(run *run) []*kernel.RecurrentWeights {
			return *prepare(run.in(l.in[op.LayerW]), run.in(l.in[op.LayerR]), run.maybe(l.in[op.LayerB]))
		}
	}
	how := recurrentHow{l.Cell, l.Batch > 1, len(l.Reverse)}
	list := packed(p.packs, how, func() *[]*kernel.RecurrentWeights { return prepare(w.F32(), r.F32(), bias) }, w, r, b)
	return func(*run) []*kernel.RecurrentWeights { return *list }
}

// recurrentHow tells apart the prepared forms of weights.
type recurrentHow struct {
	cell       kernel.RecurrentCell
	batch      bool
	directions int
}

// lowerRecurrent lowers a layer. If its gradient is in the plan too, it keeps
// what that needs.
func lowerRecurrent(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	l, ok := p.recurrence(n, n.Op)
	if !ok || !p.isFloat(n.Outputs...) {
		return nil, 0
	}
	kept, keeps := p.keepTrace(n)
	y, h, c := n.Output(0), n.Output(1), n.Output(2)
	return &stage{
		reads: given(l.in), writes: given(n.Outputs),
		run: func(r *run) error {
			last := kernel.RecurrentStates{H: r.maybeOut(h), C: r.maybeOut(c)}
			trace := l.Forward(r.team, l.weights(r), r.in(l.in[op.LayerX]), r.maybeOut(y), l.first(r), last)
			if keeps {
				r.local[kept] = trace
			}
			return nil
		},
	}, id
}

func (l *recurrence) first(r *run) kernel.RecurrentStates {
	return kernel.RecurrentStates{H: r.maybe(l.in[op.LayerH]), C: r.maybe(l.in[op.LayerC])}
}

// given drops what is left out.
func given(ids []ir.ValueID) []ir.ValueID {
	return slices.DeleteFunc(slices.Clone(ids), func(v ir.ValueID) bool { return v == ir.None })
}

// keepTrace reserves a place for the trace of a layer whose gradient follows.
func (p *planner) keepTrace(n *ir.Node) (place int, ok bool) {
	for i := range p.g.Nodes {
		if m := &p.g.Nodes[i]; m.Domain == op.Domain && m.Op == n.Op+"Grad" && sameLayer(n, m) {
			place = p.newLocal()
			p.traces[n] = place
			return place, true
		}
	}
	return 0, false
}

// keptTrace finds the place where the layer of a gradient leaves its trace.
func (p *planner) keptTrace(n *ir.Node) (place int, ok bool) {
	for layer, place := range p.traces {
		if n.Op == layer.Op+"Grad" && sameLayer(layer, n) {
			return place, true
		}
	}
	return 0, false
}

func sameLayer(layer, gradient *ir.Node) bool {
	return slices.Equal(layerInputs(layer, layer.Op), layerInputs(gradient, layer.Op)) && reflect.DeepEqual(layer.Attrs, gradient.Attrs)
}
