package exec

import (
	"context"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// An Executor turns graphs into programs. It is safe for concurrent use.
type Executor interface {
	// Name is the word users choose it by: "plain", "native".
	Name() string
	// Compile plans g, whose nodes are sorted, for the fed values and the
	// fetched ones. A fed value may be an intermediate one: what lies before
	// it is then not run. It errs if a fetched value depends on an input that
	// is not fed, on an operator that is not known, or on a constant whose
	// elements are missing.
	Compile(g *ir.Graph, feeds []Feed, fetch []ir.ValueID) (Program, error)
}

// A Feed declares a value that the caller gives, with its exact shape.
type Feed struct {
	Value ir.ValueID
	DType tensor.DType
	Shape []int
}

// A Program computes the fetched values from the fed ones. It is safe for
// concurrent use.
type Program interface {
	// Run takes the fed tensors in the order of the feeds and returns the
	// fetched ones in the order of fetch; the caller owns them. A cancelled ctx
	// stops it within a step with ctx.Err().
	Run(ctx context.Context, feeds []*tensor.Tensor) ([]*tensor.Tensor, error)
}
