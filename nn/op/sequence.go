package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Sequences of tensors (ONNX Operators, since opset 11) are changed by making
// new ones, which share their elements. SequenceMap, which runs a graph, is
// with the control flow in nn/exec.
var sequenceOps = []Op{
	sequenceEmpty, sequenceConstruct, sequenceInsert, sequenceErase, sequenceAt, sequenceLength,
	splitToSequence, concatFromSequence,
}

// maxSequence bounds the elements of a sequence, each of which takes memory of
// its own however small it is.
const maxSequence = 1 << 20

var sequenceEmpty = Op{
	Name: "SequenceEmpty",
	Infer: func(n *ir.Node, _ []Type) ([]Type, error) {
		dtype, err := dtypeAttr(n, "dtype", tensor.Float32)
		return []Type{sequenceType(ir.Known(0), &Type{DType: dtype})}, err
	},
	Eval: func(n *ir.Node, _ []*tensor.Tensor) ([]*tensor.Tensor, error) {
		_, err := dtypeAttr(n, "dtype", tensor.Float32)
		if err != nil {
			return nil, err
		}
		return one(tensor.NewSequence())
	},
}

var sequenceConstruct = Op{
	Name: "SequenceConstruct", MinIn: 1, AnyType: true,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		elem := in[0]
		for _, t := range in {
			elem = Join(elem, t)
		}
		return []Type{sequenceType(ir.Known(len(in)), &elem)}, nil
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		return newSequence(slices.Clone(in))
	},
}

// sequenceInsert puts a tensor before the position, at the end without one.
var sequenceInsert = Op{
	Name: "SequenceInsert", MinIn: 2, AnyType: true, Containers: true,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		length, err := lengthOf(in[0])
		if err != nil {
			return nil, err
		}
		elem := in[1]
		if length != ir.Known(0) {
			elem = Join(in[0].element(), elem)
			elem.DType = in[1].DType // all elements have one
		}
		return []Type{sequenceType(addDims(length, ir.Known(1)), &elem)}, nil
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		elems, err := sequenceOf(in[0])
		if err != nil {
			return nil, err
		}
		at, err := position(opt(in, 2), len(elems), len(elems))
		if err != nil {
			return nil, err
		}
		return newSequence(slices.Insert(slices.Clone(elems), at, in[1]))
	},
}

// sequenceErase takes out the tensor at the position, the last one without one.
var sequenceErase = Op{
	Name: "SequenceErase", MinIn: 1, Containers: true, AnyType: true,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		length, err := lengthOf(in[0])
		if err != nil {
			return nil, err
		}
		if length.IsKnown() {
			length = ir.Known(max(0, length.N-1))
		} else {
			length = ir.Symbol("")
		}
		return []Type{sequenceType(length, in[0].Elem)}, nil
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		elems, err := sequenceOf(in[0])
		if err != nil {
			return nil, err
		}
		at, err := position(opt(in, 1), len(elems), len(elems)-1)
		if err != nil {
			return nil, err
		}
		return newSequence(slices.Delete(slices.Clone(elems), at, at+1))
	},
}

var sequenceAt = Op{
	Name: "SequenceAt", MinIn: 2, Containers: true, AnyType: true,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		_, err := lengthOf(in[0])
		return []Type{in[0].element()}, err
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		elems, err := sequenceOf(in[0])
		if err != nil {
			return nil, err
		}
		at, err := position(in[1], len(elems), len(elems)-1)
		if err != nil {
			return nil, err
		}
		return one(elems[at])
	},
}

var sequenceLength = Op{
	Name: "SequenceLength", MinIn: 1, Containers: true, AnyType: true, Grad: zeroGrad,
	Infer: func(_ *ir.Node, in []Type) ([]Type, error) {
		length, err := lengthOf(in[0])
		return []Type{{DType: tensor.Int64, Shape: ir.Shape{}, Extents: ir.Shape{length}}}, err
	},
	Eval: func(_ *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		elems, err := sequenceOf(in[0])
		return []*tensor.Tensor{tensor.Scalar(int64(len(elems)))}, err
	},
}

// sequenceType is the type of a sequence.
func sequenceType(length ir.Dim, elem *Type) Type {
	if elem != nil {
		elem = &Type{DType: elem.DType, Shape: elem.Shape}
	}
	return Type{DType: tensor.Sequence, Shape: ir.Shape{length}, Elem: elem}
}

// lengthOf returns the length of a sequence as far as known. It errs on what is
// surely no sequence.
func lengthOf(t Type) (ir.Dim, error) {
	if t.DType != tensor.Invalid && t.DType != tensor.Sequence || t.Shape != nil && len(t.Shape) != 1 {
		return ir.Dim{}, fmt.Errorf("%s%v is no sequence", t.DType, t.Shape)
	}
	if t.Shape == nil {
		return ir.Symbol(""), nil
	}
	return t.Shape[0], nil
}

// element is what is known of an element of a container.
func (t Type) element() Type {
	if t.Elem == nil {
		return Type{}
	}
	return *t.Elem
}

func sequenceOf(t *tensor.Tensor) ([]*tensor.Tensor, error) {
	if t.DType() != tensor.Sequence || t.Rank() != 1 {
		return nil, fmt.Errorf("%v is no sequence", t)
	}
	return t.Elements(), checkElements(t.Elements())
}

// newSequence errs unless the elements are tensors of one element type, and not
// too many.
func newSequence(elems []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if len(elems) > maxSequence {
		return nil, fmt.Errorf("a sequence of %d tensors is longer than %d", len(elems), maxSequence)
	}
	return []*tensor.Tensor{tensor.NewSequence(elems...)}, checkElements(elems)
}

// checkElements errs unless the elements are tensors of one element type.
func checkElements(elems []*tensor.Tensor) error {
	for i, t := range elems {
		if t == nil || t.DType().IsContainer() {
			return fmt.Errorf("element %d is no tensor", i)
		}
	}
	if err := sameElements(elems...); err != nil {
		return fmt.Errorf("elements of several types: %w", err)
	}
	return nil
}

// position reads a place in a sequence, up to the last one, which it is if left
// out; a negative one counts from the end.
func position(t *tensor.Tensor, length, last int) (int, error) {
	at := last
	if t != nil {
		v, err := t.Ints()
		if err != nil || len(v) != 1 {
			return 0, fmt.Errorf("a position must be one integer, not %v", t)
		}
		at = v[0]
	}
	from := at
	if at < 0 {
		from += length
	}
	if from < 0 || from > last {
		return 0, fmt.Errorf("position %d is outside a sequence of %d", at, length)
	}
	return from, nil
}
