package exec

import (
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A fold makes one number of many.
type fold struct {
	start float32                      // of nothing
	line  func(src []float32) float32  // of a slice
	pair  func(a, b float32) float32   // of two results
	lines func(dst, a, b []float32)    // of two results each
	each  func(dst, src []float32)     // applied to the numbers first, or nil
	end   func(y []float32, count int) // applied to the results, or nil
}

func sum(a, b float32) float32 { return a + b }

func mean(y []float32, count int) { kernel.Scale(y, y, 1/float32(count)) }

func root(y []float32, _ int) { kernel.Sqrt(y, y) }

func square(dst, src []float32) { kernel.Mul(dst, src, src) }

var folds = map[string]fold{
	"ReduceSum":       {0, kernel.Sum, sum, kernel.Add, nil, nil},
	"ReduceMean":      {0, kernel.Sum, sum, kernel.Add, nil, mean},
	"ReduceMax":       {float32(math.Inf(-1)), kernel.MaxOf, func(a, b float32) float32 { return max(a, b) }, kernel.Max, nil, nil},
	"ReduceMin":       {float32(math.Inf(1)), kernel.MinOf, func(a, b float32) float32 { return min(a, b) }, kernel.Min, nil, nil},
	"ReduceSumSquare": {0, kernel.SumSquares, sum, kernel.Add, square, nil},
	"ReduceL2":        {0, kernel.SumSquares, sum, kernel.Add, square, root},
}

var reduceLowerings = func() map[string]lowering {
	table := map[string]lowering{}
	for name, f := range folds {
		table[name] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) { return lowerReduce(p, id, f) }
	}
	table["ReduceMean"] = func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		if s, last := lowerSpelledNorm(p, id); s != nil {
			return s, last
		}
		return lowerReduce(p, id, folds["ReduceMean"])
	}
	table["GlobalAveragePool"] = lowerGlobalPool(folds["ReduceMean"])
	table["GlobalMaxPool"] = lowerGlobalPool(folds["ReduceMax"])
	return table
}()

// lowerReduce lowers a reduction over constant axes.
func lowerReduce(p *planner, id ir.NodeID, f fold) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	axes, ok := p.reducedAxes(n)
	if !ok || !p.isFloat(n.Inputs[0], n.Outputs[0]) {
		return nil, 0
	}
	return p.reducing(n.Inputs[0], n.Outputs[0], axes, f), id
}

// reducedAxes tells for each axis of a reduction's input whether it is reduced.
func (p *planner) reducedAxes(n *ir.Node) ([]bool, bool) {
	if !settled(p.types[n.Inputs[0]]) {
		return nil, false
	}
	axes, known := n.Attrs.Ints("axes"), true
	if v := n.Input(1); v != ir.None {
		axes, known = p.types[v].Ints()
	}
	reduced := make([]bool, len(p.shape(n.Inputs[0])))
	if len(axes) == 0 && !n.Attrs.Bool("noop_with_empty_axes", false) {
		for i := range reduced {
			reduced[i] = true
		}
	}
	for _, a := range axes {
		if a < 0 {
			a += len(reduced)
		}
		if a < 0 || a >= len(reduced) {
			return nil, false
		}
		reduced[a] = true
	}
	return reduced, known
}

// lowerSumTo lowers the sum over the axes along which a value was repeated.
func lowerSumTo(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(x, y) {
		return nil, 0
	}
	from, to := p.shape(x), p.shape(y)
	lead := len(from) - len(to)
	if lead < 0 {
		return nil, 0
	}
	reduced := make([]bool, len(from))
	for a, n := range from {
		reduced[a] = a < lead || to[a-lead] == 1 && n != 1
	}
	return p.reducing(x, y, reduced, folds["ReduceSum"]), id
}

func lowerGlobalPool(f fold) lowering {
	return func(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
		n := &p.g.Nodes[id]
		if !p.isFloat(n.Inputs[0], n.Outputs[0]) {
			return nil, 0
		}
		reduced := make([]bool, len(p.shape(n.Inputs[0])))
		for a := range reduced {
			reduced[a] = a > 1
		}
		return p.reducing(n.Inputs[0], n.Outputs[0], reduced, f), id
	}
}

// lowerExpand repeats a value over a larger shape.
func lowerExpand(p *planner, id ir.NodeID) (*stage, ir.NodeID) {
	n := &p.g.Nodes[id]
	x, y := n.Inputs[0], n.Outputs[0]
	if !p.isFloat(x, y) || len(p.shape(y)) < len(p.shape(x)) {
		return nil, 0
	}
	if slices.Equal(p.shape(x), p.shape(y)) {
		return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, view: true}, id
	}
	return p.gathering(x, y, newWalk(p.shape(y), broadcastStrides(p.shape(x), p.shape(y))), 0), id
}
