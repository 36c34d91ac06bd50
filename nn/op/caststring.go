package op

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/nn/tensor"
)

// fromStrings reads numbers as C and Python write them, "inf" and "nan" in any
// case included, and the truth values that toStrings writes.
func fromStrings(t *tensor.Tensor, to tensor.DType, r tensor.MiniRounding) (*tensor.Tensor, error) {
	words := mapTo(tensor.Data[string](t), func(s string) string {
		if digit, ok := map[string]string{"True": "1", "False": "0"}[s]; ok {
			return digit
		}
		return s
	})
	if to.IsInt() {
		if v, err := parseAll(words, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }); err == nil {
			return tensor.Of(v, t.Shape()...).Convert(to)
		}
	}
	v, err := parseAll(words, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	if err != nil {
		return nil, err
	}
	return convert(tensor.Of(v, t.Shape()...), to, r)
}

func parseAll[T any](words []string, parse func(string) (T, error)) ([]T, error) {
	out := make([]T, len(words))
	for i, s := range words {
		var err error
		if out[i], err = parse(strings.TrimSpace(s)); err != nil {
			return nil, fmt.Errorf("element %d, %q, is not a number", i, s)
		}
	}
	return out, nil
}

// toStrings writes the shortest digits that read back as the same number.
func toStrings(t *tensor.Tensor) (*tensor.Tensor, error) {
	v, err := t.Floats()
	if err != nil {
		return nil, err
	}
	out := make([]string, len(v))
	switch {
	case t.DType() == tensor.Bool:
		for i, x := range v {
			out[i] = map[bool]string{false: "False", true: "True"}[x != 0]
		}
	case t.DType() == tensor.Uint64:
		for i, x := range tensor.Data[uint64](t) {
			out[i] = strconv.FormatUint(x, 10)
		}
	case t.DType().IsInt():
		ints, err := t.Ints()
		if err != nil {
			return nil, err
		}
		for i, x := range ints {
			out[i] = strconv.Itoa(x)
		}
	default:
		bits := 32
		if t.DType() == tensor.Float64 {
			bits = 64
		}
		for i, x := range v {
			out[i] = formatFloat(x, bits)
		}
	}
	return tensor.Of(out, t.Shape()...), nil
}

// formatFloat writes "0.25", "3.0", "1e-05", "nan", "inf" as NumPy does.
func formatFloat(x float64, bits int) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 0):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(x, 'g', -1, bits)), "+")
	case x != 0 && (math.Abs(x) < 1e-4 || math.Abs(x) >= 1e16):
		return strconv.FormatFloat(x, 'e', -1, bits)
	}
	s := strconv.FormatFloat(x, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
