package exec_test

import (
	"context"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/exec/onnxtest"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

func TestONNXSuiteOnPlain(t *testing.T) {
	for _, part := range []string{"node", "simple", "pytorch-operator", "pytorch-converted"} {
		t.Run(part, func(t *testing.T) {
			onnxtest.RunPart(t, part, "testdata/onnx-plain-fails.txt", runOn(exec.Plain()))
		})
	}
}

// runOn runs a whole graph on an executor.
func runOn(e exec.Executor) onnxtest.Runner {
	return func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if err := g.Sort(); err != nil {
			return nil, err
		}
		feeds := map[ir.ValueID]*tensor.Tensor{}
		for _, v := range g.Inputs {
			if g.Values[v].Const != nil {
				continue
			}
			if in[0] != nil {
				feeds[v] = in[0]
			}
			in = in[1:]
		}
		return exec.NewSession(g, e).Run(context.Background(), feeds, g.Outputs...)
	}
}
