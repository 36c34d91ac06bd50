package exec

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// scan runs a Scan (ONNX Operators, "Scan"): the body maps (states..., one
// slice of each sequence...) to (states..., one slice of each result...).
func (c *control) scan(ctx context.Context, n *ir.Node, in []*tensor.Tensor, get getter) ([]*tensor.Tensor, error) {
	if n.Version < 9 {
		return c.batchScan(ctx, n, in, get)
	}
	b, err := c.enter(n, "body", get)
	if err != nil {
		return nil, err
	}
	sequences := n.Attrs.Int("num_scan_inputs", 0)
	states := len(in) - sequences
	if sequences < 1 || states < 0 || len(b.g.Outputs) < states {
		return nil, fmt.Errorf("%d inputs with num_scan_inputs %d and a body of %d outputs do not fit together", len(in), sequences, len(b.g.Outputs))
	}
	s := scanning{
		call: b, node: n, states: states, limit: c.limit,
		reversed:   padded(n.Attrs.Ints("scan_input_directions"), sequences),
		axes:       padded(n.Attrs.Ints("scan_input_axes"), sequences),
		outReverse: padded(n.Attrs.Ints("scan_output_directions"), len(b.g.Outputs)-states),
		outAxes:    padded(n.Attrs.Ints("scan_output_axes"), len(b.g.Outputs)-states),
	}
	return s.run(ctx, in)
}

// A scanning is one Scan with its attributes; axes and directions have one
// element per sequence.
type scanning struct {
	*call
	node                *ir.Node
	states              int
	limit               int64
	axes, reversed      []int
	outAxes, outReverse []int
}

func (s *scanning) run(ctx context.Context, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	states := in[:s.states]
	sequences, length, err := s.sequences(in[s.states:])
	if err != nil {
		return nil, err
	}
	stacks := newStacks(s.g, s.g.Outputs[s.states:], s.limit)
	for i := range length {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		inputs := append([]*tensor.Tensor(nil), states...)
		for j, t := range sequences {
			inputs = append(inputs, row(t, direct(i, length, s.reversed[j])))
		}
		out, err := s.call.run(ctx, inputs)
		if err != nil {
			return nil, err
		}
		states = out[:s.states]
		if err := stacks.push(s.node.Name, out[s.states:]); err != nil {
			return nil, err
		}
	}
	return s.results(stacks, states)
}

// sequences moves the scanned axes to the front and returns their extent.
func (s *scanning) sequences(in []*tensor.Tensor) (moved []*tensor.Tensor, length int, err error) {
	for i, t := range in {
		if t == nil || t.Rank() == 0 {
			return nil, 0, fmt.Errorf("sequence %d has no axis to scan", i)
		}
		t, err := moveAxis(t, s.axes[i], 0)
		if err != nil {
			return nil, 0, err
		}
		if i > 0 && t.Dim(0) != length {
			return nil, 0, fmt.Errorf("sequences are %d and %d long", length, t.Dim(0))
		}
		moved, length = append(moved, t), t.Dim(0)
	}
	return moved, length, nil
}

func (s *scanning) results(stacks *stacks, states []*tensor.Tensor) ([]*tensor.Tensor, error) {
	for i, parts := range stacks.parts {
		if s.outReverse[i] != 0 {
			for a, z := 0, len(parts)-1; a < z; a, z = a+1, z-1 {
				parts[a], parts[z] = parts[z], parts[a]
			}
		}
	}
	out, err := stacks.results(states)
	if err != nil {
		return nil, err
	}
	for i, axis := range s.outAxes {
		if out[s.states+i], err = moveAxis(out[s.states+i], 0, axis); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// row is element i along the first axis.
func row(t *tensor.Tensor, i int) *tensor.Tensor {
	return t.Slice(i, i+1).Reshape(t.Shape()[1:]...)
}

// direct returns which element step i reads: from the end if reversed.
func direct(i, length, reversed int) int {
	if reversed != 0 {
		return length - 1 - i
	}
	return i
}

// moveAxis moves one axis and leaves the others in order.
func moveAxis(t *tensor.Tensor, from, to int) (*tensor.Tensor, error) {
	rank := t.Rank()
	if from < -rank || from >= rank || to < -rank || to >= rank {
		return nil, fmt.Errorf("axis %d or %d is not one of %s", from, to, t)
	}
	from, to = (from+rank)%rank, (to+rank)%rank
	if from == to {
		return t, nil
	}
	perm := make([]int, 0, rank)
	for i := range rank {
		if i != from {
			perm = append(perm, i)
		}
	}
	perm = append(perm[:to], append([]int{from}, perm[to:]...)...)
	out, err := op.Eval(&ir.Node{Name: "axis", Op: "Transpose", Version: 13, Attrs: ir.Pairs("perm", perm)}, []*tensor.Tensor{t})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// padded returns list with zeros up to n elements.
func padded(list []int, n int) []int {
	out := make([]int, n)
	copy(out, list)
	return out
}
