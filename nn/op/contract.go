package op

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A labelled is an operand of Einsum: elements whose axes have labels.
type labelled[T number] struct {
	data   []T
	labels []label
	shape  []int
}

// einsum contracts the operands from left to right, two at a time, and sums
// over a label as soon as nothing to the right has it.
func einsum[T number](e equation, in []*tensor.Tensor, shape []int) ([]*tensor.Tensor, error) {
	extents := map[label]ir.Dim{}
	terms := make([]labelled[T], len(in))
	for i, t := range in {
		labels, err := labelsOf(e.in[i], t.Rank())
		if err != nil {
			return nil, err
		}
		if err := merge(extents, labels, ir.ShapeOf(t)); err != nil {
			return nil, err
		}
		terms[i] = labelled[T]{tensor.Data[T](t), labels, t.Shape()}
	}
	outLabels, err := labelsOf(e.out, len(shape))
	if err != nil {
		return nil, err
	}
	if err := merge(extents, outLabels, ir.Dims(shape...)); err != nil {
		return nil, err
	}
	acc := labelled[T]{data: []T{1}}
	for i := range terms {
		term, err := sumAlone(terms, i, outLabels)
		if err != nil {
			return nil, err
		}
		kept := keptLabels(acc, term, terms[i+1:], outLabels)
		size := mapTo(kept, func(l label) int { return extents[l].N })
		if i == len(terms)-1 {
			kept, size = outLabels, shape
		}
		if _, err := checkSize(size); err != nil {
			return nil, err
		}
		acc = contract(acc, term, kept, size, extents)
	}
	return one(tensor.Of(acc.data, shape...))
}

// sumAlone sums term i over the labels that nothing else has, before they
// would be multiplied with the labels of other terms.
func sumAlone[T number](terms []labelled[T], i int, out []label) (labelled[T], error) {
	unit, term := labelled[T]{data: []T{1}}, terms[i]
	others := slices.Delete(slices.Clone(terms), i, i+1)
	kept := keptLabels(unit, term, others, out)
	if len(kept) == len(term.labels) {
		return term, nil
	}
	// Its own extents: an axis that is broadcast against others stays 1.
	own := map[label]ir.Dim{}
	for a, l := range term.labels {
		own[l] = ir.Known(max(own[l].N, term.shape[a]))
	}
	size := mapTo(kept, func(l label) int { return own[l].N })
	if _, err := checkSize(size); err != nil {
		return term, err
	}
	return contract(unit, term, kept, size, own), nil
}

// keptLabels are those of a and b that a later term or the output has.
func keptLabels[T number](a, b labelled[T], later []labelled[T], out []label) []label {
	var kept []label
	for _, l := range append(slices.Clone(a.labels), b.labels...) {
		needed := slices.Contains(out, l)
		for _, t := range later {
			needed = needed || slices.Contains(t.labels, l)
		}
		if needed && !slices.Contains(kept, l) {
			kept = append(kept, l)
		}
	}
	return kept
}

// contract sums the products of a and b over all labels that the output does
// not have.
func contract[T number](a, b labelled[T], labels []label, shape []int, extents map[label]ir.Dim) labelled[T] {
	out := labelled[T]{make([]T, product(shape)), labels, shape}
	loops := contraction(a, b, out, extents)
	if !slices.ContainsFunc(loops, func(l loop) bool { return l.n == 0 }) {
		runLoops(loops, a.data, b.data, out.data)
	}
	return out
}

// A loop runs over one label: its extent and the steps in both operands and in
// the output.
type loop struct{ n, a, b, out int }

// contraction lists the loops, the output's last label innermost, so that rows
// are added to rows.
func contraction[T number](a, b, out labelled[T], extents map[label]ir.Dim) []loop {
	var order []label
	for _, l := range slices.Concat(out.labels, a.labels, b.labels) {
		if !slices.Contains(order, l) {
			order = append(order, l)
		}
	}
	if n := len(out.labels); n > 0 {
		last := out.labels[n-1]
		at := slices.Index(order, last)
		order = append(slices.Delete(order, at, at+1), last)
	}
	loops := make([]loop, len(order))
	for i, l := range order {
		loops[i] = loop{extents[l].N, a.step(l), b.step(l), out.step(l)}
	}
	if len(loops) == 0 {
		return []loop{{n: 1}}
	}
	return loops
}

// step is how far neighbours along a label lie apart; a label that occurs
// twice walks the diagonal, and an extent of 1 is repeated.
func (t labelled[T]) step(l label) int {
	step := 0
	for i, s := range stridesOf(t.shape) {
		if t.labels[i] == l && t.shape[i] != 1 {
			step += s
		}
	}
	return step
}

func runLoops[T number](loops []loop, a, b, out []T) {
	l := loops[0]
	if len(loops) > 1 {
		for i := range l.n {
			runLoops(loops[1:], a[i*l.a:], b[i*l.b:], out[i*l.out:])
		}
		return
	}
	for i := range l.n {
		out[i*l.out] += a[i*l.a] * b[i*l.b]
	}
}

// costEinsum counts the products of contracting from left to right; a single
// operand is summed only.
func costEinsum(n *ir.Node, in, out []Type) Cost {
	shape, ok := opt(out, 0).Shape.Ints()
	if n.Op == "EinsumTo" {
		in = in[1:]
	}
	e, err := readEquation(n, len(in))
	if err != nil || !ok {
		return Cost{}
	}
	extents := map[label]ir.Dim{}
	terms := make([]labelled[float32], len(in))
	for i, t := range in {
		extent, ok := t.Shape.Ints()
		labels, err := labelsOf(e.in[i], len(extent))
		if err != nil || !ok || merge(extents, labels, t.Shape) != nil {
			return Cost{}
		}
		terms[i] = labelled[float32]{labels: labels, shape: extent}
	}
	outLabels, err := labelsOf(e.out, len(shape))
	if err != nil || merge(extents, outLabels, ir.Dims(shape...)) != nil {
		return Cost{}
	}
	return pairwiseCost(terms, outLabels, extents)
}

func pairwiseCost(terms []labelled[float32], out []label, extents map[label]ir.Dim) Cost {
	var total Cost
	acc := terms[0]
	for i, term := range terms[1:] {
		pair := int64(1)
		for _, l := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(acc.labels, term.labels)))) {
			pair *= int64(extents[l].N)
		}
		total.MACs += pair
		acc = labelled[float32]{labels: keptLabels(acc, term, terms[i+2:], out)}
	}
	if len(terms) == 1 {
		return Cost{FLOPs: int64(product(terms[0].shape))}
	}
	return products(total.MACs)
}
