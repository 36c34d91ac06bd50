package op

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// det is the determinant of square matrices [..., n, n].
var det = Op{
	Name: "Det", MinIn: 1,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		if s := in[0].Shape; s != nil {
			if len(s) < 2 {
				return nil, fmt.Errorf("the input has shape %v, not of matrices", s)
			}
			out.Shape = joinShapes(s[:len(s)-2])
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		rank := in[0].Rank()
		if rank < 2 || in[0].Dim(-1) != in[0].Dim(-2) || !in[0].DType().IsFloat() {
			return nil, fmt.Errorf("square matrices of floats are needed, not %v", in[0])
		}
		v, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		shape, size := in[0].Shape()[:rank-2], in[0].Dim(-1)
		count, err := checkSize(shape)
		if err != nil {
			return nil, err
		}
		d := make([]float64, count)
		for i := range d {
			if d[i] = 1; size > 0 {
				d[i] = mat.Det(mat.NewDense(size, size, v[i*size*size:(i+1)*size*size]))
			}
		}
		out, err := tensor.Of(d, shape...).Convert(in[0].DType())
		return []*tensor.Tensor{out}, err
	},
}
