package exec

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A GradientOf asks for gradients.
type GradientOf struct {
	// Y is the value that is differentiated.
	Y ir.ValueID
	// Seed is the gradient of what is differentiated with respect to Y, of Y's
	// shape; nil means ones, the gradient of the sum of Y.
	Seed *tensor.Tensor
	// Wrt are the values with respect to which gradients are wanted: inputs,
	// constants or intermediate values.
	Wrt []ir.ValueID
	// Rules replaces gradient rules; nil means the plain ones.
	Rules autodiff.Rules
	// RulesName tells rules apart; rules that differ must have names that do.
	// It is needed where Rules is not nil.
	RulesName string
	// Fetch are further values that the same run computes.
	Fetch []ir.ValueID
}

// Gradient computes the gradients of one value with respect to others, and
// fetches values, in one run. The gradients come in the order of Wrt, each of
// its value's shape, the values in the order of Fetch. Feeds are as in Run.
func (s *Session) Gradient(ctx context.Context, feeds map[ir.ValueID]*tensor.Tensor, of GradientOf) (grads, values []*tensor.Tensor, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if of.Rules != nil && of.RulesName == "" {
		return nil, nil, fmt.Errorf("gradient rules without a name cannot be told from others")
	}
	declared, err := s.declare(feeds)
	if err != nil {
		return nil, nil, err
	}
	key := fmt.Sprintf("%s|%d|%v|%q|%v", feedKey(declared), of.Y, of.Wrt, of.RulesName, of.Fetch)
	q, err := s.gradients.get(key, func() (*gradient, error) { return s.compileGradient(declared, of) })
	if err != nil {
		return nil, nil, err
	}
	out, err := q.run(ctx, feeds, of.Seed)
	if err != nil {
		return nil, nil, err
	}
	return out[:len(of.Wrt)], out[len(of.Wrt):], nil
}

// A gradient is a program that takes a seed as its last feed.
type gradient struct {
	question
	y    string // the name of the value that is differentiated
	seed Feed
}

// compileGradient extends the part of the graph that matters. It is extended
// for the shapes that are fed, because gradient rules write less where shapes
// are known.
func (s *Session) compileGradient(feeds []Feed, of GradientOf) (*gradient, error) {
	if err := checkIDs(s.graph, nil, append(append([]ir.ValueID{of.Y}, of.Wrt...), of.Fetch...)); err != nil {
		return nil, err
	}
	g, err := Prepare(s.graph, feeds, append(append([]ir.ValueID{of.Y}, of.Wrt...), of.Fetch...))
	if err != nil {
		return nil, err
	}
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, err
	}
	d, err := autodiff.Extend(g, types, of.Y, of.Wrt, of.Rules)
	if err != nil {
		return nil, err
	}
	seed, err := s.seedFeed(d.Seed, of, types)
	if err != nil {
		return nil, err
	}
	program, err := s.executor.Compile(d.Graph, append(feeds, seed), append(d.Of, of.Fetch...))
	return &gradient{question{program, valuesOf(feeds)}, s.graph.Values[of.Y].Name, seed}, err
}

// seedFeed declares the seed: of the type of Y, or where that depends on
// elements, of the seed that is given.
func (s *Session) seedFeed(v ir.ValueID, of GradientOf, types []op.Type) (Feed, error) {
	y := types[of.Y]
	if settled(y) {
		shape, _ := y.Shape.Ints()
		return Feed{v, y.DType, shape}, nil
	}
	if of.Seed == nil {
		return Feed{}, fmt.Errorf("the shape of %q depends on what is computed; give a seed gradient of its shape", s.graph.Values[of.Y].Name)
	}
	return Feed{v, of.Seed.DType(), of.Seed.Shape()}, nil
}

// run feeds the seed too, ones if it is nil.
func (q *gradient) run(ctx context.Context, feeds map[ir.ValueID]*tensor.Tensor, seed *tensor.Tensor) ([]*tensor.Tensor, error) {
	var err error
	if seed == nil {
		if seed, err = ones(q.seed.DType, q.seed.Shape); err != nil {
			return nil, err
		}
	}
	given := make([]*tensor.Tensor, len(q.feeds), len(q.feeds)+1)
	for i, v := range q.feeds {
		given[i] = feeds[v]
	}
	if seed.DType() != q.seed.DType || fmt.Sprint(seed.Shape()) != fmt.Sprint(q.seed.Shape) {
		return nil, fmt.Errorf("the seed gradient is %s where %q is %s%v", seed, q.y, q.seed.DType, q.seed.Shape)
	}
	return q.program.Run(ctx, append(given, seed))
}

func ones(dtype tensor.DType, shape []int) (*tensor.Tensor, error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	data := make([]float32, n)
	fill(data, 1)
	return tensor.Of(data, shape...).Convert(dtype)
}
