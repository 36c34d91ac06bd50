package exec

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// sequenceMap runs a SequenceMap (ONNX Operators, "SequenceMap"): the body maps
// one element of each sequence, and every tensor as it is, to one element of
// each result.
func (c *control) sequenceMap(ctx context.Context, n *ir.Node, in []*tensor.Tensor, get getter) ([]*tensor.Tensor, error) {
	length, err := mapLength(in)
	if err != nil {
		return nil, err
	}
	b, err := c.enter(n, "body", get)
	if err != nil {
		return nil, err
	}
	made := make([][]*tensor.Tensor, len(b.g.Outputs))
	held := int64(0)
	for i := range length {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out, err := b.run(ctx, elementsAt(in, i))
		if err != nil {
			return nil, err
		}
		for k, t := range out {
			if t.DType().IsContainer() {
				return nil, fmt.Errorf("the body makes %s where a tensor is needed", t)
			}
			made[k] = append(made[k], t)
			held += int64(t.Bytes())
		}
		if held > c.limit {
			return nil, &MemoryError{n.Name, held, c.limit}
		}
	}
	out := make([]*tensor.Tensor, len(made))
	for k, list := range made {
		out[k] = tensor.NewSequence(list...)
	}
	return out, nil
}

// mapLength returns how long the sequences are, of which the first input is
// one.
func mapLength(in []*tensor.Tensor) (int, error) {
	if len(in) == 0 || in[0] == nil || in[0].DType() != tensor.Sequence {
		return 0, fmt.Errorf("the first input must be a sequence")
	}
	length := in[0].Len()
	for i, t := range in {
		switch {
		case t == nil || t.DType() == tensor.Optional:
			return 0, fmt.Errorf("input %d must be a sequence or a tensor", i)
		case t.DType() == tensor.Sequence && t.Len() != length:
			return 0, fmt.Errorf("input %d is a sequence of %d where %d are needed", i, t.Len(), length)
		}
	}
	return length, nil
}

// elementsAt returns element i of every sequence, and the tensors as they are.
func elementsAt(in []*tensor.Tensor, i int) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(in))
	for k, t := range in {
		if out[k] = t; t.DType() == tensor.Sequence {
			out[k] = t.Elements()[i]
		}
	}
	return out
}
