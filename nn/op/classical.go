package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// classical is the domain of classical machine learning, of which converters
// put a few operators behind networks.
const classical = "ai.onnx.ml"

var classicalOps = []Op{arrayFeatureExtractor, binarizer, labelEncoder, categoryMapper, treeEnsemble}

// arrayFeatureExtractor takes elements of the last axis by index.
var arrayFeatureExtractor = Op{
	Name: "ArrayFeatureExtractor", Domain: classical, MinIn: 2, AnyType: true, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if s := in[0].Shape; s != nil {
			if len(s) == 0 {
				return nil, fmt.Errorf("a scalar has no axis to take elements of")
			}
			out.Shape = joinShapes(s[:len(s)-1], ir.Shape{countDims(in[1].Shape)})
			if len(s) == 1 {
				out.Shape = joinShapes(ir.Dims(1), out.Shape)
			}
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x := in[0]
		if x.Rank() == 0 {
			return nil, fmt.Errorf("a scalar has no axis to take elements of")
		}
		if x.Rank() == 1 {
			x = x.Reshape(1, x.Len())
		}
		axis := x.Rank() - 1
		index, err := indexList(in[1], x.Dim(axis))
		if err != nil {
			return nil, err
		}
		shape := slices.Clone(x.Shape())
		shape[axis] = len(index)
		return takeAs(x, shape, func() ([]int, int) { return alongAxis(x.Shape(), axis, index) })
	},
}

// binarizer tells what lies above a threshold.
var binarizer = Op{
	Name: "Binarizer", Domain: classical, MinIn: 1, Infer: sameType, Grad: zeroGrad, Cost: flops(1),
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		threshold := n.Attrs.Float("threshold", 0)
		above := func(x float64) float64 {
			if x > threshold {
				return 1
			}
			return 0
		}
		return mapNumber(in[0], mapping{
			f: above,
			i: func(x int64) int64 { return int64(above(float64(x))) },
		})
	},
}
