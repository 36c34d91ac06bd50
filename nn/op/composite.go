package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A BodyFunc writes a composite operator as simpler ones: it appends nodes that
// compute the outputs of n from the values in, None where one is left out. It
// sees attributes and which inputs and outputs there are, but no types.
type BodyFunc func(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error)

// Composite operators get the functions that follow from their bodies. This
// cannot be said where they are defined: the functions look operators up in
// the table that they are part of.
func init() {
	for _, family := range families() {
		for i := range family {
			if o := &family[i]; o.Body != nil {
				o.Infer, o.Eval, o.Grad, o.Cost = o.inferBody, o.evalBody, o.gradBody, o.costBody
				o.AnyType = true // the operators of the body widen on their own
			}
		}
	}
}

// Graph returns the body of a composite operator for one node, as a graph with
// the node's inputs and outputs.
func (o *Op) Graph(n *ir.Node) (*ir.Graph, error) {
	g := ir.New(n.Name)
	g.Opsets[""] = ir.LatestOpset
	in := make([]ir.ValueID, len(n.Inputs))
	for i := range in {
		in[i] = g.AddInput(fmt.Sprintf("input%d", i), tensor.Invalid, nil)
	}
	g.Inputs = in
	given := make([]ir.ValueID, len(in))
	for i, v := range in {
		if given[i] = v; n.Inputs[i] == ir.None {
			given[i] = ir.None
		}
	}
	var err error
	if g.Outputs, err = o.Body(ir.NewBuilder(g, ""), n, given); err != nil {
		return nil, err
	}
	return g, nil
}

func (o *Op) evalBody(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	m := *n
	m.Inputs = make([]ir.ValueID, len(in))
	for i, t := range in {
		if t == nil {
			m.Inputs[i] = ir.None
		}
	}
	g, err := o.Graph(&m)
	if err != nil {
		return nil, err
	}
	return throughBody(g, in, func(v *ir.Value) *tensor.Tensor { return v.Const }, Eval)
}

func (o *Op) inferBody(n *ir.Node, in []Type) ([]Type, error) {
	g, err := o.Graph(n)
	if err != nil {
		return nil, err
	}
	return throughBody(g, in, typeOfValue, Infer)
}

// costBody adds up the costs of the body's nodes.
func (o *Op) costBody(n *ir.Node, in, _ []Type) (total Cost) {
	g, err := o.Graph(n)
	if err != nil {
		return Cost{}
	}
	_, err = throughBody(g, in, typeOfValue, func(n *ir.Node, in []Type) ([]Type, error) {
		out, err := Infer(n, in)
		if part := Lookup(n.Domain, n.Op); err == nil && part.Cost != nil {
			c := part.Cost(n, in, out)
			total.MACs, total.FLOPs = total.MACs+c.MACs, total.FLOPs+c.FLOPs
		}
		return out, err
	})
	if err != nil {
		return Cost{}
	}
	return total
}

func typeOfValue(v *ir.Value) Type {
	if v.Const == nil {
		return Type{}
	}
	return TypeOf(v.Const)
}

// throughBody carries the inputs through the nodes of a body, as elements or as
// types.
func throughBody[T any](g *ir.Graph, in []T, source func(*ir.Value) T, step func(*ir.Node, []T) ([]T, error)) ([]T, error) {
	values := make([]T, len(g.Values))
	for i := range g.Values {
		values[i] = source(&g.Values[i])
	}
	for i, v := range g.Inputs {
		values[v] = in[i]
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		out, err := step(n, pick(values, n.Inputs))
		if err != nil {
			return nil, err
		}
		for k, v := range n.Outputs {
			if v != ir.None && k < len(out) {
				values[v] = out[k]
			}
		}
	}
	return pick(values, g.Outputs), nil
}

// pick returns the values with the given IDs, and the zero value for None.
func pick[T any](values []T, ids []ir.ValueID) []T {
	return mapTo(ids, func(v ir.ValueID) T {
		if v == ir.None || int(v) >= len(values) {
			var zero T
			return zero
		}
		return values[v]
	})
}
