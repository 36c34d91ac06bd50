package op

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// zeroGrad is the rule of operators whose gradient is zero wherever it is
// defined (Floor, Equal, Shape): nothing flows back.
func zeroGrad(_ *Grad, n *ir.Node, _ []ir.ValueID) ([]ir.ValueID, error) {
	return noGrads(n), nil
}

// noGrads returns the list a rule fills in: None for every input.
func noGrads(n *ir.Node) []ir.ValueID {
	out := make([]ir.ValueID, len(n.Inputs))
	for i := range out {
		out[i] = ir.None
	}
	return out
}

// sumTo sums the gradient dy of a broadcast value down to the shape of like;
// it adds nothing if the shapes are surely the same.
func (g *Grad) sumTo(dy, like, out ir.ValueID) ir.ValueID {
	if sameShape(g.Type(like).Shape, g.Type(out).Shape) {
		return dy
	}
	return g.Node(Domain, "SumTo", nil, 1, dy, like)[0]
}

func sameShape(a, b ir.Shape) bool {
	if a == nil || len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Same(b[i]) {
			return false
		}
	}
	return true
}

// unaryGrad is the rule of y = f(x) elementwise with dx = rule(x, y, dy).
func unaryGrad(rule func(g *Grad, x, y, dy ir.ValueID) ir.ValueID) GradFunc {
	return func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) && dy[0] != ir.None {
			out[0] = rule(g, n.Inputs[0], n.Outputs[0], dy[0])
		}
		return out, nil
	}
}

// scalar appends a constant of the element type of like, which broadcasts.
// like is a value of the forward graph, whose type is known; float32 otherwise.
func (g *Grad) scalar(v float64, like ir.ValueID) ir.ValueID {
	if d := g.Type(like).DType; d.IsFloat() {
		return g.Float(v, d)
	}
	return g.Float(v, tensor.Float32)
}
