package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A tail is what a product takes along into the store of its result: a sum
// with another value and an activation. The values between are never made.
type tail struct {
	last     ir.NodeID // where the stage runs
	out      ir.ValueID
	residual ir.ValueID // None if there is no sum
	act      kernel.Activation
}

// isShown reports whether a value is needed beside what reads it.
func (p *planner) isShown(v ir.ValueID) bool { return p.fetched[v] || p.unfused }

// reader returns the only node that reads v, if nothing else needs it and the node
// reads it once, as an input.
func (p *planner) reader(v ir.ValueID) (ir.NodeID, bool) {
	if p.isShown(v) || len(p.uses[v]) != 1 || p.fused[p.uses[v][0]] {
		return ir.None, false
	}
	id := p.uses[v][0]
	times := 0
	for _, in := range p.g.Nodes[id].Reads() {
		if in == v {
			times++
		}
	}
	return id, times == 1 && slices.Contains(p.g.Nodes[id].Inputs, v)
}

// tail follows the value v that node id makes and takes along what reads it.
func (p *planner) tail(id ir.NodeID, v ir.ValueID) tail {
	t := tail{last: id, out: v, residual: ir.None}
	p.takeSum(&t)
	p.takeActivation(&t)
	return t
}

// takeSum takes along an Add of a value of the same shape.
func (p *planner) takeSum(t *tail) {
	id, ok := p.reader(t.out)
	if !ok || !p.is(id, "Add") {
		return
	}
	n := &p.g.Nodes[id]
	other := n.Inputs[0]
	if other == t.out {
		other = n.Inputs[1]
	}
	if p.isFloat(other, n.Outputs[0]) && slices.Equal(p.shape(other), p.shape(t.out)) && slices.Equal(p.shape(n.Outputs[0]), p.shape(t.out)) {
		t.residual = other
		p.take(t, n.Outputs[0], id)
	}
}

// takeActivation takes along an activation that nothing but it reads t.out.
func (p *planner) takeActivation(t *tail) {
	if p.isShown(t.out) {
		return
	}
	if m, ok := p.activation(t.out); ok && len(p.uses[t.out]) == m.readers {
		t.act = m.act
		p.take(t, m.out, m.nodes...)
	}
}

// take marks nodes as computed by the stage of t, which then makes out.
func (p *planner) take(t *tail, out ir.ValueID, nodes ...ir.NodeID) {
	for _, id := range nodes {
		p.fused[id] = true
		t.last = max(t.last, id)
	}
	t.out = out
}

// is reports whether a node that has not been taken is the ONNX operator op,
// with the broadcasting of today.
func (p *planner) is(id ir.NodeID, op string) bool {
	n := &p.g.Nodes[id]
	return n.Domain == "" && n.Op == op && !p.fused[id] && !hasAxis(n)
}

// hasAxis reports whether an elementwise operator from before opset 7 says
// itself which axes broadcast.
func hasAxis(n *ir.Node) bool { return n.Version < 7 && n.Attrs.Bool("broadcast", false) }

// epilogue returns what the kernels need to know of the tail. A residual whose
// memory the result takes is added to where it lies.
func (t *tail) epilogue(r *run) kernel.Epilogue {
	e := kernel.Epilogue{Act: t.act}
	if t.residual == ir.None {
		return e
	}
	residual, out := r.in(t.residual), r.out(t.out)
	if len(out) > 0 && &residual[0] == &out[0] {
		e.Accumulate = true
	} else {
		e.Residual = residual
	}
	return e
}

// reads lists the given values that are not left out, and the residual.
func (t *tail) reads(values ...ir.ValueID) []ir.ValueID {
	return slices.DeleteFunc(append(values, t.residual), func(v ir.ValueID) bool { return v == ir.None })
}

// over lists the residual.
func (t *tail) over() []ir.ValueID { return t.reads() }

// constant returns the elements of v if it is a float32 constant.
func (p *planner) constant(v ir.ValueID) *tensor.Tensor {
	if v == ir.None {
		return nil
	}
	if c := p.g.Values[v].Const; c != nil && c.DType() == tensor.Float32 {
		return c
	}
	return nil
}

// number returns the element of a constant of one element, and false if v is
// none.
func (p *planner) number(v ir.ValueID) (float64, bool) {
	if c := p.constant(v); c != nil && c.Len() == 1 {
		return float64(c.F32()[0]), true
	}
	return 0, false
}

// isNumber reports whether v is a constant of one element that is x to the
// precision of float32.
func (p *planner) isNumber(v ir.ValueID, x float64) bool {
	c, ok := p.number(v)
	return ok && math.Abs(c-x) <= 1e-6*math.Abs(x)
}
