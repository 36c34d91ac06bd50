package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A moved is a value that is not made, because all that read it are matrix
// products, which find its elements in another value: from start on, with other
// strides, and times a number. So attention takes its queries, keys and values out
// of what one product has made of them all.
type moved struct {
	from    ir.ValueID
	start   int
	strides []int // per axis of the value that is not made
	scale   float32
}

// place returns where the elements of v are.
func (p *planner) place(v ir.ValueID) moved {
	if m, ok := p.moved[v]; ok {
		return m
	}
	return moved{from: v, strides: stridesOf(p.shape(v)), scale: 1}
}

// elude reports whether nothing needs to be computed for a node, since products
// can read what it reads; it notes where.
func (p *planner) elude(id ir.NodeID) bool {
	n := &p.g.Nodes[id]
	x := p.mover(n)
	if x == ir.None {
		return false
	}
	places := p.through(n, p.place(x))
	if places == nil {
		return false
	}
	for i, y := range n.Outputs {
		if y != ir.None && !p.readByProducts(y, places[i]) {
			return false
		}
	}
	for i, y := range n.Outputs {
		if y != ir.None {
			p.moved[y] = places[i]
		}
	}
	return true
}

// movers are the ONNX operators that strides can stand for, besides Mul.
var movers = []string{"Transpose", "Split", "Squeeze", "Unsqueeze", "Gather", "Div"}

// mover returns the value whose elements a node has as its own in other places, or
// times a number; None if it does something else.
func (p *planner) mover(n *ir.Node) ir.ValueID {
	x := n.Input(0)
	switch {
	case splitsHeads(n):
	case n.Domain != "":
		return ir.None
	case slices.Contains(movers, n.Op):
	case n.Op == "Mul":
		if x != ir.None && p.constant(x) != nil {
			x = n.Input(1)
		}
	default:
		return ir.None
	}
	if x == ir.None || !p.isFloat(x) || !p.isFloat(n.Outputs...) {
		return ir.None
	}
	return x
}

// through returns where the outputs of a node are if what it reads is at m; nil if
// strides cannot tell.
func (p *planner) through(n *ir.Node, m moved) []moved {
	switch n.Op {
	case "SplitHeads", "JoinHeadsGrad":
		x, y := p.shape(n.Inputs[0]), p.shape(n.Outputs[0])
		if len(x) != 3 || len(y) != 4 {
			return nil
		}
		m.strides = []int{m.strides[0], y[3] * m.strides[2], m.strides[1], m.strides[2]}
	case "Transpose":
		m.strides = permuted(m.strides, n.Attrs.Ints("perm"))
	case "Split":
		return p.splitPlaces(n, m)
	case "Squeeze", "Unsqueeze":
		m.strides = reshaped(m.strides, p.shape(n.Inputs[0]), p.shape(n.Outputs[0]))
	case "Gather":
		return p.gatherPlace(n, m)
	default:
		return p.scaledPlace(n, m)
	}
	return []moved{m}
}

// reshaped returns the strides behind a change of shape that adds or drops axes of
// extent 1.
func reshaped(strides, from, to []int) []int {
	out, next := make([]int, len(to)), 0
	for i, n := range to {
		if n == 1 {
			continue // never stepped along
		}
		for from[next] == 1 {
			next++
		}
		out[i] = strides[next]
		next++
	}
	return out
}

func (p *planner) splitPlaces(n *ir.Node, m moved) []moved {
	shape := p.shape(n.Inputs[0])
	axis, ok := axisOf(n.Attrs.Int("axis", 0), len(shape))
	if !ok {
		return nil
	}
	sizes, ok := p.splitSizes(n, axis, shape[axis])
	if !ok {
		return nil
	}
	places := make([]moved, len(sizes))
	for i, size := range sizes {
		places[i] = m
		m.start += size * m.strides[axis]
	}
	return places
}

// gatherPlace is of a Gather that picks one slice.
func (p *planner) gatherPlace(n *ir.Node, m moved) []moved {
	shape := p.shape(n.Inputs[0])
	axis, ok := axisOf(n.Attrs.Int("axis", 0), len(shape))
	index := p.g.Values[n.Inputs[1]].Const
	if !ok || index == nil || index.Rank() != 0 {
		return nil
	}
	at, err := indices(index, shape[axis])
	if err != nil {
		return nil
	}
	m.start += at[0] * m.strides[axis]
	m.strides = slices.Delete(slices.Clone(m.strides), axis, axis+1)
	return []moved{m}
}

// scaledPlace is of a product or quotient with a number.
func (p *planner) scaledPlace(n *ir.Node, m moved) []moved {
	if len(n.Inputs) != 2 || hasAxis(n) {
		return nil
	}
	number := n.Inputs[1]
	if n.Op == "Mul" && p.constant(number) == nil {
		number = n.Inputs[0]
	}
	x, ok := p.number(number)
	if n.Op == "Div" {
		x = 1 / x
	}
	m.scale *= float32(x)
	if a := math.Abs(float64(m.scale)); !ok || !(a >= 1e-6 && a <= 1e6) || len(p.shape(n.Outputs[0])) != len(m.strides) {
		return nil
	}
	return []moved{m}
}

// readByProducts reports whether nothing but matrix products that kernels compute
// read v, which is at m, be it by way of other values that are not made.
func (p *planner) readByProducts(v ir.ValueID, m moved) bool {
	if p.isShown(v) || len(p.uses[v]) == 0 {
		return false
	}
	for _, id := range p.uses[v] {
		n := &p.g.Nodes[id]
		if p.mover(n) == v {
			places := p.through(n, m)
			for i, y := range n.Outputs {
				if places == nil || y != ir.None && !p.readByProducts(y, places[i]) {
					return false
				}
			}
		} else if len(p.shape(v)) < 2 || !p.isProduct(id) {
			return false
		}
	}
	return true
}

// minAlpha is the least factor of a product that the kernels take, so that it stays
// a number with those of its operands.
const minAlpha = 1e-20

// isProduct reports whether a node is a matrix product of its first two inputs and
// nothing else, for which there is a kernel.
func (p *planner) isProduct(id ir.NodeID) bool {
	n := &p.g.Nodes[id]
	product := p.is(id, "MatMul") || p.is(id, "Gemm") && n.Input(2) == ir.None && math.Abs(n.Attrs.Float("alpha", 1)) >= minAlpha
	return product && p.isFloat(n.Inputs[0], n.Inputs[1], n.Outputs[0])
}
