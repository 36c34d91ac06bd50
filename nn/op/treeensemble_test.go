package op_test

import (
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/op/optest"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestTreeEnsemble: two trees, one of them a single leaf, aggregated in every way.
func TestTreeEnsemble(t *testing.T) {
	trees := ir.Pairs("n_targets", 2, "tree_roots", []int{0, 2}, "nodes_featureids", []int{0, 1, 0},
		"nodes_truenodeids", []int{1, 0, 3}, "nodes_falsenodeids", []int{2, 1, 3}, "nodes_trueleafs", []int{0, 1, 1}, "nodes_falseleafs", []int{1, 1, 1},
		"leaf_targetids", []int{0, 1, 0, 0}, "nodes_missing_value_tracks_true", []int{1, 0, 0})
	trees["nodes_modes"] = ir.Attr{Value: tensor.Vector[uint8](0, 6, 3)}
	trees["nodes_splits"] = ir.Attr{Value: tensor.Vector(0.5, 0, 0)}
	trees["membership_values"] = ir.Attr{Value: tensor.Vector(2, 3, math.NaN())}
	trees["leaf_weights"] = ir.Attr{Value: tensor.Vector(1.0, 2, 4, 0.5)}
	x := tensor.Of([]float64{0, 2, 0, 7, 1, 0, math.NaN(), 3}, 4, 2)
	for aggregate, want := range [][]float64{
		{0.75, 0, 0.25, 1, 2.25, 0, 0.75, 0}, {1.5, 0, 0.5, 2, 4.5, 0, 1.5, 0}, {0.5, 0, 0.5, 2, 0.5, 0, 0.5, 0}, {1, 0, 0.5, 2, 4, 0, 1, 0},
	} {
		trees["aggregate_function"] = ir.Attr{Value: int64(aggregate)}
		got := optest.Case{Op: "TreeEnsemble", Domain: "ai.onnx.ml", Attrs: trees, In: []*tensor.Tensor{x}}.Eval(t)[0]
		if !tensor.Equal(got, tensor.Of(want, 4, 2)) {
			t.Errorf("aggregate_function %d: %v, want %v", aggregate, tensor.Data[float64](got), want)
		}
	}
	trees["nodes_falseleafs"] = ir.Attr{Value: []int64{0, 1, 1}}
	trees["nodes_falsenodeids"] = ir.Attr{Value: []int64{0, 1, 3}} // back to the root
	n := &ir.Node{Name: "node", Op: "TreeEnsemble", Domain: "ai.onnx.ml", Version: 5, Attrs: trees, Inputs: []ir.ValueID{0}, Outputs: []ir.ValueID{1}}
	if _, err := op.Eval(n, []*tensor.Tensor{x}); err == nil || !strings.Contains(err.Error(), "back") {
		t.Errorf("a tree with a loop gives %v", err)
	}
}
