package onnx

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// ReadTensor reads a serialized TensorProto, such as the input_0.pb beside a
// model of the ONNX suite.
func ReadTensor(data []byte) (*tensor.Tensor, error) {
	s := alone(len(data))
	p := &onnxpb.TensorProto{}
	if err := unmarshal(data, p, s.purse); err != nil {
		return nil, err
	}
	return s.held(p)
}

// ReadValue reads a serialized value of any kind but a map: a TensorProto (one
// tensor), a SparseTensorProto (one tensor, dense), a SequenceProto (its
// tensors), or an OptionalProto (nil if it is empty, else what is in it).
func ReadValue(data []byte, kind ir.ValueKind) ([]*tensor.Tensor, error) {
	s := alone(len(data))
	switch kind {
	case ir.TensorKind:
		return one(ReadTensor(data))
	case ir.SparseKind:
		return readAs(data, s, &onnxpb.SparseTensorProto{}, func(p *onnxpb.SparseTensorProto) ([]*tensor.Tensor, error) {
			return one(s.heldSparse(p))
		})
	case ir.SequenceKind:
		return readAs(data, s, &onnxpb.SequenceProto{}, s.sequence)
	case ir.OptionalKind:
		return readAs(data, s, &onnxpb.OptionalProto{}, s.optional)
	}
	return nil, fmt.Errorf("maps are not read")
}

// alone is the source of tensors that belong to no model.
func alone(size int) *source {
	return &source{purse: newPurse(int64(size)), external: &external{}}
}

func readAs[P proto.Message](data []byte, s *source, p P, read func(P) ([]*tensor.Tensor, error)) ([]*tensor.Tensor, error) {
	if err := unmarshal(data, p, s.purse); err != nil {
		return nil, err
	}
	return read(p)
}

func one(t *tensor.Tensor, err error) ([]*tensor.Tensor, error) {
	if err != nil {
		return nil, err
	}
	return []*tensor.Tensor{t}, nil
}

func (s *source) sequence(p *onnxpb.SequenceProto) ([]*tensor.Tensor, error) {
	if len(p.SequenceValues)+len(p.OptionalValues) > 0 {
		return nil, fmt.Errorf("sequences of sequences or optionals are not read")
	}
	if len(p.SparseTensorValues) > 0 {
		return all(p.SparseTensorValues, s.heldSparse)
	}
	return all(p.TensorValues, s.held)
}

func (s *source) optional(p *onnxpb.OptionalProto) ([]*tensor.Tensor, error) {
	switch {
	case p.TensorValue != nil:
		return one(s.held(p.TensorValue))
	case p.SparseTensorValue != nil:
		return one(s.heldSparse(p.SparseTensorValue))
	case p.SequenceValue != nil:
		return s.sequence(p.SequenceValue)
	case p.OptionalValue != nil:
		return s.optional(p.OptionalValue)
	}
	return nil, nil
}
