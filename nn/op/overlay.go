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

// CheckOverlay errs unless the shapes of an Overlay's inputs go together.
func CheckOverlay(n *ir.Node, maps, patches, places, corners []int) error {
	h, w := n.Attrs.Int("height", 0), n.Attrs.Int("width", 0)
	if len(maps) != 4 || len(patches) != 4 || maps[0] != 1 || maps[1] != patches[1] || h < 1 || w < 1 {
		return fmt.Errorf("patches of %v over maps of %v in windows of %d by %d", patches, maps, h, w)
	}
	for _, s := range [][]int{places, corners} {
		if len(s) != 2 || s[0] != patches[0] || s[1] != 2 {
			return fmt.Errorf("places or corners of %v for %d patches", s, patches[0])
		}
	}
	return nil
}

func evalOverlay[T float](n *ir.Node, in []*tensor.Tensor) ([]*tensor.Tensor, error) {
	maps, patches := in[0].Shape(), in[1].Shape()
	if err := CheckOverlay(n, maps, patches, in[2].Shape(), in[3].Shape()); err != nil {
		return nil, err
	}
	places, err := in[2].Ints()
	if err != nil {
		return nil, err
	}
	corners, err := in[3].Ints()
	if err != nil {
		return nil, err
	}
	shape := []int{patches[0], maps[1], n.Attrs.Int("height", 0), n.Attrs.Int("width", 0)}
	size, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	out, fill, area := make([]T, size), T(n.Attrs.Float("fill", 0)), shape[2]*shape[3]
	over, under := tensor.Data[T](in[1]), tensor.Data[T](in[0])
	for k := range shape[0] * shape[1] {
		i, c := k/shape[1], k%shape[1]
		OverlayPlane(Plane[T]{out[k*area : (k+1)*area], shape[2], shape[3]},
			Plane[T]{under[c*maps[2]*maps[3]:], maps[2], maps[3]}, Plane[T]{over[k*patches[2]*patches[3]:], patches[2], patches[3]},
			[2]int{places[2*i], places[2*i+1]}, [2]int{corners[2*i], corners[2*i+1]}, fill)
	}
	return one(tensor.Of(out, shape...))
}

// A Plane is one map, row by row.
type Plane[T float] struct {
	Data []T
	H, W int
}

// OverlayPlane fills a window, whose corner is a row and a column of the map
// under it, with that map and a patch at its place over it.
func OverlayPlane[T float](window, under, patch Plane[T], place, corner [2]int, fill T) {
	if corner[0] < 0 || corner[1] < 0 || corner[0] > under.H-window.H || corner[1] > under.W-window.W {
		for j := range window.Data {
			window.Data[j] = fill
		}
	}
	window.lay(under, -corner[0], -corner[1])
	window.lay(patch, place[0]-corner[0], place[1]-corner[1])
}

// lay copies an image into a window, at a row and a column that may be outside.
func (window Plane[T]) lay(image Plane[T], row, column int) {
	left, right := max(column, 0), min(column+image.W, window.W)
	if left >= right {
		return
	}
	for y := max(row, 0); y < min(row+image.H, window.H); y++ {
		copy(window.Data[y*window.W+left:y*window.W+right], image.Data[(y-row)*image.W+left-column:])
	}
}
