package gradients

import (
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A gate is what a ReLU puts out: its channels that were ever above zero let a
// gradient through, the others are dead.
type gate struct {
	name  string
	value ir.ValueID
	grid  func(shape []int) model.Grid
	alive []bool // by channel, over all samples so far
}

// gatesOf lists the ReLUs on the way to the answer.
func gatesOf(m *model.Model, answer ir.ValueID) []gate {
	var out []gate
	needed := m.Net.Needed([]ir.ValueID{answer}, nil)
	for i := range m.Net.Nodes {
		n := &m.Net.Nodes[i]
		if v := n.Output(0); needed[i] && (n.Op == "Relu" || isRelu6(m.Net, n)) && m.Net.Values[v].Const == nil {
			out = append(out, gate{name: m.LayerName(v), value: v, grid: func(shape []int) model.Grid { return m.Grid(v, shape) }})
		}
	}
	return out
}

// isRelu6 knows the ReLU that is also cut off above (Krizhevsky 2010), which
// ONNX spells as Clip.
func isRelu6(g *ir.Graph, n *ir.Node) bool {
	if n.Op != "Clip" {
		return false
	}
	low := n.Input(1)
	if low == ir.None {
		return n.Attrs.Float("min", -1) == 0
	}
	c := g.Values[low].Const
	return c != nil && c.Len() == 1 && c.DType() == tensor.Float32 && c.F32()[0] == 0
}

// add looks at what the ReLU puts out for a batch.
func (d *gate) add(t *tensor.Tensor) {
	if t.DType() != tensor.Float32 || t.Rank() == 0 || t.Dim(0) == 0 {
		return
	}
	shape := slices.Clone(t.Shape())
	n := shape[0]
	shape[0] = 1
	grid := d.grid(shape)
	row := t.Len() / n
	if d.alive == nil {
		d.alive = make([]bool, grid.Channels)
	}
	for s := range n {
		maps := grid.Maps(t.F32()[s*row : (s+1)*row])
		places := grid.Places()
		for c := range min(grid.Channels, len(d.alive)) {
			if !d.alive[c] {
				d.alive[c] = slices.ContainsFunc(maps[c*places:(c+1)*places], func(v float32) bool { return v > 0 })
			}
		}
	}
}

// deadUnits counts the channels that were never above zero.
func (d *gate) deadUnits() (dead, units int) {
	for _, alive := range d.alive {
		if !alive {
			dead++
		}
	}
	return dead, len(d.alive)
}
