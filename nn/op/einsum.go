package op

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Einsum(x...) sums products over labelled axes (Einstein's convention, as in
// NumPy): "bij,bjk->bik". A label twice in one operand is a diagonal, an
// ellipsis stands for axes that are broadcast.
//
// tomo.EinsumTo(shape, x...) is the same with an output of the given shape,
// whose labels may also repeat (a diagonal is written) or occur in no operand
// (the value is repeated). Every gradient of either is an EinsumTo, since
// Σ dy·Πx over all labels treats y and the operands alike.
var einsumOps = []Op{
	{
		Name: "Einsum", MinIn: 1,
		Infer: inferEinsum,
		Eval:  evalEinsum,
		Grad:  gradEinsum,
		Cost:  costEinsum,
	},
	{
		Name: "EinsumTo", Domain: Domain, MinIn: 2,
		Infer: shapedBy(0, 1),
		Eval:  evalEinsum,
		Grad:  gradEinsum,
		Cost:  costEinsum,
	},
}

// A label names an axis: a letter, or an axis of the ellipsis, counted from
// the last.
type label rune

const ellipsis label = 1 << 21 // beyond all runes

// An equation is what a node says: the terms of the operands and of the
// output, each a string of letters with at most one "...".
type equation struct {
	in  []string
	out string
}

func readEquation(n *ir.Node, operands int) (equation, error) {
	text := strings.Join(strings.Fields(n.Attrs.Str("equation", "")), "")
	left, right, explicit := strings.Cut(text, "->")
	e := equation{strings.Split(left, ","), right}
	if len(e.in) != operands {
		return e, fmt.Errorf("equation %q has %d terms for %d operands", text, len(e.in), operands)
	}
	for _, term := range append(slices.Clone(e.in), e.out) {
		letters := strings.Replace(term, "...", "", 1)
		for _, r := range letters {
			if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
				return e, fmt.Errorf("term %q of equation %q has the character %q; letters and one ... are allowed", term, text, r)
			}
		}
	}
	if !explicit {
		e.out = implicitOutput(e.in)
	}
	return e, nil
}

// implicitOutput is the ellipsis and the letters that occur once, sorted.
func implicitOutput(in []string) string {
	all := strings.Join(in, "")
	out := ""
	if strings.Contains(all, "...") {
		out = "..."
	}
	var once []rune
	for _, r := range strings.ReplaceAll(all, ".", "") {
		if strings.Count(all, string(r)) == 1 {
			once = append(once, r)
		}
	}
	slices.Sort(once)
	return out + string(once)
}

func (e equation) String() string { return strings.Join(e.in, ",") + "->" + e.out }

// labelsOf labels the axes of an operand of the given rank.
func labelsOf(term string, rank int) ([]label, error) {
	before, after, dots := strings.Cut(term, "...")
	free := rank - len(before) - len(after)
	if free < 0 || free > 0 && !dots {
		return nil, fmt.Errorf("term %q does not label the %d axes of its operand", term, rank)
	}
	var labels []label
	for _, r := range before {
		labels = append(labels, label(r))
	}
	for i := range free {
		labels = append(labels, ellipsis+label(free-1-i))
	}
	for _, r := range after {
		labels = append(labels, label(r))
	}
	return labels, nil
}

// outputLabels labels the output; its ellipsis is the longest of the operands.
func (e equation) outputLabels(in [][]label) []label {
	free := 0
	for _, labels := range in {
		for _, l := range labels {
			free = max(free, int(l-ellipsis)+1)
		}
	}
	rank := len(strings.Replace(e.out, "...", "", 1))
	if strings.Contains(e.out, "...") {
		rank += free
	}
	out, _ := labelsOf(e.out, rank) // the rank is right
	return out
}

// merge notes the extents of labelled axes. Extents of 1 are broadcast.
func merge(extents map[label]ir.Dim, labels []label, shape ir.Shape) error {
	for i, l := range labels {
		d, seen := extents[l]
		if !seen {
			extents[l] = shape[i]
			continue
		}
		common, ok := broadcastDim(d, shape[i])
		if !ok {
			return fmt.Errorf("axes of extents %v and %v have one label", d, shape[i])
		}
		extents[l] = common
	}
	return nil
}

func inferEinsum(n *ir.Node, in []Type) ([]Type, error) {
	e, err := readEquation(n, len(in))
	if err != nil {
		return nil, err
	}
	out := Type{DType: in[0].DType}
	extents := map[label]ir.Dim{}
	labels := make([][]label, len(in))
	for i, t := range in {
		if t.Shape == nil {
			return []Type{out}, nil
		}
		if labels[i], err = labelsOf(e.in[i], len(t.Shape)); err != nil {
			return nil, err
		}
		if err := merge(extents, labels[i], t.Shape); err != nil {
			return nil, err
		}
	}
	out.Shape = ir.Shape{}
	for _, l := range e.outputLabels(labels) {
		d, known := extents[l]
		if !known {
			return nil, fmt.Errorf("output %q of equation %q has a label that no operand has", e.out, e)
		}
		out.Shape = append(out.Shape, d)
	}
	return []Type{out}, nil
}

func evalEinsum(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if slices.Contains(in, nil) {
		return nil, fmt.Errorf("an operand is left out")
	}
	var shape []int
	if n.Op == "EinsumTo" {
		var err error
		if shape, err = shapeFrom(in[0]); err != nil {
			return nil, err
		}
		in = in[1:]
	} else {
		out, err := inferEinsum(n, mapTo(in, TypeOf))
		if err != nil {
			return nil, err
		}
		shape, _ = out[0].Shape.Ints()
		if _, err := checkSize(shape); err != nil {
			return nil, err
		}
	}
	e, err := readEquation(n, len(in))
	if err != nil {
		return nil, err
	}
	if err := sameElements(in...); err != nil {
		return nil, err
	}
	switch in[0].DType() {
	case tensor.Float32:
		return einsum[float32](e, in, shape)
	case tensor.Float64:
		return einsum[float64](e, in, shape)
	case tensor.Int32:
		return einsum[int32](e, in, shape)
	case tensor.Int64:
		return einsum[int64](e, in, shape)
	}
	return nil, errElements(in[0])
}

// gradEinsum exchanges the roles of the output and an operand.
func gradEinsum(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	first := 0
	if n.Op == "EinsumTo" {
		first = 1
	}
	operands := n.Inputs[first:]
	e, err := readEquation(n, len(operands))
	if err != nil {
		return nil, err
	}
	for i := range operands {
		if !g.Needs(first + i) {
			continue
		}
		back := equation{in: []string{e.out}, out: e.in[i]}
		inputs := []ir.ValueID{dy[0]}
		for k, v := range operands {
			if k != i {
				back.in, inputs = append(back.in, e.in[k]), append(inputs, v)
			}
		}
		attrs := ir.Pairs("equation", back.String())
		if g.isPlain(n, operands, i, back) {
			out[first+i] = g.Op("Einsum", attrs, inputs...)
		} else {
			out[first+i] = g.tomo("EinsumTo", attrs, append([]ir.ValueID{g.shapeOf(operands[i])}, inputs...)...)
		}
	}
	return out, nil
}

// isPlain reports whether ONNX's Einsum computes the gradient of operand i: its
// labels are distinct letters, and each is an axis of the same extent in the
// output or another operand.
func (g *Grad) isPlain(n *ir.Node, operands []ir.ValueID, i int, back equation) bool {
	if strings.Contains(back.String(), ".") {
		return false
	}
	shape := g.Type(operands[i]).Shape
	for a, r := range back.out {
		if shape == nil || strings.Count(back.out, string(r)) > 1 {
			return false
		}
		sources := append([]ir.ValueID{n.Outputs[0]}, slices.Delete(slices.Clone(operands), i, i+1)...)
		held := false
		for k, v := range sources {
			at := strings.IndexRune(back.in[k], r)
			if at < 0 {
				continue
			}
			s := g.Type(v).Shape
			if s == nil || !s[at].Same(shape[a]) {
				return false
			}
			held = true
		}
		if !held {
			return false
		}
	}
	return true
}
