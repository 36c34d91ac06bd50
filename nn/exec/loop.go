package exec

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// loop runs a Loop (ONNX Operators, "Loop"): inputs are the trip count, the
// condition and the carried values; the body maps (iteration, condition,
// carried...) to (condition, carried..., scanned...).
func (c *control) loop(ctx context.Context, n *ir.Node, in []*tensor.Tensor, get getter) ([]*tensor.Tensor, error) {
	if len(in) < 2 {
		return nil, fmt.Errorf("%d inputs where at least 2 are needed", len(in))
	}
	trips, going, err := loopBounds(in[0], in[1])
	if err != nil {
		return nil, err
	}
	b, err := c.enter(n, "body", get)
	if err != nil {
		return nil, err
	}
	carried := in[2:]
	scans := len(b.g.Outputs) - 1 - len(carried)
	if scans < 0 {
		return nil, fmt.Errorf("the body has %d outputs for %d carried values and a condition", len(b.g.Outputs), len(carried))
	}
	stacks := newStacks(b.g, b.g.Outputs[1+len(carried):], c.limit)
	counter := func(i int64) []*tensor.Tensor {
		return []*tensor.Tensor{b.asDeclared(0, tensor.Scalar(i)), b.asDeclared(1, tensor.Scalar(going))}
	}
	for i := int64(0); i < trips && going; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out, err := b.run(ctx, append(counter(i), carried...))
		if err != nil {
			return nil, err
		}
		if going, err = truth(out[0]); err != nil {
			return nil, fmt.Errorf("the body's condition: %w", err)
		}
		carried = out[1 : 1+len(carried)]
		if err := stacks.push(n.Name, out[1+len(carried):]); err != nil {
			return nil, err
		}
	}
	return stacks.results(carried)
}

// asDeclared gives a scalar the rank 1 if that is what the body declares of its
// input, as old exporters do.
func (b *call) asDeclared(input int, scalar *tensor.Tensor) *tensor.Tensor {
	if input < len(b.g.Inputs) && len(b.g.Values[b.g.Inputs[input]].Shape) == 1 {
		return scalar.Reshape(1)
	}
	return scalar
}

// loopBounds reads the trip count, unlimited if left out, and the condition,
// true if left out.
func loopBounds(count, cond *tensor.Tensor) (trips int64, going bool, err error) {
	trips, going = math.MaxInt64, true
	if count != nil {
		v, err := count.Ints()
		if err != nil || len(v) != 1 {
			return 0, false, fmt.Errorf("the trip count must be one integer, not %s", count)
		}
		trips = int64(v[0])
	}
	if cond != nil {
		if going, err = truth(cond); err != nil {
			return 0, false, fmt.Errorf("the condition: %w", err)
		}
	}
	return trips, going, nil
}

// A stacks collects what iterations scan out, each along a new first axis.
type stacks struct {
	parts [][]*tensor.Tensor
	empty []*tensor.Tensor // results if there was no iteration
	held  int64
	limit int64
}

func newStacks(g *ir.Graph, outputs []ir.ValueID, limit int64) *stacks {
	s := &stacks{parts: make([][]*tensor.Tensor, len(outputs)), limit: limit}
	for _, v := range outputs {
		s.empty = append(s.empty, emptyStack(&g.Values[v]))
	}
	return s
}

// emptyStack has the declared shape behind an extent of 0; extents that are not
// declared are 0 too.
func emptyStack(v *ir.Value) *tensor.Tensor {
	shape := []int{0}
	for _, d := range v.Shape {
		shape = append(shape, max(0, d.N))
	}
	dtype := v.DType
	if dtype == tensor.Invalid {
		dtype = tensor.Float32
	}
	return tensor.New(dtype, shape...)
}

func (s *stacks) push(node string, values []*tensor.Tensor) error {
	for i, t := range values {
		first := t
		if len(s.parts[i]) > 0 {
			first = s.parts[i][0]
		}
		if t.DType().IsContainer() || t.DType() != first.DType() || !slices.Equal(t.Shape(), first.Shape()) {
			return fmt.Errorf("iterations make %s and %s, which cannot be stacked", first, t)
		}
		s.parts[i] = append(s.parts[i], t)
		s.held += int64(t.Bytes())
	}
	if s.held > s.limit {
		return &MemoryError{node, s.held, s.limit}
	}
	return nil
}

// results returns the carried values and the stacks.
func (s *stacks) results(carried []*tensor.Tensor) ([]*tensor.Tensor, error) {
	out := append([]*tensor.Tensor(nil), carried...)
	for i, parts := range s.parts {
		t, err := stack(parts, s.empty[i])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func stack(parts []*tensor.Tensor, empty *tensor.Tensor) (*tensor.Tensor, error) {
	if len(parts) == 0 {
		return empty, nil
	}
	shape := append([]int{len(parts)}, parts[0].Shape()...)
	if _, err := tensor.NumElements(shape); err != nil {
		return nil, err
	}
	t, n := tensor.New(parts[0].DType(), shape...), parts[0].Len()
	for i, p := range parts {
		t.CopyRange(i*n, p, 0, n)
	}
	return t, nil
}
