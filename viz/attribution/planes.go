package attribution

import "github.com/tomo-viz/tomo/model"

// Planes returns how the numbers of the answer's input lie in memory, as
// channels over places: the pixels of a prepared picture, the samples of a
// signal, the voxels of a volume.
// The features of a row are places, each of which has one number, and so are tokens,
// whose channels are their embedding.
func (a *Answer) Planes() model.Grid {
	if a.OfTokens() {
		tokens, width := a.Input.Dim(1), a.Input.Dim(2)
		return model.Grid{Channels: width, D: 1, H: 1, W: tokens, DC: 1, DY: tokens * width, DX: width}
	}
	if a.Input.Rank() == 2 {
		return model.Grid{Channels: 1, D: 1, H: 1, W: a.Input.Dim(1), DC: 1, DY: 1, DX: 1}
	}
	return a.Grid(a.Main)
}
