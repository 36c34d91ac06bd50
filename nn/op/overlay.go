package op

import (
	"fmt"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

var overlayOps = []Op{overlay}

// overlay cuts windows out of maps that patches are laid over: what a layer
// must read where its input differs from one that is known in a patch alone.
//
//	maps [1,C,H,W], patches [N,C,h,w], places [N,2], corners [N,2] -> [N,C,height,width]
//
// For each patch, its place and the window's corner are rows and columns in the
// maps; what of a window lies outside is the attribute fill.
var overlay = Op{
	Name: "Overlay", Domain: Domain, MinIn: 4,
	Infer: func(n *ir.Node, in []Type) ([]Type, error) {
		out := Type{DType: in[0].DType, Shape: ir.Shape{ir.Symbol(""), ir.Symbol(""), ir.Known(n.Attrs.Int("height", 0)), ir.Known(n.Attrs.Int("width", 0))}}
		if n.Attrs.Int("height", 0) < 1 || n.Attrs.Int("width", 0) < 1 {
			return nil, fmt.Errorf("a window of %d by %d", n.Attrs.Int("height", 0), n.Attrs.Int("width", 0))
		}
		if s := in[1].Shape; len(s) == 4 {
			out.Shape[0], out.Shape[1] = s[0], s[1]
		}
		return []Type{out}, nil
	},
	Eval: byFloat(evalOverlay[float32], evalOverlay[float64], 2, 3),
}

func evalOverlay[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	h, w := n.Attrs.Int("height", 0), n.Attrs.Int("width", 0)
	maps, patches := in[0].Shape(), in[1].Shape()
	if len(maps) != 4 || len(patches) != 4 || maps[0] != 1 || maps[1] != patches[1] || h < 1 || w < 1 {
		return nil, fmt.Errorf("patches of %v over maps of %v in windows of %d by %d", patches, maps, h, w)
	}
	places, err := in[2].Ints()
	if err != nil {
		return nil, err
	}
	corners, err := in[3].Ints()
	if err != nil {
		return nil, err
	}
	count := patches[0]
	if len(places) != 2*count || len(corners) != 2*count {
		return nil, fmt.Errorf("%d places and %d corners for %d patches", len(places)/2, len(corners)/2, count)
	}
	shape := []int{count, maps[1], h, w}
	size, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	out, fill := make([]T, size), T(n.Attrs.Float("fill", 0))
	over, under := tensor.Data[T](in[1]), tensor.Data[T](in[0])
	for i := range count {
		y0, x0 := corners[2*i], corners[2*i+1]
		for c := range maps[1] {
			window := out[(i*maps[1]+c)*h*w:][:h*w]
			for j := range window {
				window[j] = fill
			}
			lay(window, h, w, under[c*maps[2]*maps[3]:], maps[2], maps[3], -y0, -x0)
			lay(window, h, w, over[(i*maps[1]+c)*patches[2]*patches[3]:], patches[2], patches[3], places[2*i]-y0, places[2*i+1]-x0)
		}
	}
	return one(tensor.Of(out, shape...))
}

// lay copies an image of ph×pw into a window of h×w, at a row and a column that
// may be outside.
func lay[T float](window []T, h, w int, image []T, ph, pw, row, column int) {
	left, right := max(column, 0), min(column+pw, w)
	if left >= right {
		return
	}
	for y := max(row, 0); y < min(row+ph, h); y++ {
		copy(window[y*w+left:y*w+right], image[(y-row)*pw+left-column:])
	}
}
