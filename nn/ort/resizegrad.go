package ort

import (
	"maps"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerResizeGrad multiplies with the transposed matrix of each axis that is
// resized: resampling is linear, and one axis does not know of the others.
func lowerResizeGrad(l *lowering, n *ir.Node) (ir.ValueID, error) {
	shape, to := append([]int(nil), l.shape(n.Inputs[0])...), l.shape(n.Outputs[0])
	v := n.Inputs[0]
	for a := range to {
		m, err := l.resampling(n, a, to[a], shape[a])
		if err != nil {
			return ir.None, err
		}
		if m == nil {
			continue
		}
		before, behind := product(shape[:a]), product(shape[a+1:])
		v = l.reshape(v, before, shape[a], behind)
		v = l.Op("MatMul", nil, l.Const(converted(m, l.dtype)), v)
		shape[a] = to[a]
	}
	return l.reshape(v, to...), nil
}

// resampling returns the matrix [in,out] by which gradients go back along an
// axis, nil if the axis is left alone.
func (l *lowering) resampling(n *ir.Node, a, in, out int) (*tensor.Tensor, error) {
	why := &UnsupportedError{n.Name, n.Op, "its sizes are computed, or it keeps the aspect ratio"}
	if policy := n.Attrs.Str("keep_aspect_ratio_policy", ""); policy != "" && policy != "stretch" {
		return nil, why
	}
	at := a // among the axes that are resized
	if axes := n.Attrs.Ints("axes"); axes != nil {
		at = -1
		for i, x := range axes {
			if x == a || x+len(l.shape(n.Inputs[0])) == a {
				at = i
			}
		}
	}
	scale, size := ir.ValueID(n.Input(3)), ir.ValueID(n.Input(4))
	same := in == out && n.Attrs.Str("coordinate_transformation_mode", "") != "tf_crop_and_resize"
	row := []*tensor.Tensor{nil, nil, nil, nil, nil}
	if roi := l.held(n.Input(2)); roi != nil && at >= 0 && roi.Len() > at {
		row[2] = roi.Take([]int{at, roi.Len()/2 + at}, 1, 2)
	}
	switch {
	case at < 0:
		return nil, nil
	case l.held(scale) != nil && l.held(scale).Len() > at:
		scales, err := l.held(scale).Floats()
		if err != nil {
			return nil, err
		}
		if scales[at] == 1 && same {
			return nil, nil
		}
		row[3] = tensor.Of([]float32{float32(scales[at])}, 1)
	case l.held(size) != nil && l.held(size).Len() > at:
		if same {
			return nil, nil
		}
		row[4] = tensor.Of([]int64{int64(out)}, 1)
	default:
		return nil, why
	}
	return transposedRows(n, row, in, out)
}

// transposedRows sends the unit vectors of the output back through the
// reference implementation.
func transposedRows(n *ir.Node, inputs []*tensor.Tensor, in, out int) (*tensor.Tensor, error) {
	one := *n
	one.Attrs = maps.Clone(n.Attrs)
	maps.Copy(one.Attrs, ir.Pairs("axes", []int{1}))
	unit := tensor.New(tensor.Float64, out, out)
	for i := range out {
		tensor.Data[float64](unit)[i*out+i] = 1
	}
	inputs[0], inputs[1] = unit, tensor.Of([]int64{int64(out), int64(in)}, 2)
	rows, err := op.Eval(&one, inputs)
	if err != nil {
		return nil, err
	}
	from, m := tensor.Data[float64](rows[0]), make([]float64, in*out)
	for o := range out {
		for i := range in {
			m[i*out+o] = from[o*in+i]
		}
	}
	return tensor.Of(m, in, out), nil
}
