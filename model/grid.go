package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// A Grid says how the numbers of a value lie as channels over places: the maps
// [1, C, H, W] of a convolution, the tokens [1, T, C] of a transformer, the
// samples of a signal [1, C, L], the slices of a volume [1, C, D, H, W], or a
// vector [1, C], which has one place.
type Grid struct {
	Channels, H, W int
	// D is how many slices of a volume lie on one another in the H rows.
	D int
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

// Extents are how far the places reach in depth, height and width: 1 in
// directions that the input does not have.
func (g Grid) Extents() (depth, height, width int) { return g.D, g.H / g.D, g.W }

// String writes channels and places as "64 × 56×56".
func (g Grid) String() string {
	if g.Places() == 1 {
		return fmt.Sprint(g.Channels)
	}
	return fmt.Sprintf("%d × %s", g.Channels, g.Size())
}

// Size writes the places as "56×56", those of a volume as "16×56×56", and those
// of a signal as their number.
func (g Grid) Size() string {
	switch {
	case g.D > 1:
		return fmt.Sprintf("%d×%d×%d", g.D, g.H/g.D, g.W)
	case g.H == 1:
		return fmt.Sprint(g.W)
	}
	return fmt.Sprintf("%d×%d", g.H, g.W)
}

// Maps returns the numbers with the channels apart, each a map of H×W. It is
// values itself where they lie like that.
func (g Grid) Maps(values []float32) []float32 {
	n := g.Places()
	if g.first == 0 && (g.DC == n || g.Channels == 1) && g.DX == 1 && (g.H == 1 || g.DY == g.W) {
		return values[:g.Channels*n]
	}
	out := make([]float32, g.Channels*n)
	for i := range n {
		at := g.At(0, i/g.W, i%g.W)
		for c := range g.Channels {
			out[c*n+i] = values[at+c*g.DC]
		}
	}
	return out
}

// Grid lays out what a value is for one input, in the shape that the network
// gave it. Where the input's axes cannot be followed to the value, channels are
// taken for the second axis, as ONNX has pictures, and the last one of three;
// tokens are laid on the grid of patches where their number allows one that has
// the proportions of the picture, and in a row otherwise; of more than two
// extents behind the channels all but the last run down.
func (m *Model) Grid(v ir.ValueID, shape []int) Grid {
	if g, ok := m.Grids().lay(v).grid(shape); ok {
		return g
	}
	axis := min(1, len(shape)-1)
	if len(shape) == 3 {
		axis = 2
	}
	if axes := m.Grids().lay(v).axes; slices.Contains(axes, channel) {
		axis = slices.Index(axes, channel)
	}
	return m.guessGrid(shape, axis)
}

func (m *Model) guessGrid(shape []int, axis int) Grid {
	g := Grid{Channels: 1, H: 1, W: 1, D: 1, DC: 1, DY: 1, DX: 1}
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
