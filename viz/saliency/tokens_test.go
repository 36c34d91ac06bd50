package saliency

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// explainSequences runs the technique on arrays of tokens, as of a .npz.
func explainSequences(t *testing.T, m *model.Model, arrays map[string]*tensor.Tensor, v viz.Values) (*figure.Table, error) {
	t.Helper()
	in := &viz.Input{Model: m}
	for _, key := range []string{"attention_mask", "input_ids"} {
		if x := arrays[key]; x != nil {
			in.Images = append(in.Images, viz.Image{Name: "x.npz:" + key, Array: x})
		}
	}
	fig, err := Method.Run(t.Context(), in, v)
	if fig == nil {
		return nil, err
	}
	return fig.(*figure.Table), err
}

// column are the shares of the first sequence's tokens.
func column(table *figure.Table, k, tokens int) []float32 {
	var out []float32
	for _, row := range table.Rows[1 : 1+tokens] {
		out = append(out, float32(row.Cells[2+k].Value))
	}
	return out
}

// TestTokenReferences compares with Captum on a small BERT; see testdata/tokens.py.
func TestTokenReferences(t *testing.T) {
	m, arrays := peer(t, "tokens")
	for what, want := range arrays {
		if want.DType() != tensor.Float32 {
			continue // an input
		}
		method, against, _ := strings.Cut(what, "_")
		v := viz.Values{"method": {method}, "class": {"1"}, "steps": {"17"}}
		if against == "padding" {
			v["padding"] = []string{"7"}
		}
		table, err := explainSequences(t, m, arrays, v)
		if err != nil {
			t.Fatal(err)
		}
		tol := tolerance
		if method == "ig" {
			tol = iterated
		}
		near(t, what, column(table, 0, 8), want.F32(), tol)
	}
}

// TestEveryMethodTakesTokens: those that divide up the score add up to the same,
// and tokens that the mask hides get nothing but from random masks, and from the
// ridge of LIME.
func TestEveryMethodTakesTokens(t *testing.T) {
	m, arrays := peer(t, "tokens")
	var sums []float64
	for _, v := range Variant("").Choices() {
		table, err := explainSequences(t, m, arrays, viz.Values{"method": {v.Name}, "class": {"1"}, "queries": {"300"}, "steps": {"100"}})
		if v.Name == "guidedgradcam" {
			if !viz.IsUser(err) {
				t.Errorf("%s: %v", v.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		shares := column(table, 0, 8)
		if largest(shares) == 0 {
			t.Errorf("%s gives no token a share", v.Name)
		}
		if hidden := largest(shares[6:]); v.Name != "rise" && v.Name != "lime" && hidden > 1e-5*largest(shares) {
			t.Errorf("%s gives hidden tokens the share %v", v.Name, hidden)
		}
		if v.Name == "ig" || v.Name == "deeplift" || v.Name == "kernelshap" {
			sums = append(sums, table.Rows[0].Cells[2].Value)
		}
	}
	for _, sum := range sums {
		if math.Abs(sum-sums[0]) > 1e-3*math.Abs(sums[0]) {
			t.Errorf("shares add up to %v, which should all be the score less the baseline's", sums)
		}
	}
}

// TestSequencesAreCompleted: a mask that is not given hides nothing, and each of
// several sequences has a group of its own.
func TestSequencesAreCompleted(t *testing.T) {
	m, arrays := peer(t, "tokens")
	ids := arrays["input_ids"]
	all := tensor.Of([]int64{1, 1, 1, 1, 1, 1, 1, 1}, 1, 8)
	want, err := explainSequences(t, m, map[string]*tensor.Tensor{"input_ids": ids, "attention_mask": all}, nil)
	if err != nil {
		t.Fatal(err)
	}
	twice := tensor.New(tensor.Int32, 2, 8)
	for i := range 16 {
		tensor.Data[int32](twice)[i] = int32(tensor.Data[int64](ids)[i%8])
	}
	got, err := explainSequences(t, m, map[string]*tensor.Tensor{"input_ids": twice}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 18 || !strings.HasPrefix(got.Rows[9].Cells[0].Text, "x.npz:input_ids[1]: ") {
		t.Fatalf("%d rows, the second group is %+v", len(got.Rows), got.Rows[9])
	}
	near(t, "the mask", column(got, 0, 8), column(want, 0, 8), tolerance)
}

// TestWordsOfTokens reads the vocabulary beside the model.
func TestWordsOfTokens(t *testing.T) {
	_, arrays := peer(t, "tokens")
	folder := t.TempDir()
	raw, err := os.ReadFile("testdata/tokens.onnx")
	if err != nil {
		t.Fatal(err)
	}
	words := make([]string, 40)
	for i := range words {
		words[i] = fmt.Sprint("word", i)
	}
	for name, text := range map[string]string{"tokens.onnx": string(raw), "vocab.txt": strings.Join(words, "\r\n") + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := model.Open(filepath.Join(folder, "tokens.onnx"), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := explainSequences(t, m, arrays, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Rows[2].Cells[0].Text; got != "word17" {
		t.Errorf("token 17 is called %q", got)
	}
}

// TestWhatIsNoSequence is refused with a sentence.
func TestWhatIsNoSequence(t *testing.T) {
	m, arrays := peer(t, "tokens")
	ids := arrays["input_ids"]
	for _, c := range []struct {
		ids, mask *tensor.Tensor
		set       viz.Values
		says      string
	}{
		{tensor.Of([]int64{1, 40}, 2), nil, nil, "0 to 39"},
		{tensor.Of([]int64{-1, 4}, 2), nil, nil, "0 to 39"},
		{tensor.New(tensor.Int64, 1, 2, 3), nil, nil, "takes"},
		{ids, tensor.New(tensor.Int64, 1, 7), nil, "attention_mask"},
		{nil, arrays["attention_mask"], nil, "input_ids"},
		{tensor.New(tensor.Int64, 100_001, ids.Dim(1)), nil, nil, "100,001 inputs"},
		{ids, nil, viz.Values{"padding": {"40"}}, "0 to 39"},
		{ids, nil, viz.Values{"baseline": {"white"}}, "take zero"},
		{ids, nil, viz.Values{"compare": {"true"}}, "takes pictures"},
	} {
		given := map[string]*tensor.Tensor{"input_ids": c.ids, "attention_mask": c.mask}
		if _, err := explainSequences(t, m, given, c.set); !viz.IsUser(err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, %v: %v, which does not say %q", c.ids, c.set, err, c.says)
		}
	}
}
