package ort

import (
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// checkMemory returns the most bytes that values alive at once take, of those
// whose shapes are known, and errs if that is over the limit.
func checkMemory(g *ir.Graph, types []op.Type, limit int64) (peak int64, err error) {
	last := map[ir.ValueID]int{} // the last node that reads a value
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			last[v] = i
		}
	}
	for _, v := range g.Outputs {
		last[v] = len(g.Nodes)
	}
	dies := make([]float64, len(g.Nodes)+1) // bytes, after each node
	held := 0.0
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Outputs {
			if v == ir.None {
				continue
			}
			size := bytesOf(types[v])
			held += size
			dies[max(last[v], i)] += size
		}
		if held > float64(limit) {
			return 0, &exec.MemoryError{Node: g.Nodes[i].Name, Need: int64(min(held, 1<<62)), Limit: limit}
		}
		peak = max(peak, int64(held))
		held -= dies[i]
	}
	return peak, nil
}

func bytesOf(t op.Type) float64 {
	shape, ok := t.Shape.Ints()
	if !ok {
		return 0
	}
	n := float64(t.DType.Size())
	for _, d := range shape {
		n *= float64(d)
	}
	return n
}
