package ort

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerResizeGrad multiplies with the matrix of each axis that is resized:
// resampling is linear, and one axis does not know of the others.
func lowerResizeGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	types := make([]op.Type, len(n.Inputs))
	for i, v := range n.Inputs {
		if v != ir.None {
			types[i] = l.types[v]
		}
	}
	maps, ok := op.ResizeMaps(n, types)
	if !ok {
		return ir.None, &UnsupportedError{n.Name, n.Op, "its sizes are computed"}
	}
	shape, v := append([]int(nil), l.shape(n.Inputs[0])...), n.Inputs[0]
	for _, m := range maps {
		v = l.reshape(v, product(shape[:m.Axis]), m.In, product(shape[m.Axis+1:]))
		v = l.Op("MatMul", nil, l.Const(converted(matrixOf(m), l.dtype)), v)
		shape[m.Axis] = m.Out
	}
	return l.reshape(v, shape...), nil
}

// matrixOf is a map along one axis as a matrix [out, in].
func matrixOf(m op.ResizeMap) *tensor.Tensor {
	rows, k := make([]float32, m.Out*m.In), 0
	for o, end := range m.Ends {
		for ; k < end; k++ {
			rows[o*m.In+m.At[k]] += m.Weight[k]
		}
	}
	return tensor.Of(rows, m.Out, m.In)
}
