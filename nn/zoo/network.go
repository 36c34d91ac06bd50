package zoo

import (
	"math/rand/v2"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Network builds a graph and tells how to feed it.
type Network struct {
	// Build returns the graph, whose nodes are sorted and whose inputs are of any
	// batch. The same seed gives the same weights.
	Build func(seed uint64) *ir.Graph
	// Inputs are sizes and ranges for the graph's inputs, in their order.
	Inputs []Input
}

// An Input says what to feed to an input of a graph.
type Input struct {
	// Shape are the extents; 0 stands for the batch.
	Shape []int
	// Below is the bound of integers: tokens are from 0 to Below-1, a mask has 2.
	Below int
}

// tokens is an input of token numbers, or flags, for one text.
func tokens(length, below int) Input { return Input{Shape: []int{0, length}, Below: below} }

// Shapes returns the extents of the inputs for a batch.
func (n Network) Shapes(batch int) [][]int {
	var shapes [][]int
	for _, in := range n.Inputs {
		shape := slices.Clone(in.Shape)
		for i, extent := range shape {
			if extent == 0 {
				shape[i] = batch
			}
		}
		shapes = append(shapes, shape)
	}
	return shapes
}

// Feeds draws values for the inputs of g, which the network has built: normal
// ones for floating-point numbers, uniform ones for integers.
func (n Network) Feeds(g *ir.Graph, batch int, seed uint64) map[ir.ValueID]*tensor.Tensor {
	random := rand.New(rand.NewPCG(seed, 2))
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for i, shape := range n.Shapes(batch) {
		v, below := g.Inputs[i], n.Inputs[i].Below
		draw := random.NormFloat64
		if below > 0 {
			draw = func() float64 { return float64(random.IntN(below)) }
		}
		x := tensor.New(tensor.Float64, shape...)
		for k := range tensor.Data[float64](x) {
			tensor.Data[float64](x)[k] = draw()
		}
		feeds[v], _ = x.Convert(g.Values[v].DType) // numbers convert to numbers
	}
	return feeds
}

// Entry returns the value of g where the gradient of the input ends: the first
// floating-point input or, of a network that reads tokens, what its first
// embedding looks up for them.
func Entry(g *ir.Graph) ir.ValueID {
	for _, v := range g.Inputs {
		if g.Values[v].DType.IsFloat() {
			return v
		}
	}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Op == "Gather" && g.Values[n.Input(0)].Param {
			return n.Output(0)
		}
	}
	return ir.None
}
