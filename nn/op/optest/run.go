package optest

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Run computes every value of a graph whose nodes are in order, one node at a
// time, and checks each node's outputs against its inferred types.
func Run(g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor) (map[ir.ValueID]*tensor.Tensor, error) {
	values := map[ir.ValueID]*tensor.Tensor{}
	for i := range g.Values {
		if t := g.Values[i].Const; t != nil {
			values[ir.ValueID(i)] = t
		}
	}
	for v, t := range feeds {
		values[v] = t
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		in := make([]*tensor.Tensor, len(n.Inputs))
		for k, v := range n.Inputs {
			in[k] = values[v]
		}
		out, err := op.Eval(n, in)
		if err != nil {
			return nil, err
		}
		if err := CheckTypes(n, in, out); err != nil {
			return nil, err
		}
		for k, v := range n.Outputs {
			if v != ir.None && k < len(out) {
				values[v] = out[k]
			}
		}
	}
	return values, nil
}

// CheckTypes errs unless the types that the operator infers agree with the
// outputs it computed, whether it is told the elements of the inputs, only
// their shapes, only their ranks, or nothing.
func CheckTypes(n *ir.Node, in, out []*tensor.Tensor) error {
	for _, know := range []func(*tensor.Tensor) op.Type{op.TypeOf, onlyShape, onlyRank, onlyElementType} {
		types := make([]op.Type, len(in))
		for i, t := range in {
			if t != nil {
				types[i] = know(t)
			}
		}
		got, err := op.Infer(n, types)
		if err != nil {
			return err
		}
		if err := agree(n, got, out); err != nil {
			return err
		}
	}
	return nil
}

func onlyShape(t *tensor.Tensor) op.Type {
	return op.Type{DType: t.DType(), Shape: ir.ShapeOf(t), Elem: elements(t, onlyShape)}
}

func onlyRank(t *tensor.Tensor) op.Type {
	shape := make(ir.Shape, t.Rank())
	for i, d := range t.Shape() {
		// Equal extents get equal symbols, as a batch has in a model.
		shape[i] = ir.Symbol(fmt.Sprintf("n%d", d))
	}
	return op.Type{DType: t.DType(), Shape: shape, Elem: elements(t, onlyRank)}
}

func onlyElementType(t *tensor.Tensor) op.Type {
	return op.Type{DType: t.DType(), Elem: elements(t, onlyElementType)}
}

// elements is what is known of every element of a container.
func elements(t *tensor.Tensor, know func(*tensor.Tensor) op.Type) *op.Type {
	var common *op.Type
	for _, e := range t.Elements() {
		typ := know(e)
		if common != nil {
			typ = op.Join(*common, typ)
		}
		common = &typ
	}
	return common
}

func agree(n *ir.Node, types []op.Type, out []*tensor.Tensor) error {
	for i, t := range out {
		if t == nil || n.Output(i) == ir.None {
			continue
		}
		if i >= len(types) {
			return fmt.Errorf("node %q (%s): no type inferred for output %d", n.Name, n.Op, i)
		}
		if d := types[i].DType; d != t.DType() {
			return fmt.Errorf("node %q (%s): output %d is %v, inferred %v", n.Name, n.Op, i, t, d)
		}
		for _, e := range t.Elements() {
			if elem := types[i].Elem; elem != nil && (elem.DType != e.DType() || !fits(elem.Shape, e.Shape())) {
				return fmt.Errorf("node %q (%s): output %d holds %v, inferred %v%v", n.Name, n.Op, i, e, elem.DType, elem.Shape)
			}
		}
		if !fits(types[i].Shape, t.Shape()) || !holds(types[i], t) {
			return fmt.Errorf("node %q (%s): output %d is %v, inferred shape %v, extents %v", n.Name, n.Op, i, t, types[i].Shape, types[i].Extents)
		}
	}
	return nil
}

// fits reports whether shape, in which the symbol "n3" stands for 3, agrees
// with the extents.
func fits(shape ir.Shape, extents []int) bool {
	if shape == nil {
		return true
	}
	if len(shape) != len(extents) {
		return false
	}
	for i, d := range shape {
		var n int
		if d.IsKnown() && d.N != extents[i] {
			return false
		}
		if _, err := fmt.Sscanf(d.Sym, "n%d", &n); err == nil && fmt.Sprintf("n%d", n) == d.Sym && n != extents[i] {
			return false
		}
	}
	return true
}

// holds reports whether the elements inferred are those computed.
func holds(typ op.Type, t *tensor.Tensor) bool {
	if typ.Value != nil && !tensor.Equal(typ.Value, t) {
		return false
	}
	if typ.Extents == nil {
		return true
	}
	v, err := t.Ints()
	if err != nil || len(v) != len(typ.Extents) {
		return false
	}
	for i, d := range typ.Extents {
		if d.IsKnown() && d.N != v[i] {
			return false
		}
	}
	return true
}
