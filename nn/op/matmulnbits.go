package op

import (
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// ONNX Runtime's product with weights of a few bits each, in blocks of columns
// that share a scale and a zero point:
//
//	MatMulNBits(a [..., K], weights [N, blocks, bytes], scales [N, blocks],
//	  zero points?, columns' blocks?, bias?) -> [..., N]
//
// Zero points are packed as the weights are, [N, bytes], or numbers of the type
// of the scales; without them they are the middle of the range.
var nBitsOps = []Op{
	{Name: "MatMulNBits", Domain: microsoft, MinIn: 3, Body: matMulNBits},
	unpackBits,
}

func matMulNBits(b *ir.Builder, n *ir.Node, in []ir.ValueID) ([]ir.ValueID, error) {
	bits, block := n.Attrs.Int("bits", 4), n.Attrs.Int("block_size", 0)
	rows, columns := n.Attrs.Int("N", 0), n.Attrs.Int("K", 0)
	switch {
	case bits != 2 && bits != 4 && bits != 8:
		return nil, fmt.Errorf("bits is %d, not 2, 4 or 8", bits)
	case block < 1 || rows < 1 || columns < 1 || max(block, rows, columns) > maxElements:
		return nil, fmt.Errorf("%d rows of %d columns in blocks of %d are no matrix", rows, columns, block)
	case orNone(in, 4) != ir.None:
		return nil, errors.New("columns in another order (g_idx) are not known")
	case n.Attrs.Int("weight_prepacked", 0) != 0:
		return nil, errors.New("weights packed for one processor are not known")
	}
	blocks := (columns + block - 1) / block
	unpack := func(v ir.ValueID, count int) ir.ValueID {
		return b.Node(Domain, "UnpackBits", ir.Pairs("bits", bits, "count", count), 1, v, in[2])[0]
	}
	scales := b.Op("Reshape", nil, in[2], b.Ints(rows, blocks, 1))
	zero := b.Op("CastLike", nil, b.Const(tensor.Scalar(float32(int(1)<<(bits-1)))), in[2])
	if given := orNone(in, 3); given != ir.None {
		zero = b.Op("Reshape", nil, unpack(given, blocks), b.Ints(rows, blocks, 1))
	}
	levels := b.Op("Reshape", nil, unpack(in[1], block), b.Ints(rows, blocks, block))
	w := b.Op("Mul", nil, b.Op("Sub", nil, levels, zero), scales)
	w = b.Op("Reshape", nil, w, b.Ints(rows, -1))
	if blocks*block != columns {
		w = b.Op("Slice", nil, w, b.Ints(0), b.Ints(columns), b.Ints(1))
	}
	y := b.Op("MatMul", nil, in[0], b.Op("Transpose", ir.Pairs("perm", []int{1, 0}), w))
	return []ir.ValueID{addBias(b, y, in, 5)}, nil
}

// unpackBits takes numbers without sign out of bytes, the lowest bits first,
// count of them along the last axis, in the element type of the second input.
// What is of that type already is given back.
var unpackBits = Op{
	Name: "UnpackBits", Domain: Domain, MinIn: 2, AnyType: true, Grad: passSameType,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		if in[0].DType != tensor.Uint8 && in[0].DType != tensor.Invalid {
			return []Type{{DType: in[1].DType, Shape: in[0].Shape}}, nil
		}
		out := Type{DType: in[1].DType}
		if s := in[0].Shape; len(s) > 0 && in[0].DType != tensor.Invalid {
			out.Shape = append(append(ir.Shape{}, s[:len(s)-1]...), ir.Known(n.Attrs.Int("count", 0)))
		}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		x, dtype := in[0], in[1].DType()
		if x.DType() != tensor.Uint8 {
			t, err := x.Convert(dtype)
			return []*tensor.Tensor{t}, err
		}
		bits, count := n.Attrs.Int("bits", 4), n.Attrs.Int("count", 0)
		if x.Rank() == 0 || bits != 2 && bits != 4 && bits != 8 || count < 0 || count*bits > 8*x.Dim(-1) {
			return nil, fmt.Errorf("there are no %d numbers of %d bits in %v", count, bits, x)
		}
		shape := append([]int{}, x.Shape()...)
		width := shape[len(shape)-1]
		shape[len(shape)-1] = count
		size, err := checkSize(shape)
		if err != nil || size == 0 {
			return emptyOf(dtype, shape, err)
		}
		packed, levels := tensor.Data[uint8](x), make([]float32, size)
		for i := range levels {
			at := i % count * bits
			levels[i] = float32(packed[i/count*width+at/8] >> (at % 8) & (1<<bits - 1))
		}
		t, err := tensor.Of(levels, shape...).Convert(dtype)
		return []*tensor.Tensor{t}, err
	},
}

// passSameType is the rule of an operator that hands on an input that is of the
// output's type already, and of which nothing flows back otherwise.
func passSameType(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	out := noGrads(n)
	if g.Needs(0) && g.Type(n.Inputs[0]).DType.IsFloat() {
		out[0] = dy[0]
	}
	return out, nil
}
