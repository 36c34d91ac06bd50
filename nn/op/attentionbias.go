package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// What ONNX Runtime's attention operators add to their scores [batch, heads,
// queries, keys], as a tensor that broadcasts to them and is far smaller:
//
//	KeyBias(scores, mask?, past?) -> [batch or 1, 1, queries or 1, keys]
//	WindowBias(scores, last)      -> [batch, 1, queries, keys]
//
// Of the scores they read the shape only.
var attentionBiasOps = []Op{keyBias, windowBias}

// keyBias is mask_filter_value where the mask hides a key and, if causal, the
// least float32 for keys behind the query's own place, which begins behind the
// past ones. The mask holds integers:
//
//	[batch]                    keys that count, from the first
//	[2·batch]                  those, then the first that counts
//	[3·batch + 2]              those, then where sequences begin
//	[batch, keys]              0 hides; [batch or 1, 1] is none at all
//	[batch, queries, keys]     0 hides
//	[batch, 1, longest, longest]  0 hides, for places counted from the past
var keyBias = Op{
	Name: "KeyBias", Domain: Domain, MinIn: 1, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		s := in[0].Shape
		if s == nil {
			s = unknownExtents(4)
		}
		if len(s) != 4 {
			return nil, fmt.Errorf("the scores have shape %v, not four axes", s)
		}
		mask, causal := opt(in, 1), n.Attrs.Bool("causal", false)
		out := Type{DType: in[0].DType, Shape: ir.Shape{ir.Known(1), ir.Known(1), ir.Known(1), s[3]}}
		if mask.DType != tensor.Invalid {
			out.Shape[0] = s[0]
			if mask.Shape == nil {
				out.Shape[2] = ir.Symbol("")
			}
			if len(mask.Shape) > 2 {
				out.Shape[2] = s[2]
			}
		}
		if causal {
			out.Shape[2] = s[2]
		}
		return []Type{keyBiasValue(n, in, out)}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if in[0].Rank() != 4 {
			return nil, fmt.Errorf("the scores are %v, not of four axes", in[0])
		}
		s, past := in[0].Shape(), 0
		if p := opt(in, 2); p != nil && p.Rank() == 4 {
			past = p.Dim(2)
		}
		return addedToScores(n, in[0].DType(), s, past, opt(in, 1))
	},
}

// maxBias bounds the elements of a bias that inference makes, so that plans have
// it as a constant.
const maxBias = 1 << 20

// keyBiasValue adds the elements where shapes alone decide them.
func keyBiasValue(n *ir.Node, in []Type, out Type) Type {
	s, known := in[0].Shape.Ints()
	past := opt(in, 2)
	if opt(in, 1).DType != tensor.Invalid || !known || !out.DType.IsFloat() || past.DType != tensor.Invalid && past.Shape == nil {
		return out
	}
	shift := 0
	if len(past.Shape) == 4 {
		if !past.Shape[2].IsKnown() {
			return out
		}
		shift = past.Shape[2].N
	}
	if size, err := tensor.NumElements(s[2:]); err != nil || size > maxBias {
		return out
	}
	if t, err := addedToScores(n, out.DType, s, shift, nil); err == nil {
		out.Value = t[0]
	}
	return out
}

func addedToScores(n *ir.Node, dtype tensor.DType, s []int, past int, mask *tensor.Tensor) ([]*tensor.Tensor, error) {
	hides, err := keyMask(mask, s, past)
	if err != nil {
		return nil, err
	}
	causal, filter := n.Attrs.Bool("causal", false), n.Attrs.Float("mask_filter_value", -10000)
	shape := []int{1, 1, 1, s[3]}
	if mask != nil {
		shape[0] = s[0]
	}
	if causal || mask != nil && mask.Rank() > 2 {
		shape[2] = s[2]
	}
	size, err := checkSize(shape)
	if err != nil || size == 0 {
		return emptyOf(dtype, shape, err)
	}
	bias := make([]float64, size)
	for i := range bias {
		batch, query, key := i/(shape[2]*s[3]), i/s[3]%shape[2], i%s[3]
		switch {
		case causal && key > past+query:
			bias[i] = -math.MaxFloat32
		case hides != nil && hides(batch, query, key):
			bias[i] = filter
		}
	}
	t, err := tensor.Of(bias, shape...).Convert(dtype)
	return []*tensor.Tensor{t}, err
}

// keyMask tells which keys a mask hides, nil if it hides none.
func keyMask(mask *tensor.Tensor, s []int, past int) (func(batch, query, key int) bool, error) {
	if mask == nil {
		return nil, nil
	}
	v, err := mask.Ints()
	if err != nil {
		return nil, fmt.Errorf("mask: %w", err)
	}
	batches, queries, keys := s[0], s[2], s[3]
	m := mask.Shape()
	switch {
	case len(m) == 1 && (m[0] == batches || m[0] == 3*batches+2):
		return func(b, _, k int) bool { return k >= v[b] }, nil
	case len(m) == 1 && m[0] == 2*batches:
		return func(b, _, k int) bool { return k >= v[b] || k < v[b+batches] }, nil
	case len(m) == 2 && m[0] == batches && m[1] == keys:
		return func(b, _, k int) bool { return v[b*keys+k] == 0 }, nil
	case len(m) == 2 && (m[0] == batches || m[0] == 1) && m[1] == 1:
		return nil, nil
	case len(m) == 3 && m[0] == batches && m[1] == queries && m[2] == keys:
		return func(b, q, k int) bool { return v[(b*queries+q)*keys+k] == 0 }, nil
	case len(m) == 4 && m[0] == batches && m[1] == 1 && m[2] == m[3] && m[2] >= max(keys, past+queries):
		longest := m[2]
		return func(b, q, k int) bool { return v[(b*longest+past+q)*longest+k] == 0 }, nil
	}
	return nil, fmt.Errorf("a mask of shape %v does not fit scores of shape %v", m, s)
}

// windowBias is -∞ where a query does not see a key of its sequence, of which
// the second input has the place of the last key. The queries are the last ones
// of a sequence, or all of it and what it is padded with. If causal a query sees
// no key behind its own place, and if there is a window only as many as
// local_window_size up to it.
var windowBias = Op{
	Name: "WindowBias", Domain: Domain, MinIn: 2, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		s := in[0].Shape
		if s == nil {
			s = unknownExtents(4)
		}
		if len(s) != 4 {
			return nil, fmt.Errorf("the scores have shape %v, not four axes", s)
		}
		return []Type{{DType: in[0].DType, Shape: ir.Shape{s[0], ir.Known(1), s[2], s[3]}}}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		last, err := in[1].Ints()
		if err != nil {
			return nil, err
		}
		if in[0].Rank() != 4 || len(last) != in[0].Dim(0) {
			return nil, fmt.Errorf("%d last places for scores %v", len(last), in[0])
		}
		s := in[0].Shape()
		shape := []int{s[0], 1, s[2], s[3]}
		size, err := checkSize(shape)
		if err != nil || size == 0 {
			return emptyOf(in[0].DType(), shape, err)
		}
		causal, window := n.Attrs.Bool("causal", true), n.Attrs.Int("local_window_size", -1)
		bias := make([]float64, size)
		for i := range bias {
			batch, query, key := i/(s[2]*s[3]), i/s[3]%s[2], i%s[3]
			own := max(last[batch]+1-s[2], 0) + query
			if causal && (key > own || window > 0 && key <= own-window) || !causal && key > last[batch] {
				bias[i] = math.Inf(-1)
			}
		}
		t, err := tensor.Of(bias, shape...).Convert(in[0].DType())
		return []*tensor.Tensor{t}, err
	},
}
