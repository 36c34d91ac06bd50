package op

import (
	"fmt"
	"regexp"
	"regexp/syntax"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

const (
	// maxPattern bounds the instructions that a pattern is compiled to. Counted
	// repetitions multiply: "((a{99}){99}){99}" is a million.
	maxPattern = 1 << 16
	// maxMatching bounds the steps of matching, which takes up to as many as the
	// pattern has instructions for each byte: about a minute.
	maxMatching = 1 << 32
)

// regexFullMatch tells which texts a pattern matches as a whole. Go's regular
// expressions are RE2's (github.com/google/re2/wiki/Syntax).
var regexFullMatch = Op{
	Name: "RegexFullMatch", MinIn: 1, Grad: zeroGrad,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		return []Type{{DType: tensor.Bool, Shape: in[0].Shape}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		words, err := texts(in[0])
		if err != nil {
			return nil, err
		}
		bytes := 0
		for _, w := range words {
			bytes += len(w)
		}
		pattern, err := fullPattern(n.Attrs.Str("pattern", ""), bytes)
		if err != nil {
			return nil, err
		}
		return one(tensor.Of(mapTo(words, pattern.MatchString), in[0].Shape()...))
	},
}

// fullPattern compiles a pattern that is to match all of a text. It errs if
// matching that many bytes would take too long.
func fullPattern(pattern string, bytes int) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("the pattern: %w", err)
	}
	if size := instructions(parsed); size > maxPattern || size*float64(bytes) > maxMatching {
		return nil, fmt.Errorf("the pattern takes %.3g instructions, too many to match %d bytes with", size, bytes)
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

// instructions estimates how many instructions a pattern is compiled to.
func instructions(re *syntax.Regexp) float64 {
	size := float64(1 + len(re.Rune))
	for _, sub := range re.Sub {
		size += instructions(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= float64(max(re.Min+1, re.Max))
	}
	return size
}
