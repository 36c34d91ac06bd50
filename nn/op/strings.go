package op

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var stringOps = []Op{stringConcat, stringSplit, stringNormalizer, regexFullMatch, tfIdfVectorizer}

// maxText bounds the bytes of the texts that one operator makes: joining a text
// with itself a few times over would fill any memory.
const maxText = 1 << 30

// texts returns the elements of a tensor of strings.
func texts(t *tensor.Tensor) ([]string, error) {
	if t.DType() != tensor.String {
		return nil, errElements(t)
	}
	return tensor.Data[string](t), nil
}

// stringConcat joins strings element by element, with broadcasting.
var stringConcat = Op{
	Name: "StringConcat", MinIn: 2, Grad: zeroGrad,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		shape, err := broadcastDims(in[0].Shape, in[1].Shape)
		return []Type{{DType: tensor.String, Shape: shape}}, err
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		for _, t := range in[:2] {
			if _, err := texts(t); err != nil {
				return nil, err
			}
		}
		shape, err := broadcastShapes(in[0].Shape(), in[1].Shape())
		if err != nil {
			return nil, err
		}
		if n := joinedBytes(in[0], shape) + joinedBytes(in[1], shape); n > maxText {
			return nil, fmt.Errorf("the joined texts would take %g bytes, more than %d", n, maxText)
		}
		return zip(in[0], in[1], func(a, b string) string { return a + b })
	},
}

// joinedBytes is how many bytes the texts of t take when they are repeated to
// fill a shape.
func joinedBytes(t *tensor.Tensor, shape []int) float64 {
	n := 0
	for _, s := range tensor.Data[string](t) {
		n += len(s)
	}
	return float64(n) * float64(product(shape)) / float64(max(t.Len(), 1))
}

// stringNormalizer takes out stop words and changes the case of the others, by
// Unicode's rules whatever the locale. Of nothing left it makes one empty text.
var stringNormalizer = Op{
	Name: "StringNormalizer", MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: tensor.String}
		if s := in[0].Shape; s != nil {
			if len(s) < 1 || len(s) > 2 {
				return nil, errWords(s)
			}
			out.Shape = slices.Clone(s)
			if last := len(s) - 1; len(n.Attrs.Strs("stopwords")) > 0 || s[last].N < 1 {
				out.Shape[last] = ir.Symbol("")
			}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		words, err := texts(in[0])
		if err != nil {
			return nil, err
		}
		shape := slices.Clone(in[0].Shape())
		if len(shape) < 1 || len(shape) > 2 || len(shape) == 2 && shape[0] != 1 {
			return nil, errWords(shape)
		}
		words, err = normalized(n, words)
		if err != nil {
			return nil, err
		}
		if len(words) == 0 {
			words = []string{""}
		}
		shape[len(shape)-1] = len(words)
		return one(tensor.Of(words, shape...))
	},
}

func errWords(shape any) error {
	return fmt.Errorf("words must have the shape [C] or [1, C], not %v", shape)
}

func normalized(n *ir.Node, words []string) ([]string, error) {
	same := func(s string) string { return s }
	change, fold := map[string]func(string) string{"NONE": same, "LOWER": strings.ToLower, "UPPER": strings.ToUpper}[n.Attrs.Str("case_change_action", "NONE")], same
	if change == nil {
		return nil, fmt.Errorf("case_change_action is %q and not NONE, LOWER or UPPER", n.Attrs.Str("case_change_action", ""))
	}
	if !n.Attrs.Bool("is_case_sensitive", false) {
		fold = strings.ToLower
	}
	stop := map[string]bool{}
	for _, w := range n.Attrs.Strs("stopwords") {
		stop[fold(w)] = true
	}
	var left []string
	for _, w := range words {
		if !stop[fold(w)] {
			left = append(left, change(w))
		}
	}
	return left, nil
}
