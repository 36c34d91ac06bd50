package exec

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// batchScan runs the first version of Scan, whose tensors have a batch axis in
// front, once per example.
func (c *control) batchScan(ctx context.Context, n *ir.Node, in []*tensor.Tensor, get getter) ([]*tensor.Tensor, error) {
	b, err := c.enter(n, "body", get)
	if err != nil {
		return nil, err
	}
	sequences := n.Attrs.Int("num_scan_inputs", 0)
	states := len(in) - 1 - sequences
	if sequences < 1 || states < 0 || len(b.g.Outputs) < states || in[1+states] == nil || in[1+states].Rank() < 2 {
		return nil, fmt.Errorf("%d inputs with num_scan_inputs %d do not fit together", len(in), sequences)
	}
	scans := len(b.g.Outputs) - states
	s := scanning{
		call: b, node: n, states: states, limit: c.limit,
		reversed: padded(n.Attrs.Ints("directions"), sequences), axes: make([]int, sequences),
		outReverse: make([]int, scans), outAxes: make([]int, scans),
	}
	batch, length := in[1+states].Dim(0), in[1+states].Dim(1)
	lengths, err := sequenceLengths(in[0], batch, length)
	if err != nil {
		return nil, err
	}
	parts := make([][]*tensor.Tensor, len(b.g.Outputs))
	for e := range batch {
		out, err := s.example(ctx, in[1:], e, lengths[e])
		if err != nil {
			return nil, err
		}
		for i, t := range out {
			if i >= states {
				t = extended(t, length)
			}
			parts[i] = append(parts[i], t)
		}
	}
	out := make([]*tensor.Tensor, len(parts))
	for i := range parts {
		if out[i], err = stack(parts[i], emptyStack(&b.g.Values[b.g.Outputs[i]])); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// example scans the first length steps of example e of a batch.
func (s *scanning) example(ctx context.Context, in []*tensor.Tensor, e, length int) ([]*tensor.Tensor, error) {
	own := make([]*tensor.Tensor, len(in))
	for i, t := range in {
		if t == nil || t.Rank() == 0 || e >= t.Dim(0) {
			return nil, fmt.Errorf("input %d has no example %d", i+1, e)
		}
		own[i] = row(t, e)
		if i >= s.states {
			if own[i].Rank() == 0 || own[i].Dim(0) < length {
				return nil, fmt.Errorf("input %d is shorter than %d steps", i+1, length)
			}
			own[i] = own[i].Slice(0, length)
		}
	}
	return s.run(ctx, own)
}

func sequenceLengths(t *tensor.Tensor, batch, length int) ([]int, error) {
	if t == nil {
		all := make([]int, batch)
		for i := range all {
			all[i] = length
		}
		return all, nil
	}
	v, err := t.Ints()
	if err != nil || len(v) != batch {
		return nil, fmt.Errorf("sequence_lens must be %d integers, not %s", batch, t)
	}
	for _, n := range v {
		if n < 0 || n > length {
			return nil, fmt.Errorf("sequence_lens has %d in a batch of length %d", n, length)
		}
	}
	return v, nil
}

// extended pads t with zeros to length along the first axis.
func extended(t *tensor.Tensor, length int) *tensor.Tensor {
	if t.Dim(0) == length {
		return t
	}
	out := tensor.New(t.DType(), append([]int{length}, t.Shape()[1:]...)...)
	out.CopyRange(0, t, 0, t.Len())
	return out
}
