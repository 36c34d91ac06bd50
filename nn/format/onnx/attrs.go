package onnx

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// attrs reads the attributes of a node, whose place in the file is where.
func (s *scope) attrs(list []*onnxpb.AttributeProto, where string) (ir.Attrs, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := make(ir.Attrs, len(list))
	for _, a := range list {
		v, err := s.attr(a, where)
		if err != nil {
			return nil, in(fmt.Sprintf("%s, attribute %q", where, a.GetName()), err)
		}
		out[a.GetName()] = ir.Attr{Value: v}
	}
	return out, nil
}

func (s *scope) attr(a *onnxpb.AttributeProto, where string) (any, error) {
	if ref := a.GetRefAttrName(); ref != "" {
		if !s.inBody {
			return nil, fmt.Errorf("it refers to the attribute %q of a function, but stands outside one", ref)
		}
		return ir.Ref{Name: ref}, nil
	}
	switch attrType(a) {
	case onnxpb.AttributeProto_FLOAT:
		return a.GetF(), nil
	case onnxpb.AttributeProto_INT:
		return a.GetI(), nil
	case onnxpb.AttributeProto_STRING:
		return string(a.S), nil
	case onnxpb.AttributeProto_FLOATS:
		return a.Floats, nil
	case onnxpb.AttributeProto_INTS:
		return a.Ints, nil
	case onnxpb.AttributeProto_STRINGS:
		return texts(a.Strings), nil
	case onnxpb.AttributeProto_TENSOR:
		return s.r.held(orEmpty(a.T))
	case onnxpb.AttributeProto_TENSORS:
		return all(a.Tensors, s.r.held)
	case onnxpb.AttributeProto_SPARSE_TENSOR:
		return s.r.heldSparse(a.SparseTensor)
	case onnxpb.AttributeProto_SPARSE_TENSORS:
		return all(a.SparseTensors, s.r.heldSparse)
	case onnxpb.AttributeProto_GRAPH:
		return s.subgraph(a.G, where, a.GetName())
	case onnxpb.AttributeProto_GRAPHS:
		return all(a.Graphs, func(g *onnxpb.GraphProto) (*ir.Graph, error) { return s.subgraph(g, where, a.GetName()) })
	case onnxpb.AttributeProto_TYPE_PROTO:
		return typeName(a.Tp), nil
	case onnxpb.AttributeProto_TYPE_PROTOS:
		return all(a.TypeProtos, func(t *onnxpb.TypeProto) (string, error) { return typeName(t), nil })
	}
	return nil, fmt.Errorf("it has no value of a known type")
}

// attrType returns the type of the value. Files of IR 1 do not say it; the
// field that is set tells.
func attrType(a *onnxpb.AttributeProto) onnxpb.AttributeProto_AttributeType {
	switch {
	case a.GetType() != onnxpb.AttributeProto_UNDEFINED:
		return a.GetType()
	case a.F != nil:
		return onnxpb.AttributeProto_FLOAT
	case a.I != nil:
		return onnxpb.AttributeProto_INT
	case a.S != nil:
		return onnxpb.AttributeProto_STRING
	case a.T != nil:
		return onnxpb.AttributeProto_TENSOR
	case a.G != nil:
		return onnxpb.AttributeProto_GRAPH
	case len(a.Floats) > 0:
		return onnxpb.AttributeProto_FLOATS
	case len(a.Strings) > 0:
		return onnxpb.AttributeProto_STRINGS
	case len(a.Tensors) > 0:
		return onnxpb.AttributeProto_TENSORS
	case len(a.Graphs) > 0:
		return onnxpb.AttributeProto_GRAPHS
	}
	return onnxpb.AttributeProto_INTS // also what an empty list most likely is
}

// held is a tensor whose elements must be there: an attribute has no place to
// say that they are missing.
func (s *source) held(p *onnxpb.TensorProto) (*tensor.Tensor, error) {
	return present(s.tensor(p, nil))
}

func (s *source) heldSparse(p *onnxpb.SparseTensorProto) (*tensor.Tensor, error) {
	if p == nil {
		p = &onnxpb.SparseTensorProto{}
	}
	return present(s.dense(p))
}

func present(t *tensor.Tensor, missing string, err error) (*tensor.Tensor, error) {
	if err == nil && missing != "" {
		err = fmt.Errorf("%s", missing)
	}
	return t, err
}

func all[P, T any](list []P, read func(P) (T, error)) ([]T, error) {
	out := make([]T, len(list))
	for i, p := range list {
		var err error
		if out[i], err = read(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *scope) subgraph(p *onnxpb.GraphProto, where, attr string) (*ir.Graph, error) {
	if p == nil {
		return nil, fmt.Errorf("it should hold a graph and holds none")
	}
	sub := s.r.newScope(fmt.Sprintf("%s of %s", attr, where), s, s.g.Opsets)
	return sub.g, sub.read(p)
}
