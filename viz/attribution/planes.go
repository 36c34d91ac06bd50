package attribution

import "github.com/tomo-viz/tomo/model"

// Planes say how a prepared picture lies in memory: its extents, and how far
// apart are the neighbours in a row, in a column, and of two channels.
type Planes struct {
	Channels, H, W int
	DX, DY, DC     int
}

// Planes returns those of the answer's picture.
func (a *Answer) Planes() Planes {
	shape := a.Input.Shape()
	if a.Model.Prep.Layout == model.NHWC {
		p := Planes{Channels: shape[3], H: shape[1], W: shape[2]}
		p.DX, p.DY, p.DC = p.Channels, p.W*p.Channels, 1
		return p
	}
	p := Planes{Channels: shape[1], H: shape[2], W: shape[3]}
	p.DX, p.DY, p.DC = 1, p.W, p.H*p.W
	return p
}

// At is where a channel of a pixel lies.
func (p Planes) At(c, y, x int) int { return c*p.DC + y*p.DY + x*p.DX }
