package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A Grid says how the numbers of a value lie as channels over places: the maps
// [1, C, H, W] of a convolution, the tokens [1, T, C] of a transformer, or a
// vector [1, C], which has one place.
type Grid struct {
	Channels, H, W int
	// Lead is how many tokens come before those on the grid, such as the class
	// token.
	Lead int
	// DC, DY and DX are how far apart in memory neighbours of two channels, in a
	// column and in a row are.
	DC, DY, DX int
	first      int
}

// At is where a channel of a place lies.
func (g Grid) At(c, y, x int) int { return g.first + c*g.DC + y*g.DY + x*g.DX }

// Places is how many there are.
func (g Grid) Places() int { return g.H * g.W }

// String writes channels and places as "64 × 56×56".
func (g Grid) String() string {
	if g.Places() == 1 {
		return fmt.Sprint(g.Channels)
	}
	return fmt.Sprintf("%d × %d×%d", g.Channels, g.H, g.W)
}

// Grid lays out what a value is for one input, in the shape that the network
// gave it. Tokens are laid on the grid of patches where their number allows one
// that has the proportions of the picture, and in a row otherwise; of more than
// two extents behind the channels all but the last run down.
func (m *Model) Grid(v ir.ValueID, shape []int) Grid {
	g := Grid{Channels: 1, H: 1, W: 1, DC: 1, DY: 1, DX: 1}
	axis := m.channelAxis(v, len(shape))
	step, seen := 1, 0
	for i, n := range slices.Backward(shape) {
		switch {
		case i == axis:
			g.Channels, g.DC = n, step
		case n == 1:
		case seen == 0:
			g.W, g.DX, seen = n, step, 1
		case seen == 1:
			g.H, g.DY, seen = n, step, 2
		case g.DY*g.H == step:
			g.H *= n
		default: // what lies before the channels are more of them
			g.Channels *= n
		}
		step *= n
	}
	if seen == 1 {
		return m.onPatches(g)
	}
	return g
}

// leads are how many tokens come before the grid: a class token, one of
// distillation (DeiT), four registers (DINOv2).
var leads = []int{0, 1, 2, 5}

// onPatches lays a row of tokens on the grid of patches, if there is one.
func (m *Model) onPatches(g Grid) Grid {
	if m.Prep == nil || m.Prep.Width == 0 || m.Prep.Height == 0 {
		return g
	}
	for _, lead := range leads {
		places := max(g.W-lead, 0)
		h := int(math.Sqrt(float64(places*m.Prep.Height/m.Prep.Width)) + 0.5)
		w := h * m.Prep.Width / m.Prep.Height
		if h > 1 && h*w == places && w*m.Prep.Height == h*m.Prep.Width && places > 8*lead {
			g.first, g.Lead = lead*g.DX, lead
			g.H, g.W, g.DY = h, w, w*g.DX
			return g
		}
	}
	return g
}

// channelAxis is the axis of the channels: as the operators before the value
// have it, or else the second, as ONNX has pictures, and the last of tokens.
func (m *Model) channelAxis(v ir.ValueID, rank int) int {
	m.axesOnce.Do(m.findAxes)
	switch axis := m.axes[v]; {
	case axis >= 0 && axis < rank:
		return axis
	case rank == 3:
		return 2
	}
	return min(1, rank-1)
}

// findAxes follows the axis of the channels through the graph; it is -1 where
// it is not known.
func (m *Model) findAxes() {
	m.axes = slices.Repeat([]int{-1}, len(m.Net.Values))
	for i := range m.Net.Nodes {
		n := &m.Net.Nodes[i]
		if v := n.Output(0); v != ir.None {
			m.axes[v] = m.axisOf(n, m.Types[v].Shape)
		}
	}
}

// axisOf says on which axis a node has the channels of its first output.
func (m *Model) axisOf(n *ir.Node, out ir.Shape) int {
	switch n.Op {
	case "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "FusedConv", "DeformConv",
		"BatchNormalization", "InstanceNormalization", "GroupNormalization", "PRelu", "LRN":
		return 1
	case "Gemm", "LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", "Attention", "MultiHeadAttention":
		return len(out) - 1
	case "MatMul":
		if b := n.Input(1); b != ir.None && m.Net.Values[b].Const != nil {
			return len(out) - 1
		}
		return -1
	case "Transpose":
		return m.transposed(n, out)
	case "Reshape", "Flatten", "Squeeze", "Unsqueeze":
		return m.reshaped(n, out)
	}
	for _, v := range n.Inputs { // elementwise and along places: as its operand
		if v != ir.None && m.axes[v] >= 0 && len(m.Types[v].Shape) == len(out) && m.axes[v] < len(out) {
			return m.axes[v]
		}
	}
	return -1
}

func (m *Model) transposed(n *ir.Node, out ir.Shape) int {
	v := n.Input(0)
	if v == ir.None || m.axes[v] < 0 {
		return -1
	}
	if perm := n.Attrs.Ints("perm"); len(perm) > 0 {
		return slices.Index(perm, m.axes[v])
	}
	return len(out) - 1 - m.axes[v]
}

// reshaped keeps the axis where its extent and the number of elements behind it
// are what they were.
func (m *Model) reshaped(n *ir.Node, out ir.Shape) int {
	v := n.Input(0)
	if v == ir.None || m.axes[v] < 0 || m.axes[v] >= len(m.Types[v].Shape) {
		return -1
	}
	in, axis := m.Types[v].Shape, m.axes[v]
	behind, ok := in[axis+1:].Ints()
	if !ok {
		return -1
	}
	for i, d := range out {
		rest, ok := out[i+1:].Ints()
		if ok && d.IsKnown() && d.N == in[axis].N && product(rest) == product(behind) {
			return i
		}
	}
	return -1
}

func product(extents []int) int {
	n := 1
	for _, e := range extents {
		n *= e
	}
	return n
}
