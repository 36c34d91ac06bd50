package op_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestStrings has what the ONNX suite leaves out.
func TestStrings(t *testing.T) {
	vector := tensor.Vector[string]
	for _, c := range []struct {
		c    optest.Case
		want []*tensor.Tensor
	}{
		{optest.Case{Op: "StringConcat", In: []*tensor.Tensor{tensor.Of([]string{"a", "b"}, 2, 1), vector("x", "y")}},
			[]*tensor.Tensor{tensor.Of([]string{"ax", "ay", "bx", "by"}, 2, 2)}},
		{optest.Case{Op: "StringSplit", Attrs: ir.Pairs("maxsplit", 1), In: []*tensor.Tensor{vector(" a  b c ", "", " d")}, Outputs: 2},
			[]*tensor.Tensor{tensor.Of([]string{"a", "b c", "", "", "d", ""}, 3, 2), tensor.Vector[int64](2, 0, 1)}},
		{optest.Case{Op: "StringSplit", Attrs: ir.Pairs("maxsplit", 1, "delimiter", "--"), In: []*tensor.Tensor{vector("a--b--c", "")}, Outputs: 2},
			[]*tensor.Tensor{tensor.Of([]string{"a", "b--c", "", ""}, 2, 2), tensor.Vector[int64](2, 1)}},
		{optest.Case{Op: "StringSplit", Attrs: ir.Pairs("maxsplit", 0), In: []*tensor.Tensor{vector(" a b ")}, Outputs: 2},
			[]*tensor.Tensor{tensor.Of([]string{"a b"}, 1, 1), tensor.Vector[int64](1)}},
		{optest.Case{Op: "StringNormalizer", Attrs: ir.Pairs("case_change_action", "LOWER", "stopwords", []string{"ÄRGER"}), In: []*tensor.Tensor{vector("Ärger", "Öl")}},
			[]*tensor.Tensor{vector("öl")}},
		{optest.Case{Op: "RegexFullMatch", Attrs: ir.Pairs("pattern", "a|ab"), In: []*tensor.Tensor{vector("a", "ab", "abc", "a\n")}},
			[]*tensor.Tensor{tensor.Vector(true, true, false, false)}},
		{optest.Case{Op: "Cast", Attrs: ir.Pairs("to", 8), In: []*tensor.Tensor{tensor.Vector(true, false)}},
			[]*tensor.Tensor{vector("True", "False")}},
		{optest.Case{Op: "Cast", Attrs: ir.Pairs("to", 7), In: []*tensor.Tensor{vector("True", "False", "12")}},
			[]*tensor.Tensor{tensor.Vector[int64](1, 0, 12)}},
		{optest.Case{Op: "TfIdfVectorizer", Attrs: vectorizer("IDF"), In: []*tensor.Tensor{vector("a", "b", "a", "b", "c")}},
			[]*tensor.Tensor{tensor.Vector[float32](0, 2, 0.5, 3)}},
		{optest.Case{Op: "TfIdfVectorizer", Attrs: vectorizer("TFIDF"), In: []*tensor.Tensor{tensor.Of([]string{"a", "b", "a", "b", "b", "a"}, 2, 3)}},
			[]*tensor.Tensor{tensor.Of([]float32{0, 4, 0.5, 3, 0, 2, 0, 3}, 2, 4)}},
		{optest.Case{Op: "LabelEncoder", Domain: "ai.onnx.ml", Version: 2, Attrs: ir.Pairs("keys_floats", []float32{float32(math.NaN()), 0}, "values_strings", []string{"none", "zero"}),
			In: []*tensor.Tensor{tensor.Vector(float32(math.Copysign(0, -1)), float32(math.NaN()), 1)}}, []*tensor.Tensor{vector("zero", "none", "_Unused")}},
		{optest.Case{Op: "LabelEncoder", Domain: "ai.onnx.ml", Version: 2, Attrs: ir.Pairs("keys_int64s", []int{7, 8}, "values_floats", []float32{0.5, 1}, "default_float", 9.0),
			In: []*tensor.Tensor{tensor.Of([]int64{8, 7, 6, 7}, 2, 2)}}, []*tensor.Tensor{tensor.Of([]float32{1, 0.5, 9, 0.5}, 2, 2)}},
		{optest.Case{Op: "LabelEncoder", Domain: "ai.onnx.ml", Version: 1, Attrs: ir.Pairs("classes_strings", []string{"a", "b"}, "default_string", "?"),
			In: []*tensor.Tensor{tensor.Vector[int64](1, 2)}}, []*tensor.Tensor{vector("b", "?")}},
		{optest.Case{Op: "CategoryMapper", Domain: "ai.onnx.ml", Version: 1, Attrs: ir.Pairs("cats_strings", []string{"a", "b"}, "cats_int64s", []int{3, 4}, "default_int64", 5),
			In: []*tensor.Tensor{vector("b", "c")}}, []*tensor.Tensor{tensor.Vector[int64](4, 5)}},
	} {
		got := c.c.Eval(t)
		for i, want := range c.want {
			if !tensor.Equal(got[i], want) {
				t.Errorf("%v: output %d is %v, want %v", c.c, i, got[i], want)
			}
		}
		n := &ir.Node{Op: c.c.Op, Domain: c.c.Domain, Version: max(c.c.Version, 1), Attrs: c.c.Attrs, Inputs: make([]ir.ValueID, len(c.c.In)), Outputs: make([]ir.ValueID, len(got))}
		if err := optest.CheckTypes(n, c.c.In, got); err != nil {
			t.Error(err)
		}
	}
}

// vectorizer has the pool a, b, ab, ba.
func vectorizer(mode string) ir.Attrs {
	return ir.Pairs("mode", mode, "min_gram_length", 1, "max_gram_length", 2, "max_skip_count", 0,
		"ngram_counts", []int{0, 2}, "ngram_indexes", []int{1, 0, 2, 3}, "weights", []float32{2, 0, 0.5, 3}, "pool_strings", []string{"a", "b", "a", "b", "b", "a"})
}

// TestStringBombs asks for more than any text explains. Each must be refused at
// once.
func TestStringBombs(t *testing.T) {
	long := tensor.Of([]string{strings.Repeat("a,", 1<<16)}, 1)
	many := tensor.New(tensor.String, 1<<16)
	copy(tensor.Data[string](many), tensor.Data[string](long))
	for _, c := range []optest.Case{
		{Op: "StringConcat", In: []*tensor.Tensor{long, tensor.New(tensor.String, 1<<20)}},
		{Op: "StringSplit", Attrs: ir.Pairs("delimiter", ","), In: []*tensor.Tensor{many}},
		{Op: "RegexFullMatch", Attrs: ir.Pairs("pattern", "((((a{9}){9}){9}){9}){9}){9}"), In: []*tensor.Tensor{long}},
		{Op: "RegexFullMatch", Attrs: ir.Pairs("pattern", "(((ab){0,99}y){0,99}z?)*"), In: []*tensor.Tensor{long}},
		{Op: "RegexFullMatch", Attrs: ir.Pairs("pattern", "("), In: []*tensor.Tensor{long}},
		{Op: "TfIdfVectorizer", Attrs: ir.Pairs("mode", "TF", "ngram_indexes", []int{math.MaxInt64 - 1}, "pool_int64s", []int{1}, "ngram_counts", []int{0}), In: []*tensor.Tensor{tensor.Vector[int64](1)}},
		{Op: "TfIdfVectorizer", Attrs: ir.Pairs("mode", "TF", "ngram_indexes", []int{0}, "pool_int64s", []int{1}, "ngram_counts", []int{0}, "max_skip_count", 1<<40),
			In: []*tensor.Tensor{tensor.New(tensor.Int64, 1<<20)}},
	} {
		if err := evalError(c); err == nil {
			t.Errorf("%s with %v is computed", c.Op, c.Attrs)
		}
	}
}

// evalError returns the error of a case's node.
func evalError(c optest.Case) error {
	n := &ir.Node{Name: "n", Op: c.Op, Domain: c.Domain, Version: ir.LatestOpset, Attrs: c.Attrs}
	_, err := op.Eval(n, c.In)
	return err
}
