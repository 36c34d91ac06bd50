package op_test

import (
	"errors"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestSuiteTypes runs the nodes of the ONNX backend suite one by one, and
// checks the types inferred for each against what it computes, with the
// elements of the inputs known, only their shapes, only their ranks, and
// nothing. What the suite expects is checked in nn/exec.
func TestSuiteTypes(t *testing.T) {
	checked := 0
	for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
		for _, c := range onnxtest.Cases(t, part) {
			err := c.Run(func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
				return checkGraph(g, in)
			})
			var unknown *op.UnknownError
			if err == nil {
				checked++
			} else if !errors.As(err, &unknown) && !errors.Is(err, onnxtest.ErrDiffers) {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	}
	t.Logf("%d cases checked", checked)
}

func checkGraph(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := g.Sort(); err != nil {
		return nil, err
	}
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for _, v := range g.Inputs {
		if g.Values[v].Const == nil {
			feeds[v], in = in[0], in[1:]
		}
	}
	values, err := optest.Run(g, feeds)
	if err != nil {
		return nil, err
	}
	out := make([]*tensor.Tensor, len(g.Outputs))
	for i, v := range g.Outputs {
		out[i] = values[v]
	}
	return out, nil
}
