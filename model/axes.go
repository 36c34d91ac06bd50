package model

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// An axis is what one axis of a tensor runs over.
type axis uint8

const (
	one axis = iota // nothing: its extent is 1
	batch
	channel
	depth
	height
	width
	tokens // all places in a row, and such tokens as belong to none
)

func spaceAxes(n int) []axis { return []axis{depth, height, width}[3-min(max(n, 0), 3):] }

func isSpace(a axis) bool { return a == depth || a == height || a == width }

// A lay is how a value lies over the input: what its axes are (nil if that is
// not known), and for tokens the extents of their grid and how many come before.
type lay struct {
	axes []axis
	over []int
	lead int
	// before is what was reshaped so that axes run over no one thing, if such are
	// known: a later reshape may bring it back.
	before *folded
}

// folded is a value whose elements another has, in the same order.
type folded struct {
	lay
	shape []int
}

// layOut follows the input's axes through the graph. Where an operator mixes
// places, the trail ends; a residual sum finds it again.
func layOut(g *ir.Graph, types []op.Type, in ir.ValueID, axes []axis) []lay {
	w := &way{g, types, make([]lay, len(g.Values)), len(axes) - 2}
	w.lays[in] = lay{axes: axes}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for j, v := range n.Outputs {
			if v == ir.None || v == in {
				continue
			}
			if shape, ok := types[v].Shape.Ints(); ok && len(shape) > 0 {
				w.lays[v] = w.through(n, j, shape)
			}
		}
	}
	return w.lays
}

// A way is the state of layOut.
type way struct {
	g     *ir.Graph
	types []op.Type
	lays  []lay
	dims  int // of space
}

// through returns the lay of an output of a node.
func (w *way) through(n *ir.Node, output int, shape []int) lay {
	switch n.Op {
	case "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "FusedConv", "NhwcConv", "MaxPool", "AveragePool", "LpPool", "MaxUnpool", "DeformConv", "DepthToSpace", "SpaceToDepth":
		return w.channelsFirst(n, shape)
	case "Resize", "Upsample":
		return w.resize(n, shape)
	case "Transpose":
		return w.transpose(n)
	case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
		return w.reshape(n, shape)
	case "MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "FusedMatMul", "FusedGemm":
		return w.multiply(n, shape)
	case "Concat":
		return w.concat(n, shape)
	case "Slice":
		return w.slice(n, shape)
	case "Gather":
		return w.gather(n, shape)
	case "GatherElements", "GatherND", "ScatterElements", "ScatterND", "TopK", "ReverseSequence", "RoiAlign", "NonZero":
		return lay{}
	}
	return w.alike(n, shape)
}

// of returns the lay of an input of a node, and its shape.
func (w *way) of(n *ir.Node, i int) (lay, []int) {
	v := n.Input(i)
	if v == ir.None || w.lays[v].axes == nil {
		return lay{}, nil
	}
	shape, ok := w.types[v].Shape.Ints()
	if !ok || len(shape) != len(w.lays[v].axes) {
		return lay{}, nil
	}
	return w.lays[v], shape
}

// channelsFirst is how convolutions and pools see all that they are given.
func (w *way) channelsFirst(n *ir.Node, shape []int) lay {
	if in, _ := w.of(n, 0); len(shape) != 2+w.dims || slices.Contains(in.axes, tokens) {
		return w.alike(n, shape)
	}
	return lay{axes: slices.Concat([]axis{batch, channel}, spaceAxes(w.dims))}
}

// resize keeps what it enlarges or reduces, unless it cuts out a part of that.
func (w *way) resize(n *ir.Node, shape []int) lay {
	in, from := w.of(n, 0)
	if in.axes == nil || len(from) != len(shape) || n.Attrs.Str("coordinate_transformation_mode", "") == "tf_crop_and_resize" {
		return lay{}
	}
	for i, a := range in.axes {
		if from[i] != shape[i] && !isSpace(a) {
			return lay{}
		}
	}
	return in
}

// alike is for operators that keep the places: the output has the lay of the
// first input that agrees with it in all extents but those of channels.
func (w *way) alike(n *ir.Node, shape []int) lay {
	for i := range n.Inputs {
		if in, from := w.of(n, i); in.axes != nil && agree(in.axes, from, shape) {
			return in
		}
	}
	for i := range n.Inputs {
		if in, from := w.foldedOf(n, i); in.before != nil && slices.Equal(from, shape) {
			return in
		}
	}
	return lay{}
}

// foldedOf returns the lay of an input of a node whose axes are not known, and
// its shape.
func (w *way) foldedOf(n *ir.Node, i int) (lay, []int) {
	v := n.Input(i)
	if v == ir.None || w.lays[v].before == nil {
		return lay{}, nil
	}
	shape, ok := w.types[v].Shape.Ints()
	if !ok {
		return lay{}, nil
	}
	return w.lays[v], shape
}

func agree(axes []axis, from, to []int) bool {
	if len(from) != len(to) {
		return false
	}
	for i, a := range axes {
		if from[i] != to[i] && a != channel && a != one {
			return false
		}
	}
	return true
}

func (w *way) transpose(n *ir.Node) lay {
	in, from := w.of(n, 0)
	if in.axes == nil {
		return lay{}
	}
	perm := n.Attrs.Ints("perm")
	out := lay{axes: make([]axis, len(from)), over: in.over, lead: in.lead}
	for i := range out.axes {
		j := len(from) - 1 - i
		if perm != nil {
			j = perm[i]
		}
		out.axes[i] = in.axes[j]
	}
	return out
}

// multiply keeps the rows of the first matrix and the columns of the second,
// which are channels if they are weights.
func (w *way) multiply(n *ir.Node, shape []int) lay {
	in, from := w.of(n, 0)
	if in.axes == nil || len(from) != len(shape) || len(shape) < 2 || n.Attrs.Bool("transA", false) {
		return lay{}
	}
	last := len(shape) - 1
	out := lay{axes: slices.Clone(in.axes), over: in.over, lead: in.lead}
	out.axes[last] = channel
	if other, columns := w.of(n, 1); len(other.axes) == len(shape) && columns[last] == shape[last] {
		out.axes[last] = other.axes[last]
	}
	if !agree(in.axes[:last], from[:last], shape[:last]) {
		return lay{}
	}
	return out
}

// grid returns where the elements of a tensor of that shape lie.
func (l lay) grid(shape []int) (Grid, bool) {
	if l.axes == nil || len(shape) != len(l.axes) {
		return Grid{}, false
	}
	g := Grid{Channels: 1, H: 1, W: 1, D: 1, DC: 1, DY: 1, DX: 1}
	seen := map[axis]bool{}
	rows, dz, step := 1, 0, 1
	for i, a := range slices.Backward(l.axes) {
		extent := shape[i]
		switch {
		case extent == 1 || a == batch && i == 0:
		case a == one || a == batch || seen[a]:
			return Grid{}, false
		case a == channel:
			g.Channels, g.DC = extent, step
		case a == tokens:
			if !l.laysTokens(&g, extent, step) {
				return Grid{}, false
			}
			rows = g.H / g.D
		case a == width:
			g.W, g.DX = extent, step
		case a == height:
			rows, g.DY = extent, step
		case a == depth:
			g.D, dz = extent, step
		}
		seen[a] = seen[a] || extent > 1
		step *= extent
	}
	if dz > 0 && rows == 1 {
		g.DY = dz
	}
	g.H = g.D * rows
	return g, dz == 0 || dz == rows*g.DY
}

// laysTokens lays a sequence on its grid.
func (l lay) laysTokens(g *Grid, extent, step int) bool {
	if l.lead+product(l.over) > extent {
		return false
	}
	sides := append([]int{1, 1, 1}, l.over...)
	sides = sides[len(sides)-3:]
	g.D, g.H, g.W = sides[0], sides[0]*sides[1], sides[2]
	g.DX, g.DY = step, step*g.W
	g.Lead, g.first = l.lead, l.lead*step
	return true
}

func product(extents []int) int {
	n := 1
	for _, e := range extents {
		n *= e
	}
	return n
}
