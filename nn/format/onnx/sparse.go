package onnx

import (
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// dense returns a sparse tensor with all its elements.
func (s *source) dense(p *onnxpb.SparseTensorProto) (t *tensor.Tensor, missing string, err error) {
	dims, n, err := dimsOf(p.Dims)
	if err != nil {
		return nil, "", err
	}
	values, missing, err := s.tensor(orEmpty(p.Values), nil)
	if missing != "" || err != nil {
		return nil, missing, err
	}
	indices, missing, err := s.tensor(orEmpty(p.Indices), nil)
	if missing != "" || err != nil {
		return nil, missing, err
	}
	places, err := linear(indices, values.Len(), dims, n)
	if err != nil {
		return nil, "", err
	}
	if !s.purse.spend(int64(n) * int64(max(values.DType().Size(), 16))) {
		return nil, "", errors.New("the sparse tensor is far larger than the file explains")
	}
	t = tensor.New(values.DType(), dims...)
	for i, at := range places {
		t.CopyRange(at, values, i, 1)
	}
	return t, "", nil
}

// head is what a sparse tensor says of itself without its elements.
func head(p *onnxpb.SparseTensorProto) *onnxpb.TensorProto {
	return &onnxpb.TensorProto{DataType: orEmpty(p.Values).DataType, Dims: p.Dims}
}

func orEmpty(p *onnxpb.TensorProto) *onnxpb.TensorProto {
	if p == nil {
		return &onnxpb.TensorProto{}
	}
	return p
}

// linear returns the place of each of nnz values among the n elements of dims.
// Indices are places, [nnz], or coordinates, [nnz, rank].
func linear(indices *tensor.Tensor, nnz int, dims []int, n int) ([]int, error) {
	ints, err := indices.Ints()
	if err != nil {
		return nil, err
	}
	width := 1
	if indices.Rank() == 2 {
		width = len(dims)
	}
	if indices.Rank() > 2 || len(ints) != nnz*width {
		return nil, fmt.Errorf("indices of shape %v do not fit %d values", indices.Shape(), nnz)
	}
	places := make([]int, nnz)
	for i := range places {
		at := 0
		for axis, x := range ints[i*width : (i+1)*width] {
			extent := n
			if width > 1 || indices.Rank() == 2 {
				extent = dims[axis]
			}
			if x < 0 || x >= extent {
				return nil, fmt.Errorf("index %d lies outside shape %v", x, dims)
			}
			at = at*extent + x
		}
		places[i] = at
	}
	return places, nil
}
