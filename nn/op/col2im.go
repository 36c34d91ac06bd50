package op

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var columnOps = []Op{col2Im, im2Col}

// col2Im adds columns [N, C·block, blocks] up to images [N, C, spatial...],
// where they overlap: the transpose of im2Col. Inputs: columns, the shape of
// the image, that of a block.
var col2Im = Op{
	Name: "Col2Im", MinIn: 3,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType}
		image, block := in[1].Dims(), in[2].Dims()
		if image == nil || block == nil || len(in[0].Shape) != 3 {
			return []Type{out}, nil
		}
		out.Shape = joinShapes(ir.Shape{in[0].Shape[0], divDims(in[0].Shape[1], mulDims(block...))}, image)
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		b, err := newTiling(n, in[1], in[2])
		if err != nil {
			return nil, err
		}
		s := in[0].Shape()
		if len(s) != 3 || s[1]%b.size() != 0 || s[2] != product(b.counts) {
			return nil, fmt.Errorf("columns of shape %v do not hold %d blocks of %d elements", s, product(b.counts), b.size())
		}
		shape := slices.Concat([]int{s[0], s[1] / b.size()}, b.image)
		if _, err := checkSize(shape); err != nil {
			return nil, err
		}
		places := mapTo(b.places(s[0]*s[1]/b.size()), func(p int) int64 { return int64(p + 1) })
		return addAt(in[0], tensor.Of(places, s...), shape)
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Node(Domain, "Im2Col", n.Attrs, 1, dy[0], n.Inputs[1], n.Inputs[2])[0]
		}
		return out, nil
	},
}

// im2Col lays the blocks of images out as columns; what lies in the padding is
// 0.
var im2Col = Op{
	Name: "Im2Col", Domain: Domain, MinIn: 3, AnyType: true,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		unknown := ir.Symbol("")
		out := Type{DType: in[0].DType, Shape: ir.Shape{unknown, unknown, unknown}}
		if in[1].Value == nil || in[2].Value == nil || len(in[0].Shape) < 3 {
			return []Type{out}, nil
		}
		b, err := newTiling(n, in[1].Value, in[2].Value)
		if err != nil {
			return nil, err
		}
		out.Shape = ir.Shape{in[0].Shape[0], mulDims(in[0].Shape[1], ir.Known(b.size())), ir.Known(product(b.counts))}
		return []Type{out}, nil
	},
	Eval: func(n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
		b, err := newTiling(n, in[1], in[2])
		if err != nil {
			return nil, err
		}
		s := in[0].Shape()
		if len(s) < 3 || !slices.Equal(s[2:], b.image) {
			return nil, fmt.Errorf("the image has shape %v, not [N, C] and %v", s, b.image)
		}
		return takeAs(in[0], []int{s[0], s[1] * b.size(), product(b.counts)}, func() ([]int, int) {
			return b.places(s[0] * s[1]), 1
		})
	},
	Grad: func(g *Grad, n *ir.Node, dy []ir.ValueID) ([]ir.ValueID, error) {
		out := noGrads(n)
		if g.Needs(0) {
			out[0] = g.Op("Col2Im", n.Attrs, dy[0], n.Inputs[1], n.Inputs[2])
		}
		return out, nil
	},
}

// A tiling is how blocks lie in an image.
type tiling struct {
	image, block, counts     []int
	dilations, strides, pads []int
}

func newTiling(n *ir.Node, image, block *tensor.Tensor) (*tiling, error) {
	b := &tiling{dilations: n.Attrs.Ints("dilations"), strides: n.Attrs.Ints("strides"), pads: n.Attrs.Ints("pads")}
	var err error
	if b.image, err = image.Ints(); err == nil {
		b.block, err = block.Ints()
	}
	if err != nil {
		return nil, err
	}
	axes := len(b.image)
	if b.dilations == nil {
		b.dilations = slices.Repeat([]int{1}, axes)
	}
	if b.strides == nil {
		b.strides = slices.Repeat([]int{1}, axes)
	}
	if b.pads == nil {
		b.pads = make([]int, 2*axes)
	}
	if len(b.block) != axes || len(b.dilations) != axes || len(b.strides) != axes || len(b.pads) != 2*axes {
		return nil, fmt.Errorf("image %v, block %v, dilations %v, strides %v and pads %v differ in rank", b.image, b.block, b.dilations, b.strides, b.pads)
	}
	for a := range b.image {
		if err := b.count(a); err != nil {
			return nil, err
		}
	}
	_, err = checkSize(slices.Concat(b.block, b.counts))
	return b, err
}

// count finds how many blocks fit along an axis.
func (b *tiling) count(a int) error {
	const most = 1 << 28
	for _, v := range []int{b.image[a], b.block[a], b.dilations[a], b.strides[a]} {
		if v < 1 || v > most {
			return fmt.Errorf("image %v, block %v, dilations %v and strides %v must be from 1 to %d", b.image, b.block, b.dilations, b.strides, most)
		}
	}
	before, behind := b.pads[a], b.pads[len(b.image)+a]
	if before < 0 || behind < 0 || max(before, behind) > most {
		return fmt.Errorf("pads %v must be from 0 to %d", b.pads, most)
	}
	room := b.image[a] + before + behind - (b.block[a]-1)*b.dilations[a] - 1
	if room < 0 {
		return fmt.Errorf("a block of %v does not fit an image of %v", b.block, b.image)
	}
	b.counts = append(b.counts, room/b.strides[a]+1)
	return nil
}

func (b *tiling) size() int { return product(b.block) }

// places lists where each element of the columns lies in the images, -1 in the
// padding.
func (b *tiling) places(channels int) []int {
	per := product(b.image)
	at := make([]int, 0, channels*b.size()*product(b.counts))
	for c := range channels {
		for k := range b.size() {
			for block := range product(b.counts) {
				p := b.place(k, block)
				if p >= 0 {
					p += c * per
				}
				at = append(at, p)
			}
		}
	}
	return at
}

// place is where element k of a block lies in a channel.
func (b *tiling) place(k, block int) int {
	at, stride := 0, 1
	for a := len(b.image) - 1; a >= 0; a-- {
		i := block%b.counts[a]*b.strides[a] + k%b.block[a]*b.dilations[a] - b.pads[a]
		if i < 0 || i >= b.image[a] {
			return -1
		}
		at += i * stride
		stride *= b.image[a]
		block /= b.counts[a]
		k /= b.block[a]
	}
	return at
}
