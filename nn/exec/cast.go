package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// lowerCast lowers casts of integers, truth values and doubles to float32, and
// of nothing to itself, which is a view.
func lowerCast(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	if s, last := lowerView(p, id); s != nil {
		return s, last
	}
	n := &p.g.Nodes[id]
	x, y := n.Input(0), n.Output(0)
	if x == ir.None || !p.isFloat(y) || !settled(p.types[x]) {
		return nil, 0
	}
	widen := widenings[p.types[x].DType]
	if widen == nil {
		return nil, 0
	}
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(r *run) error {
		dst, src := r.out(y), r.values[x]
		r.team.Ranges(len(dst), grain, func(lo, hi int) { widen(dst, src, lo, hi) })
		return nil
	}}, id
}

// widenings write elements lo to hi of a tensor as float32.
var widenings = map[tensor.DType]func(dst []float32, src *tensor.Tensor, lo, hi int){
	tensor.Int64: numbers[int64], tensor.Int32: numbers[int32], tensor.Int16: numbers[int16], tensor.Int8: numbers[int8],
	tensor.Uint8: numbers[uint8], tensor.Uint16: numbers[uint16], tensor.Uint32: numbers[uint32], tensor.Float64: numbers[float64],
	tensor.Bool: func(dst []float32, src *tensor.Tensor, lo, hi int) {
		for i, v := range tensor.Data[bool](src)[lo:hi] {
			dst[lo+i] = 0
			if v {
				dst[lo+i] = 1
			}
		}
	},
}

func numbers[T int64 | int32 | int16 | int8 | uint8 | uint16 | uint32 | float64](dst []float32, src *tensor.Tensor, lo, hi int) {
	for i, v := range tensor.Data[T](src)[lo:hi] {
		dst[lo+i] = float32(v)
	}
}
