package exec

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tomo-viz/tomo/internal/pages"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A nativeProgram is a compiled plan.
type nativeProgram struct {
	pool   *kernel.Pool
	g      *ir.Graph
	feeds  []Feed
	stages []*stage
	locals int
	types  []op.Type
	// logical holds the types in the plain layout of values in the blocked one.
	logical map[ir.ValueID]op.Type
	shapes  [][]int // of the values that stages write, by ValueID
	layout  *layout
	lent    []bool       // outputs whose memory is not their own, so that they are copied
	owned   []ir.ValueID // fetched values that a run lets go of when it ends
	runs    sync.Pool    // of *run that are not in use
}

// A run is the memory of one run. Its values are indexed by ValueID: constants
// and those in the arena are there from the start, the others while they live.
type run struct {
	ctx    context.Context
	team   *kernel.Team
	values []*tensor.Tensor
	shapes [][]int
	held   int64 // bytes that the plan holds at most
	loose  int64 // bytes of the texts and containers alive, which no plan knows
	local  []any // what a stage keeps from run to run, by newLocal's index
}

// put keeps a value that is not laid out.
func (r *run) put(v ir.ValueID, t *tensor.Tensor) {
	r.values[v] = t
	r.loose += looseBytes(t)
}

func (r *run) drop(v ir.ValueID) {
	r.loose -= looseBytes(r.values[v])
	r.values[v] = nil
}

// looseBytes returns the bytes of what has no fixed size.
func looseBytes(t *tensor.Tensor) int64 {
	if t == nil || t.DType().Size() > 0 {
		return 0
	}
	return int64(t.Bytes())
}

// in returns the elements of a float32 value.
func (r *run) in(v ir.ValueID) []float32 { return r.values[v].F32() }

// maybe returns the elements of a float32 value, nil if it is left out.
func (r *run) maybe(v ir.ValueID) []float32 {
	if v == ir.None {
		return nil
	}
	return r.in(v)
}

// out returns the memory of a float32 value that is about to be computed.
func (r *run) out(v ir.ValueID) []float32 {
	if r.values[v] == nil {
		r.values[v] = tensor.Of(pages.Dirty[float32](elementsOf(r.shapes[v])), r.shapes[v]...)
	}
	return r.values[v].F32()
}

// maybeOut is out, nil if the value is left out.
func (r *run) maybeOut(v ir.ValueID) []float32 {
	if v == ir.None {
		return nil
	}
	return r.out(v)
}

func newNativeProgram(p *planner, stages []*stage, feeds []Feed) (*nativeProgram, error) {
	for _, s := range stages { // one by one first: the sum may overflow
		for _, v := range s.writes {
			if need := bytesOf(p.types[v]); need > p.limit {
				return nil, &MemoryError{s.node.Name, need, p.limit}
			}
		}
	}
	l := layOut(p, stages)
	if l.peak > p.limit {
		return nil, &MemoryError{stages[l.worst].node.Name, l.peak, p.limit}
	}
	np := &nativeProgram{pool: p.pool, g: p.g, feeds: feeds, stages: stages, locals: p.locals, layout: l, types: p.types, logical: p.logical, shapes: make([][]int, len(p.g.Values))}
	own := make([]bool, len(p.g.Values))
	for _, s := range stages {
		for _, v := range s.writes {
			np.shapes[v] = p.shape(v)
			_, arena := l.at[v]
			own[v] = !arena && !s.view && !s.heap
			if p.fetched[v] && !arena {
				np.owned = append(np.owned, v)
			}
		}
	}
	for i, v := range p.g.Outputs {
		np.lent = append(np.lent, !own[v] || slices.Contains(p.g.Outputs[:i], v))
	}
	return np, nil
}

// newRun takes the memory of a run.
func (p *nativeProgram) newRun() *run {
	r := &run{values: make([]*tensor.Tensor, len(p.g.Values)), shapes: p.shapes, held: p.layout.peak, local: make([]any, p.locals)}
	arena := pages.Make[float32](p.layout.arena)
	for v, at := range p.layout.at {
		r.values[v] = tensor.Of(arena[at.offset:at.offset+at.len:at.offset+at.len], p.shapes[v]...)
	}
	for v := range p.g.Values {
		if c := p.g.Values[v].Const; c != nil {
			r.values[v] = c
		}
	}
	return r
}

func (p *nativeProgram) Run(ctx context.Context, feeds []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := CheckFeeds(p.g, p.feeds, feeds); err != nil {
		return nil, err
	}
	r, ok := p.runs.Get().(*run)
	if !ok {
		r = p.newRun()
	}
	r.ctx, r.team = ctx, p.pool.Team(ctx)
	for i, f := range p.feeds {
		r.values[f.Value] = feeds[i]
	}
	if err := p.compute(r); err != nil {
		return nil, err
	}
	out, err := p.collect(r)
	p.release(r)
	return out, err
}

// compute runs the stages.
func (p *nativeProgram) compute(r *run) error {
	observer := observerOf(r.ctx)
	for i, s := range p.stages {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if err := p.step(r, s, observer); err != nil {
			return err
		}
		for _, v := range p.layout.dies[i] {
			r.drop(v)
		}
	}
	return r.ctx.Err()
}

// step runs one stage before the eyes of the observer.
func (p *nativeProgram) step(r *run, s *stage, o observer) error {
	if o == nil {
		return p.runStage(r, s)
	}
	step := &Step{
		Nodes: s.nodes, Writes: s.writes, Kernel: !s.reference, Start: time.Now(),
		typeOf: p.typeOf, value: func(v ir.ValueID) *tensor.Tensor { return p.plainly(v, r.values[v]) },
		bytes: func(v ir.ValueID) int64 { return p.plainBytes(v, r.values[v]) },
	}
	err := p.runStage(r, s)
	if step.Duration = time.Since(step.Start); err == nil {
		o(step)
	}
	return err
}

// typeOf returns the type of a value in the plain layout.
func (p *nativeProgram) typeOf(v ir.ValueID) op.Type {
	if t, ok := p.logical[v]; ok {
		return t
	}
	return p.types[v]
}

// plainly returns a value in the plain layout.
func (p *nativeProgram) plainly(v ir.ValueID, t *tensor.Tensor) *tensor.Tensor {
	logical, ok := p.logical[v]
	if !ok || t == nil {
		return t
	}
	shape, _ := logical.Shape.Ints()
	plain := tensor.New(tensor.Float32, shape...)
	kernel.FromBlocked(nil, plain.F32(), t.F32(), shape[0], shape[1], elementsOf(shape[2:]))
	return plain
}

// plainBytes returns the size of a value in the plain layout, without making it.
func (p *nativeProgram) plainBytes(v ir.ValueID, t *tensor.Tensor) int64 {
	logical, ok := p.logical[v]
	switch {
	case t == nil:
		return 0
	case ok:
		return bytesOf(logical)
	}
	return int64(t.Bytes())
}

// runStage runs one stage. A panic in a kernel is a bug; it ends the run and
// not the program, which may be serving others.
func (p *nativeProgram) runStage(r *run, s *stage) (err error) {
	defer recovered(s.node, &err)
	if !s.view {
		return s.run(r)
	}
	from, to := s.reads[0], s.writes[0]
	if _, arena := p.layout.at[to]; !arena {
		if r.values[from] == nil {
			return errNotMade(p.g, from)
		}
		r.values[to] = r.values[from].Reshape(p.shapes[to]...)
	}
	return nil
}

// collect takes the fetched values, as the caller's own.
func (p *nativeProgram) collect(r *run) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(p.g.Outputs))
	for i, v := range p.g.Outputs {
		if out[i] = r.values[v]; out[i] == nil {
			return nil, errNotMade(p.g, v)
		}
		if p.lent[i] {
			out[i] = out[i].Clone()
		}
	}
	return out, nil
}

// release keeps the memory for the next run, without what belongs to this one.
func (p *nativeProgram) release(r *run) {
	for _, f := range p.feeds {
		r.values[f.Value] = nil
	}
	for _, v := range p.owned {
		r.values[v] = nil
	}
	r.ctx, r.team, r.loose = nil, nil, 0
	p.runs.Put(r)
}
