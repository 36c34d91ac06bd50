package op

import (
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var quantizeOps = []Op{quantizeLinear, dequantizeLinear, dynamicQuantizeLinear}

// quantizeLinear computes saturate(round(x/scale) + zero_point). The scale is
// one number, one per index of an axis, or one per block of an axis.
var quantizeLinear = Op{
	Name: "QuantizeLinear", MinIn: 2, Grad: straightThrough,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		zero := opt(in, 2).DType
		if n.Input(2) == ir.None {
			zero = tensor.Uint8
		}
		to, err := dtypeAttr(n, "output_dtype", zero)
		return []Type{{DType: to, Shape: in[0].Shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		zero := opt(in, 2)
		to := tensor.Uint8
		if zero != nil {
			to = zero.DType()
		}
		to, err := dtypeAttr(n, "output_dtype", to)
		if err != nil {
			return nil, err
		}
		x, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		q, err := newQuantizer(n, in[0].Shape(), in[1], zero)
		if err != nil {
			return nil, err
		}
		y := make([]float64, len(x))
		for i, v := range x {
			scale, zero := q.of(i)
			y[i] = v / scale
			if !to.IsFloat() {
				y[i] = saturate(math.RoundToEven(float64(float32(y[i])))+zero, to)
			}
		}
		return castTo(n, tensor.Of(y, in[0].Shape()...), to)
	},
}

// dequantizeLinear computes (x - zero_point)·scale.
var dequantizeLinear = Op{
	Name: "DequantizeLinear", MinIn: 2, AnyType: true, Grad: straightThrough,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		to, err := dtypeAttr(n, "output_dtype", in[1].DType)
		return []Type{{DType: to, Shape: in[0].Shape}}, err
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		to, err := dtypeAttr(n, "output_dtype", in[1].DType())
		if err != nil {
			return nil, err
		}
		x, err := in[0].Floats()
		if err != nil {
			return nil, err
		}
		q, err := newQuantizer(n, in[0].Shape(), in[1], opt(in, 2))
		if err != nil {
			return nil, err
		}
		y := make([]float64, len(x))
		for i, v := range x {
			scale, zero := q.of(i)
			y[i] = (v - zero) * scale
		}
		return castTo(n, tensor.Of(y, in[0].Shape()...), to)
	},
}

// A quantizer finds the scale and the zero point of an element: entry at[i] of
// a list.
type quantizer struct {
	scale, zero []float64
	at          []int // nil if there is one entry for all
}

func (q quantizer) of(i int) (scale, zero float64) {
	if q.at == nil {
		return q.scale[0], q.zero[0]
	}
	return q.scale[q.at[i]], q.zero[q.at[i]]
}

func newQuantizer(n *ir.Node, shape []int, scale, zero *tensor.Tensor) (q quantizer, err error) {
	if q.scale, err = scale.Floats(); err != nil {
		return q, fmt.Errorf("scale: %w", err)
	}
	q.zero = make([]float64, len(q.scale))
	if zero != nil {
		if q.zero, err = zero.Floats(); err != nil {
			return q, fmt.Errorf("zero point: %w", err)
		}
	}
	if len(q.zero) != len(q.scale) || len(q.scale) == 0 {
		return q, fmt.Errorf("%d scales and %d zero points do not fit", len(q.scale), len(q.zero))
	}
	if len(q.scale) > 1 {
		q.at, err = scalePlaces(n, shape, scale.Shape())
	}
	return q, err
}

// scalePlaces tells for each element which scale it has. A vector of scales
// runs along the axis; scales of the input's rank stand for blocks of it.
func scalePlaces(n *ir.Node, shape, scales []int) ([]int, error) {
	axis, err := axisOf(n.Attrs.Int("axis", 1), len(shape))
	if err != nil {
		return nil, err
	}
	if len(scales) == 1 {
		if scales[0] != shape[axis] {
			return nil, fmt.Errorf("%d scales for extent %d", scales[0], shape[axis])
		}
		strides := make([]int, len(shape))
		strides[axis] = 1
		return offsets(shape, 0, strides), nil
	}
	block := n.Attrs.Int("block_size", 0)
	if err := alike(shape, scales, axis); err != nil {
		return nil, err
	}
	if block < 1 || (shape[axis]+block-1)/block != scales[axis] {
		return nil, fmt.Errorf("%d scales for extent %d in blocks of %d", scales[axis], shape[axis], block)
	}
	_, extent, inner := around(shape, axis)
	at := make([]int, product(shape))
	for i := range at {
		outer, k := i/inner/extent, i/inner%extent
		at[i] = (outer*scales[axis]+k/block)*inner + i%inner
	}
	return at, nil
}

// saturate clamps to the range of an integer type.
func saturate(v float64, to tensor.DType) float64 {
	bits := to.Bits()
	if isSigned(to) || to == tensor.Int4 || to == tensor.Int2 {
		bits--
		return min(max(v, -math.Ldexp(1, bits)), math.Ldexp(1, bits)-1)
	}
	return min(max(v, 0), math.Ldexp(1, bits)-1)
}

// straightThrough takes QuantizeLinear followed by DequantizeLinear for the
// identity that they approximate, since the gradient of rounding is zero and
// would say nothing of a quantized network (arXiv 1308.3432, section 2.1). What
// reaches the integers in between is the gradient of the real numbers that
// they stand for.
func straightThrough(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
	dx := make([]ir.ValueID, len(n.Inputs))
	for i := range dx {
		dx[i] = ir.None
	}
	if g.Needs(0) {
		dx[0] = dy[0]
	}
	return dx, nil
}

// dynamicQuantizeLinear chooses the scale and the zero point for uint8 from the
// range of its input, widened to include 0. Outputs: y, scale, zero point.
var dynamicQuantizeLinear = Op{
	Name: "DynamicQuantizeLinear", MinIn: 1, Grad: zeroGrad,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		return []Type{
			{DType: tensor.Uint8, Shape: in[0].Shape},
			{DType: tensor.Float32, Shape: ir.Shape{}},
			{DType: tensor.Uint8, Shape: ir.Shape{}},
		}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		if in[0].DType() != tensor.Float32 {
			return nil, errElements(in[0])
		}
		x := in[0].F32()
		var lo, hi float32
		for _, v := range x {
			lo, hi = min(lo, v), max(hi, v)
		}
		scale := (hi - lo) / 255
		if scale == 0 {
			scale = 1 // all zeros
		}
		round := func(v float32) float64 { return math.RoundToEven(float64(v)) }
		zero := saturate(round(0-lo/scale), tensor.Uint8)
		y := mapTo(x, func(v float32) uint8 { return uint8(saturate(round(v/scale)+zero, tensor.Uint8)) })
		return []*tensor.Tensor{tensor.Of(y, in[0].Shape()...), tensor.Scalar(scale), tensor.Scalar(uint8(zero))}, nil
	},
}
