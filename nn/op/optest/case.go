package optest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Case is one node with its inputs.
type Case struct {
	Op, Domain string
	Version    int // of the opset; 0 means the latest
	Attrs      ir.Attrs
	// In are the inputs; nil is one left out. CheckGrad differentiates with
	// respect to those of float64.
	In []*tensor.Tensor
	// Fixed names inputs of float64 that the rule has no gradient for.
	Fixed []int
	// Outputs is how many outputs are asked for; 0 means one.
	Outputs int
	// Ignore names outputs that no gradient flows from.
	Ignore []int
	// Atol is the absolute tolerance of a gradient; 0 means 1e-6. The relative
	// one is 1e-5.
	Atol float64
}

// String names the case in messages.
func (c Case) String() string {
	s := c.Op
	for _, t := range c.In {
		s += fmt.Sprintf(" %v", t)
	}
	for name, a := range c.Attrs {
		s += fmt.Sprintf(" %s=%v", name, a.Value)
	}
	return s
}

// Random returns a float64 tensor of numbers drawn evenly from [lo, hi).
func Random(seed uint64, lo, hi float64, shape ...int) *tensor.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	t := tensor.New(tensor.Float64, shape...)
	for i, d := 0, tensor.Data[float64](t); i < len(d); i++ {
		d[i] = lo + (hi-lo)*r.Float64()
	}
	return t
}

// Eval computes the outputs of the case's node.
func (c Case) Eval(t testing.TB) []*tensor.Tensor {
	t.Helper()
	g, _, _ := c.graph(t)
	out, err := op.Eval(&g.Nodes[0], c.In)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	return out
}

// graph returns a graph of the one node. Floats are inputs and the rest, such
// as axes, are constants.
func (c Case) graph(t testing.TB) (g *ir.Graph, in, out []ir.ValueID) {
	t.Helper()
	g = ir.New(c.Op)
	if c.Version != 0 {
		g.Opsets[c.Domain] = c.Version
	}
	b := ir.NewBuilder(g, "")
	for i, x := range c.In {
		switch {
		case x == nil:
			in = append(in, ir.None)
		case x.DType() == tensor.Float64:
			in = append(in, g.AddInput(fmt.Sprintf("x%d", i), x.DType(), ir.ShapeOf(x)))
		default:
			in = append(in, b.Const(x))
		}
	}
	out = b.Node(c.Domain, c.Op, c.Attrs, max(c.Outputs, 1), in...)
	return g, in, out
}
