package exec

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// HessianProduct computes H·v, where H is the Hessian of Σ Seed·Y with respect
// to the one value in Wrt, and v a tensor of that value's shape: the gradient
// of v·gradient (Pearlmutter 1994). Where a network is piecewise linear it is
// zero. Feeds are as in Run; Fetch is not used.
func (s *Session) HessianProduct(ctx context.Context, feeds map[ir.ValueID]*tensor.Tensor, of GradientOf, v *tensor.Tensor) (*tensor.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(of.Wrt) != 1 {
		return nil, fmt.Errorf("a Hessian product is with respect to one value, and %d are given", len(of.Wrt))
	}
	declared, err := s.declare(feeds)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("hessian|%s|%d|%v|%q", feedKey(declared), of.Y, of.Wrt, of.RulesName)
	q, err := s.gradients.get(key, func() (*gradient, error) { return s.compileHessian(declared, of) })
	if err != nil {
		return nil, err
	}
	out, err := q.run(ctx, feeds, of.Seed, v)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// compileHessian extends the graph with gradients twice.
func (s *Session) compileHessian(feeds []Feed, of GradientOf) (*gradient, error) {
	q, first, err := s.extend(feeds, of)
	if err != nil {
		return nil, err
	}
	types, err := pass.InferStrict(first.Graph)
	if err != nil {
		return nil, err
	}
	second, err := autodiff.Extend(first.Graph, types, first.Of[0], of.Wrt, of.Rules)
	if err != nil {
		return nil, err
	}
	along, err := s.seedFeed(second.Seed, first.Of[0], nil, types)
	if err != nil {
		return nil, err
	}
	q.seeds = append(q.seeds, along)
	q.program, err = s.executor.Compile(second.Graph, append(feeds, q.seeds...), second.Of)
	return q, err
}
