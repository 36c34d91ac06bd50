package op

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// stringSplit cuts texts at a delimiter, or at white space without one, into
// rows of as many parts as the longest has, and says how many each has.
var stringSplit = Op{
	Name: "StringSplit", MinIn: 1, Grad: zeroGrad,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		parts, counts := Type{DType: tensor.String}, Type{DType: tensor.Int64, Shape: in[0].Shape}
		if in[0].Shape != nil {
			parts.Shape = joinShapes(in[0].Shape, ir.Shape{ir.Symbol("")})
		}
		return []Type{parts, counts}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		words, err := texts(in[0])
		if err != nil {
			return nil, err
		}
		cuts := n.Attrs.Int("maxsplit", -1)
		split := func(s string) []string { return fieldsN(s, cuts) }
		if d := n.Attrs.Str("delimiter", ""); d != "" {
			split = func(s string) []string { return strings.SplitN(s, d, max(cuts, -1)+1) }
			if cuts < 0 {
				split = func(s string) []string { return strings.Split(s, d) }
			}
		}
		rows := mapTo(words, split)
		width := 0
		for _, r := range rows {
			width = max(width, len(r))
		}
		shape := append(slices.Clone(in[0].Shape()), width)
		if _, err := checkSize(shape); err != nil {
			return nil, err
		}
		parts := tensor.New(tensor.String, shape...)
		for i, r := range rows {
			copy(tensor.Data[string](parts)[i*width:], r)
		}
		counts := mapTo(rows, func(r []string) int64 { return int64(len(r)) })
		return []*tensor.Tensor{parts, tensor.Of(counts, in[0].Shape()...)}, nil
	},
}

// fieldsN is strings.Fields with at most n cuts, if n is not negative. White
// space within the last part stays.
func fieldsN(s string, n int) []string {
	if n < 0 {
		return strings.Fields(s)
	}
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 || len(out) == n {
			return append(out, s)
		}
		out, s = append(out, s[:end]), s[end:]
	}
	return out
}
