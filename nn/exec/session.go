package exec

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// maxPrograms bounds the programs that a Session keeps, and as many gradients.
const maxPrograms = 64

// A Session runs one graph. It compiles a program for each question (which
// values are given, in which shapes, and which are asked for) and keeps the
// most recently used ones. It is safe for concurrent use.
type Session struct {
	graph     *ir.Graph
	executor  Executor
	programs  *lru[*question]
	gradients *lru[*gradient]
}

// A question is a compiled program with the order it takes its feeds in.
type question struct {
	program Program
	feeds   []ir.ValueID
}

// NewSession returns a Session for g, whose nodes are sorted and which must not
// change afterwards.
func NewSession(g *ir.Graph, e Executor) *Session {
	return &Session{
		graph: g, executor: e,
		programs: newLRU[*question](maxPrograms), gradients: newLRU[*gradient](maxPrograms),
	}
}

// Graph returns the graph that the session runs.
func (s *Session) Graph() *ir.Graph { return s.graph }

// Executor returns what runs it.
func (s *Session) Executor() Executor { return s.executor }

// Run computes the fetched values from the given ones, in the order asked for.
// Any value can be given: an input, an intermediate one, so that nothing before
// it runs, or a constant in place of the model's own. Any value can be fetched.
// The caller owns the results.
//
// It errs if something that is needed is not given or has another type or rank
// than declared, and with ctx.Err() soon after ctx ends.
func (s *Session) Run(ctx context.Context, feeds map[ir.ValueID]*tensor.Tensor, fetch ...ir.ValueID) ([]*tensor.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	declared, err := s.declare(feeds)
	if err != nil {
		return nil, err
	}
	q, err := s.programs.get(feedKey(declared)+fmt.Sprint(fetch), func() (*question, error) {
		program, err := s.executor.Compile(s.graph, declared, fetch)
		return &question{program, valuesOf(declared)}, err
	})
	if err != nil {
		return nil, err
	}
	return q.run(ctx, feeds)
}

func (q *question) run(ctx context.Context, feeds map[ir.ValueID]*tensor.Tensor) ([]*tensor.Tensor, error) {
	given := make([]*tensor.Tensor, len(q.feeds))
	for i, v := range q.feeds {
		given[i] = feeds[v]
	}
	return q.program.Run(ctx, given)
}

// declare lists the feeds in the order of their IDs. It errs on tensors that
// their values cannot be.
func (s *Session) declare(feeds map[ir.ValueID]*tensor.Tensor) ([]Feed, error) {
	declared := make([]Feed, 0, len(feeds))
	for _, v := range slices.Sorted(maps.Keys(feeds)) {
		t := feeds[v]
		if v < 0 || int(v) >= len(s.graph.Values) {
			return nil, fmt.Errorf("value %d is given but the graph has only %d values", v, len(s.graph.Values))
		}
		if t == nil {
			return nil, fmt.Errorf("value %q is given as nil", s.graph.Values[v].Name)
		}
		if err := suits(&s.graph.Values[v], t); err != nil {
			return nil, err
		}
		declared = append(declared, Feed{v, t.DType(), t.Shape()})
	}
	return declared, nil
}

// suits errs unless t has the declared element type and rank. Extents may
// differ from the declared ones: many a model that was exported for one size
// runs on others, and those that do not err when they are compiled.
func suits(v *ir.Value, t *tensor.Tensor) error {
	switch v.Kind {
	case ir.SequenceKind:
		return suitsContainer(v, t, tensor.Sequence)
	case ir.OptionalKind:
		return suitsContainer(v, t, tensor.Optional)
	}
	if v.DType != tensor.Invalid && v.DType != t.DType() {
		return fmt.Errorf("%q takes %s elements, and is given %s", v.Name, v.DType, t)
	}
	if v.Shape != nil && len(v.Shape) != t.Rank() {
		return fmt.Errorf("%q has shape %s, and is given %s", v.Name, v.Shape, t)
	}
	return nil
}

// suitsContainer errs unless t is a container of that kind, whose tensors have
// the declared element type.
func suitsContainer(v *ir.Value, t *tensor.Tensor, kind tensor.DType) error {
	if t.DType() != kind {
		return fmt.Errorf("%q takes values of the kind %s, and is given %s", v.Name, kind, t)
	}
	for _, e := range t.Elements() {
		for e != nil && e.DType().IsContainer() && len(e.Elements()) > 0 {
			e = e.Elements()[0] // the sequence of an optional has elements of one type
		}
		if e == nil || v.DType != tensor.Invalid && v.DType != e.DType() && !e.DType().IsContainer() {
			return fmt.Errorf("%q takes a %s of %s tensors, and is given one that holds %v", v.Name, kind, v.DType, e)
		}
	}
	return nil
}

func valuesOf(feeds []Feed) []ir.ValueID {
	ids := make([]ir.ValueID, len(feeds))
	for i, f := range feeds {
		ids[i] = f.Value
	}
	return ids
}
