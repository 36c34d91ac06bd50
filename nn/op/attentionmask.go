package op

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maskScores makes the scores of attention that must not count -∞. Inputs:
// scores [batch, heads, queries, keys]; a mask that broadcasts to them, false
// where a key does not count, or a number to add, and that may end before the
// last keys, which then do not count; the past keys, whose number shifts the
// diagonal; and how many keys count in each batch. With is_causal a query sees
// no keys behind its own place.
var maskScores = Op{
	Name: "MaskScores", Domain: Domain, MinIn: 1, Infer: sameType, Cost: flops(1),
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		s := in[0].Shape()
		if len(s) != 4 {
			return nil, fmt.Errorf("the scores are %v, not of four axes", in[0])
		}
		bias := make([]float64, in[0].Len())
		if err := biasOfMask(bias, s, opt(in, 1)); err != nil {
			return nil, err
		}
		lengths, err := keyCounts(opt(in, 3), s)
		if err != nil {
			return nil, err
		}
		shift := make([]int, s[0])
		for b := range shift {
			switch {
			case lengths != nil:
				shift[b] = lengths[b] - s[2]
			case opt(in, 2) != nil && in[2].Rank() == 4:
				shift[b] = in[2].Dim(2)
			}
		}
		causal := n.Attrs.Bool("is_causal", false)
		for i := range bias {
			b, query, key := i/(s[1]*s[2]*s[3]), i/s[3]%s[2], i%s[3]
			if causal && key > query+shift[b] || lengths != nil && key >= lengths[b] {
				bias[i] = math.Inf(-1)
			}
		}
		i := -1
		return mapFloat(in[0], func(x float64) float64 {
			if i++; math.IsInf(bias[i], -1) {
				return bias[i]
			}
			return x + bias[i]
		})
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = dy[0] // softmax sends nothing back to what is -∞
		}
		if g.Needs(1) {
			out[1] = g.Node(Domain, "SumTo", nil, 1, dy[0], n.Inputs[1])[0]
		}
		return out, nil
	},
}

// biasOfMask writes what a mask adds to each score.
func biasOfMask(bias []float64, s []int, mask *tensor.Tensor) error {
	if mask == nil {
		return nil
	}
	v, err := mask.Floats()
	if err != nil {
		return fmt.Errorf("mask: %w", err)
	}
	if mask.DType() == tensor.Bool {
		v = mapTo(v, func(keep float64) float64 { return math.Log(keep) })
	}
	shape := slices.Clone(mask.Shape())
	columns := s[3]
	if r := len(shape); r > 0 && shape[r-1] != 1 {
		columns = min(shape[r-1], s[3])
		shape[r-1] = s[3]
	}
	if full, err := broadcastShapes(shape, s); err != nil || !slices.Equal(full, s) {
		return fmt.Errorf("a mask of shape %v does not fit scores of shape %v", mask.Shape(), s)
	}
	strides := broadcastStrides(mask.Shape(), s)
	for i := range bias {
		if key := i % s[3]; key >= columns {
			bias[i] = math.Inf(-1)
			continue
		}
		at := 0
		for axis, rest := 3, i; axis >= 0; axis-- {
			at += rest % s[axis] * strides[axis]
			rest /= s[axis]
		}
		bias[i] = v[at]
	}
	return nil
}

func keyCounts(t *tensor.Tensor, s []int) ([]int, error) {
	if t == nil {
		return nil, nil
	}
	counts, err := t.Ints()
	if err == nil && len(counts) != s[0] {
		err = fmt.Errorf("%d numbers of keys for a batch of %d", len(counts), s[0])
	}
	return counts, err
}

// maskedSoftmax is the softmax over the last axis, save that a row of nothing
// but -∞ becomes zeros.
var maskedSoftmax = Op{
	Name: "MaskedSoftmax", Domain: Domain, MinIn: 1, Infer: sameType, Cost: flops(5),
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if in[0].Rank() == 0 {
			return nil, fmt.Errorf("a scalar has no rows")
		}
		switch in[0].DType() {
		case tensor.Float32:
			return one(softmaxRows[float32](in[0]))
		case tensor.Float64:
			return one(softmaxRows[float64](in[0]))
		}
		return nil, errElements(in[0])
	},
	// dx = y·(dy - Σ dy·y)
	Grad: unaryGrad(func(g *Grad, x, y, dy ir.ValueID) ir.ValueID {
		sum := g.Op("ReduceSum", ir.Pairs("keepdims", 1), g.Op("Mul", nil, dy, y), g.Ints(-1))
		return g.Op("Mul", nil, y, g.Op("Sub", nil, dy, sum))
	}),
}

func softmaxRows[T float](t *tensor.Tensor) *tensor.Tensor {
	x := tensor.Data[T](t)
	y := make([]T, len(x))
	n := t.Dim(-1)
	for from := 0; from < len(x); from += n {
		row := mapTo(x[from:from+n], func(v T) float64 { return float64(v) })
		whole := logSumExp(row)
		for i, v := range row {
			if !math.IsInf(whole, -1) {
				y[from+i] = T(math.Exp(v - whole))
			}
		}
	}
	return tensor.Of(y, t.Shape()...)
}

// repeatHeads repeats each head of keys or values [batch, heads, sequence,
// size] for the group of query heads that share it; the second input is the
// queries (grouped-query attention, arXiv 2305.13245).
var repeatHeads = Op{
	Name: "RepeatHeads", Domain: Domain, MinIn: 2, AnyType: true, Grad: moveGrad("RepeatHeads"),
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType, Shape: slices.Clone(in[0].Shape)}
		if out.Shape != nil && len(out.Shape) != 4 {
			return nil, fmt.Errorf("the input has shape %v, not four axes", out.Shape)
		}
		if out.Shape != nil {
			if out.Shape[1] = ir.Symbol(""); len(in[1].Shape) == 4 {
				out.Shape[1] = in[1].Shape[1]
			}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x, q := in[0], in[1]
		if x.Rank() != 4 || q.Rank() != 4 {
			return nil, fmt.Errorf("heads are among four axes, not those of %v and %v", x, q)
		}
		s := x.Shape()
		if s[1] == q.Dim(1) {
			return one(x)
		}
		if s[1] == 0 || q.Dim(1)%s[1] != 0 {
			return nil, fmt.Errorf("%d query heads do not share %d key heads evenly", q.Dim(1), s[1])
		}
		group := q.Dim(1) / s[1]
		shape := []int{s[0], q.Dim(1), s[2], s[3]}
		if count, err := checkSize(shape); err != nil || count == 0 {
			return emptyOf(x.DType(), shape, err)
		}
		own := stridesOf(s)
		repeated := strided(x, 0, []int{s[0], s[1], group, s[2], s[3]}, []int{own[0], own[1], 0, own[2], own[3]})
		return one(repeated.Reshape(shape...))
	},
}
