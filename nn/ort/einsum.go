package ort

import (
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
)

// lowerEinsumTo writes an Einsum whose output may have labels twice, for a
// diagonal, or labels that no operand has, along which it is repeated. An
// ellipsis becomes letters, and axes that are broadcast are summed or repeated.
func lowerEinsumTo(l *lowering, n *ir.Node) (ir.ValueID, error) {
	equation := strings.Join(strings.Fields(n.Attrs.Str("equation", "")), "")
	left, out, _ := strings.Cut(equation, "->")
	terms, operands, to := strings.Split(left, ","), slices.Clone(n.Inputs[1:]), l.shape(n.Outputs[0])
	e := &einsum{lowering: l, extents: map[rune]int{}, letters: unused(equation)}
	for i, v := range operands {
		terms[i] = e.lettered(terms[i], l.shape(v))
	}
	out = e.lettered(out, to)
	for i, v := range operands {
		terms[i], operands[i] = e.drop(terms[i], v)
	}
	made := "" // the labels of what Einsum can make
	for a, r := range out {
		if to[a] == e.extents[r] && !strings.ContainsRune(made, r) && strings.ContainsRune(strings.Join(terms, ""), r) {
			made += string(r)
		}
	}
	v := l.Op("Einsum", ir.Pairs("equation", strings.Join(terms, ",")+"->"+made), operands...)
	return e.spread(v, made, out, to), nil
}

// An einsum is the state of lowerEinsumTo.
type einsum struct {
	*lowering
	// extents of the labels, the larger one where an axis is broadcast.
	extents map[rune]int
	letters []byte // for the axes of an ellipsis, the last axis first
}

// unused lists the letters that an equation does not have.
func unused(equation string) []byte {
	var letters []byte
	for _, first := range "Aa" {
		for r := first; r < first+26; r++ {
			if !strings.ContainsRune(equation, r) {
				letters = append(letters, byte(r))
			}
		}
	}
	return letters
}

// lettered replaces the ellipsis of a term and notes the extents.
func (e *einsum) lettered(term string, shape []int) string {
	if before, after, ok := strings.Cut(term, "..."); ok {
		axes := slices.Clone(e.letters[:len(shape)-len(before)-len(after)])
		slices.Reverse(axes)
		term = before + string(axes) + after
	}
	for a, r := range term {
		e.extents[r] = max(e.extents[r], shape[a])
	}
	return term
}

// drop takes the axes off an operand that are broadcast.
func (e *einsum) drop(term string, v ir.ValueID) (string, ir.ValueID) {
	kept, shape := "", []int{}
	for a, r := range term {
		if d := e.shape(v)[a]; d == e.extents[r] {
			kept, shape = kept+string(r), append(shape, d)
		}
	}
	if kept == term {
		return term, v
	}
	return kept, e.reshape(v, shape...)
}

// spread repeats v, whose axes are labelled as made, along the labels that it
// does not have, and writes it to the diagonal where a label comes again.
func (e *einsum) spread(v ir.ValueID, made, labels string, to []int) ir.ValueID {
	left := len(made) // axes of v behind the one that the loop is at
	for a, r := range labels {
		first := strings.IndexRune(labels, r)
		if first == a && strings.ContainsRune(made, r) {
			left--
			continue
		}
		v = e.Op("Unsqueeze", nil, v, e.Ints(a))
		if first < a {
			shape := repeated(a+1+left, 1)
			shape[first], shape[a] = to[first], to[a]
			v = e.mul(v, e.numbers(identity(to[first], to[a]), shape...))
		}
	}
	return e.Op("Expand", nil, v, e.Ints(to...))
}

// identity is the matrix with ones on the diagonal.
func identity(rows, columns int) []float64 {
	m := make([]float64, rows*columns)
	for i := range min(rows, columns) {
		m[i*columns+i] = 1
	}
	return m
}
