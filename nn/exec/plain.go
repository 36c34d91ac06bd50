package exec

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Plain returns the executor that runs one operator at a time on the reference
// implementation. It is slow and simple: the measure of all others.
func Plain() Executor { return plain{limit: defaultLimit()} }

type plain struct{ limit int64 }

func (plain) Name() string { return "plain" }

func (p plain) Compile(g *ir.Graph, feeds []Feed, fetch []ir.ValueID) (Program, error) {
	g, err := Prepare(g, feeds, fetch)
	if err != nil {
		return nil, err
	}
	return &plainProgram{g: g, feeds: feeds, dies: lastUses(g), limit: p.limit, control: newControl(p, p.limit, g)}, nil
}

type plainProgram struct {
	g       *ir.Graph
	feeds   []Feed
	dies    [][]ir.ValueID // for each node, the values nothing reads later
	limit   int64
	control *control
}

func (p *plainProgram) Run(ctx context.Context, feeds []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := CheckFeeds(p.g, p.feeds, feeds); err != nil {
		return nil, err
	}
	m := &memory{g: p.g, values: make([]*tensor.Tensor, len(p.g.Values))}
	for i, f := range p.feeds {
		m.put(f.Value, feeds[i])
	}
	observer := observerOf(ctx)
	for i := range p.g.Nodes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := p.step(ctx, &p.g.Nodes[i], m, observer); err != nil {
			return nil, err
		}
		for _, v := range p.dies[i] {
			m.drop(v)
		}
	}
	out := make([]*tensor.Tensor, len(p.g.Outputs))
	for i, v := range p.g.Outputs {
		if out[i] = m.get(v); out[i] == nil {
			return nil, errNotMade(p.g, v)
		}
		out[i] = out[i].Clone() // it may share elements with a constant or a feed
	}
	return out, nil
}

// step computes one node before the eyes of the observer.
func (p *plainProgram) step(ctx context.Context, n *ir.Node, m *memory, o observer) error {
	if o == nil {
		return p.compute(ctx, n, m)
	}
	step := &Step{
		Nodes: []*ir.Node{n}, Start: time.Now(), value: m.get,
		Writes: slices.DeleteFunc(slices.Clone(n.Outputs), func(v ir.ValueID) bool { return v == ir.None }),
		typeOf: func(v ir.ValueID) op.Type { return op.TypeOf(m.get(v)) },
		bytes: func(v ir.ValueID) int64 {
			if t := m.get(v); t != nil {
				return int64(t.Bytes())
			}
			return 0
		},
	}
	err := p.compute(ctx, n, m)
	if step.Duration = time.Since(step.Start); err == nil {
		o(step)
	}
	return err
}

// compute computes one node.
func (p *plainProgram) compute(ctx context.Context, n *ir.Node, m *memory) error {
	in := make([]*tensor.Tensor, len(n.Inputs))
	for i, v := range n.Inputs {
		if v == ir.None {
			continue
		}
		if in[i] = m.get(v); in[i] == nil {
			return errNotMade(p.g, v)
		}
	}
	out, err := p.eval(ctx, n, in, m)
	if err != nil {
		return err
	}
	for i, v := range n.Outputs {
		if v != ir.None && i < len(out) && out[i] != nil {
			m.put(v, out[i])
		}
	}
	return nil
}

func (p *plainProgram) eval(ctx context.Context, n *ir.Node, in []*tensor.Tensor, m *memory) (out []*tensor.Tensor, err error) {
	defer recovered(n, &err)
	if isControl(n) {
		return p.control.eval(ctx, n, in, m.get)
	}
	if err := checkEval(n, in, m.held, p.limit); err != nil {
		return nil, err
	}
	return op.Eval(n, in)
}

func errNotMade(g *ir.Graph, v ir.ValueID) error {
	return fmt.Errorf("value %q was not computed: the operator that should make it left it out", g.Values[v].Name)
}

// A memory holds the values of a run.
type memory struct {
	g      *ir.Graph
	values []*tensor.Tensor
	held   int64 // bytes of the values
}

func (m *memory) get(v ir.ValueID) *tensor.Tensor {
	if c := m.g.Values[v].Const; c != nil {
		return c
	}
	return m.values[v]
}

func (m *memory) put(v ir.ValueID, t *tensor.Tensor) {
	m.values[v] = t
	m.held += int64(t.Bytes())
}

func (m *memory) drop(v ir.ValueID) {
	if t := m.values[v]; t != nil {
		m.held -= int64(t.Bytes())
		m.values[v] = nil
	}
}

// lastUses lists for each node the values that no later node reads and that
// are no outputs of g.
func lastUses(g *ir.Graph) [][]ir.ValueID {
	last := make(map[ir.ValueID]int)
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, v := range n.Outputs {
			if v != ir.None {
				last[v] = i
			}
		}
		for _, v := range n.Reads() {
			last[v] = i
		}
	}
	for _, v := range g.Outputs {
		delete(last, v)
	}
	dies := make([][]ir.ValueID, len(g.Nodes))
	for v, i := range last {
		dies[i] = append(dies[i], v)
	}
	return dies
}

// CheckFeeds errs unless the tensors are those that the program was compiled
// for.
func CheckFeeds(g *ir.Graph, feeds []Feed, given []*tensor.Tensor) error {
	if len(given) != len(feeds) {
		return fmt.Errorf("%d values are given to a program that takes %d", len(given), len(feeds))
	}
	for i, f := range feeds {
		t := given[i]
		if t == nil {
			return fmt.Errorf("value %q is not given", g.Values[f.Value].Name)
		}
		if t.DType() != f.DType || !slices.Equal(t.Shape(), f.Shape) {
			return fmt.Errorf("value %q is given as %s to a program for %s%v", g.Values[f.Value].Name, t, f.DType, f.Shape)
		}
	}
	return nil
}
