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

// A gradient is a program that takes seeds as its last feeds.
type gradient struct {
	question
	y     string // the name of the value that is differentiated
	seeds []Feed
}

func (s *Session) compileGradient(feeds []Feed, of GradientOf) (*gradient, error) {
	q, d, err := s.extend(feeds, of)
	if err != nil {
		return nil, err
	}
	q.program, err = s.executor.Compile(d.Graph, append(feeds, q.seeds...), append(d.Of, of.Fetch...))
	return q, err
}

// extend extends the part of the graph that matters. It is extended for the
// shapes that are fed, because gradient rules write less where shapes are known.
// The question has no program yet.
func (s *Session) extend(feeds []Feed, of GradientOf) (*gradient, *autodiff.Gradient, error) {
	if err := checkIDs(s.graph, nil, append(append([]ir.ValueID{of.Y}, of.Wrt...), of.Fetch...)); err != nil {
		return nil, nil, err
	}
	g, err := Prepare(s.graph, feeds, append(append([]ir.ValueID{of.Y}, of.Wrt...), of.Fetch...))
	if err != nil {
		return nil, nil, err
	}
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, nil, err
	}
	if of.Rules == nil { // which may be for the operators as they are spelled
		g = respelled(g, types)
	}
	d, err := autodiff.Extend(g, types, of.Y, of.Wrt, of.Rules)
	if err != nil {
		return nil, nil, err
	}
	seed, err := s.seedFeed(d.Seed, of.Y, of.Seed, types)
	if err != nil {
		return nil, nil, err
	}
	return &gradient{question{feeds: valuesOf(feeds)}, s.graph.Values[of.Y].Name, []Feed{seed}}, d, nil
}

// seedFeed declares the seed of y: of its type, or where that depends on
// elements, of the seed that is given.
func (s *Session) seedFeed(v, y ir.ValueID, given *tensor.Tensor, types []op.Type) (Feed, error) {
	if t := types[y]; settled(t) {
		shape, _ := t.Shape.Ints()
		return Feed{v, t.DType, shape}, nil
	}
	if given == nil {
		return Feed{}, fmt.Errorf("the shape of %q depends on what is computed; give a seed gradient of its shape", s.graph.Values[y].Name)
	}
	return Feed{v, given.DType(), given.Shape()}, nil
}

// run feeds the seeds too, ones for those that are nil.
func (q *gradient) run(ctx context.Context, feeds map[ir.ValueID]*tensor.Tensor, seeds ...*tensor.Tensor) ([]*tensor.Tensor, error) {
	given := make([]*tensor.Tensor, len(q.feeds), len(q.feeds)+len(seeds))
	for i, v := range q.feeds {
		given[i] = feeds[v]
	}
	for i, seed := range seeds {
		f := q.seeds[i]
		if seed == nil {
			var err error
			if seed, err = ones(f.DType, f.Shape); err != nil {
				return nil, err
			}
		}
		if seed.DType() != f.DType || fmt.Sprint(seed.Shape()) != fmt.Sprint(f.Shape) {
			return nil, fmt.Errorf("the seed gradient is %s where %q is %s%v", seed, q.y, f.DType, f.Shape)
		}
		given = append(given, seed)
	}
	return q.program.Run(ctx, given)
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
