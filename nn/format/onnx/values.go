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

// ReadValue reads a serialized value of any kind but a map: a TensorProto, a
// SparseTensorProto (which becomes dense), a SequenceProto, or an OptionalProto.
func ReadValue(data []byte, kind ir.ValueKind) (*tensor.Tensor, error) {
	s := alone(len(data))
	switch kind {
	case ir.TensorKind:
		return ReadTensor(data)
	case ir.SparseKind:
		return readAs(data, s, &onnxpb.SparseTensorProto{}, s.heldSparse)
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

func readAs[P proto.Message](data []byte, s *source, p P, read func(P) (*tensor.Tensor, error)) (*tensor.Tensor, error) {
	if err := unmarshal(data, p, s.purse); err != nil {
		return nil, err
	}
	return read(p)
}

func (s *source) sequence(p *onnxpb.SequenceProto) (*tensor.Tensor, error) {
	if len(p.SequenceValues)+len(p.OptionalValues) > 0 {
		return nil, fmt.Errorf("sequences of sequences or optionals are not read")
	}
	var elems []*tensor.Tensor
	var err error
	if len(p.SparseTensorValues) > 0 {
		elems, err = all(p.SparseTensorValues, s.heldSparse)
	} else {
		elems, err = all(p.TensorValues, s.held)
	}
	return tensor.NewSequence(elems...), err
}

func (s *source) optional(p *onnxpb.OptionalProto) (*tensor.Tensor, error) {
	var held *tensor.Tensor
	var err error
	switch {
	case p.TensorValue != nil:
		held, err = s.held(p.TensorValue)
	case p.SparseTensorValue != nil:
		held, err = s.heldSparse(p.SparseTensorValue)
	case p.SequenceValue != nil:
		held, err = s.sequence(p.SequenceValue)
	case p.OptionalValue != nil:
		err = fmt.Errorf("optionals of optionals are not read")
	}
	return tensor.NewOptional(held), err
}
