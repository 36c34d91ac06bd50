package attribution

import "github.com/tomo-viz/tomo/model"

// Planes returns how the numbers of the answer's input lie in memory, as
// channels over places: the pixels of a prepared picture, the samples of a
// signal, the voxels of a volume.
func (a *Answer) Planes() model.Grid { return a.Grid(a.Main) }
