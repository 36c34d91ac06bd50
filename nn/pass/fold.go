package pass

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

const (
	// foldLimit bounds a folded constant, unless it is at most foldGrowth
	// times as large as the constants it comes from: a repeated one would fill
	// memory to save little work.
	foldLimit  = 4 << 20
	foldGrowth = 4
)

// Fold returns g with every value that is the same in every run as a constant,
// and without the nodes that made them. The types are those that Infer found
// for g. Operators that draw random numbers are not folded, and neither are
// results of more than 4 MiB that are over four times the size of what they
// are computed from, nor large matrices that are transposed for products alone,
// nor sequences and optionals, which no file has constants for. A node that
// fails is left for the run to report.
//
// A memo shares folded constants with earlier calls; it may be nil.
func Fold(g *ir.Graph, types []op.Type, memo *Memo) *ir.Graph {
	f := &folding{g: g.Clone(), source: g, memo: memo, uses: g.Consumers()}
	f.types = append(f.types, types...)
	kept := f.g.Nodes[:0]
	for i := range g.Nodes {
		if n := g.Nodes[i]; !f.fold(&n) {
			kept = append(kept, n)
		}
	}
	f.g.Nodes = kept
	renumber(f.g)
	return f.g
}

func isContainer(t *tensor.Tensor) bool { return t != nil && t.DType().IsContainer() }

type folding struct {
	g     *ir.Graph
	types []op.Type
	memo  *Memo

	source *ir.Graph     // g as it was
	uses   [][]ir.NodeID // of source
}

// fold makes the outputs of n constant and reports whether it could.
func (f *folding) fold(n *ir.Node) bool {
	results := f.known(n)
	if results == nil && !f.isReadInPlace(n) {
		results = f.compute(n)
	}
	if results == nil || slices.ContainsFunc(results, isContainer) {
		return false
	}
	for i, v := range n.Outputs {
		if v != ir.None {
			f.types[v] = op.TypeOf(results[i])
			value := &f.g.Values[v]
			value.Const, value.DType, value.Shape = results[i], results[i].DType(), ir.ShapeOf(results[i])
		}
	}
	return true
}

// isReadInPlace reports whether a node transposes a large matrix for nothing but
// matrix products. They can read it as it is, and weights would take up their
// memory twice.
func (f *folding) isReadInPlace(n *ir.Node) bool {
	if n.Domain != "" || n.Op != "Transpose" || f.types[n.Inputs[0]].DType != tensor.Float32 {
		return false
	}
	bytes := size([]op.Type{f.types[n.Inputs[0]]})
	return bytes > smallMatrix && f.isReadByProducts(n.Outputs[0])
}

// smallMatrix is how many bytes a matrix may take up twice.
const smallMatrix = 64 << 10

// isReadByProducts reports whether matrix products are all that read v, be it
// transposed again.
func (f *folding) isReadByProducts(v ir.ValueID) bool {
	if len(f.uses[v]) == 0 || slices.Contains(f.g.Outputs, v) || len(f.types[v].Shape) != 2 {
		return false
	}
	for _, id := range f.uses[v] {
		n := &f.source.Nodes[id]
		isProduct := n.Op == "MatMul" || n.Op == "Gemm" && n.Input(2) == ir.None
		if n.Domain != "" || !isProduct && !(n.Op == "Transpose" && f.isReadByProducts(n.Outputs[0])) {
			return false
		}
	}
	return true
}

// known returns the outputs if inference found all of them already, as it does
// for a Shape of something variable.
func (f *folding) known(n *ir.Node) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(n.Outputs))
	for i, v := range n.Outputs {
		if v == ir.None {
			continue
		}
		if out[i] = valueOf(f.types[v]); out[i] == nil {
			return nil
		}
	}
	return out
}

// compute runs the node if its inputs are constant and its results not too
// large.
func (f *folding) compute(n *ir.Node) []*tensor.Tensor {
	inputs := make([]op.Type, len(n.Inputs))
	for i, v := range n.Inputs {
		if v != ir.None {
			inputs[i] = f.types[v]
			inputs[i].Value = valueOf(inputs[i])
		}
	}
	outputs := make([]op.Type, len(n.Outputs))
	for i, v := range n.Outputs {
		if v != ir.None {
			outputs[i] = f.types[v]
		}
	}
	if !isFoldable(n, inputs) || !fits(outputs, max(foldLimit, foldGrowth*size(inputs))) {
		return nil
	}
	return f.memo.eval(n, values(inputs))
}

// valueOf returns the elements of a value if they are known, be it as a tensor
// or as extents, else nil.
func valueOf(t op.Type) *tensor.Tensor {
	if t.Value != nil {
		return t.Value
	}
	elements, ok := t.Ints()
	shape, settled := t.Shape.Ints()
	if n, err := tensor.NumElements(shape); !ok || !settled || err != nil || n != len(elements) {
		return nil
	}
	data := make([]int64, len(elements))
	for i, x := range elements {
		data[i] = int64(x)
	}
	value, err := tensor.Of(data, shape...).Convert(t.DType)
	if err != nil {
		return nil
	}
	return value
}

// isFoldable reports whether a node computes the same in every run.
func isFoldable(n *ir.Node, inputs []op.Type) bool {
	o := op.Lookup(n.Domain, n.Op)
	if o == nil || o.Eval == nil || o.Random || len(n.Subgraphs()) > 0 {
		return false
	}
	for i, v := range n.Inputs {
		if v != ir.None && inputs[i].Value == nil {
			return false
		}
	}
	return true
}

// values lists the constants, nil where an input is left out.
func values(types []op.Type) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(types))
	for i := range types {
		out[i] = types[i].Value
	}
	return out
}

// size sums the bytes of constants.
func size(types []op.Type) int {
	n := 0
	for _, t := range types {
		if t.Value != nil {
			n += t.Value.Bytes()
		}
	}
	return n
}

// fits reports whether no value is surely larger than limit bytes. A shape that
// is not known although all inputs are is that of a selection from the inputs.
func fits(types []op.Type, limit int) bool {
	for _, t := range types {
		shape, ok := t.Shape.Ints()
		if !ok {
			continue
		}
		n, err := tensor.NumElements(shape)
		if err != nil || n > limit/max(1, t.DType.Size()) {
			return false
		}
	}
	return true
}

// renumber sets the producers of all values after nodes were dropped, added or
// moved.
func renumber(g *ir.Graph) {
	for v := range g.Values {
		g.Values[v].Producer = ir.None
	}
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Outputs {
			if v != ir.None {
				g.Values[v].Producer = ir.NodeID(i)
			}
		}
	}
}
