package exec

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Control flow is run here and not in nn/op: a branch or a loop's body is a
// graph, and is compiled and run as one, with what it captures as its feeds.

// isControl reports whether n runs graphs among its attributes.
func isControl(n *ir.Node) bool {
	if n.Domain != "" {
		return false
	}
	switch n.Op {
	case "If", "Loop", "Scan", "SequenceMap":
		return true
	}
	return false
}

// A control runs the control-flow nodes of one graph.
type control struct {
	executor Executor
	limit    int64
	g        *ir.Graph
	mu       sync.Mutex
	bodies   map[*ir.Graph]*body
}

func newControl(e Executor, limit int64, g *ir.Graph) *control {
	return &control{executor: e, limit: limit, g: g, bodies: map[*ir.Graph]*body{}}
}

// eval runs a control-flow node. get finds the values of the enclosing run.
func (c *control) eval(ctx context.Context, n *ir.Node, in []*tensor.Tensor, get func(ir.ValueID) *tensor.Tensor) ([]*tensor.Tensor, error) {
	run := map[string]func(context.Context, *ir.Node, []*tensor.Tensor, getter) ([]*tensor.Tensor, error){
		"If": c.branch, "Loop": c.loop, "Scan": c.scan, "SequenceMap": c.sequenceMap,
	}[n.Op]
	out, err := run(unobserved(ctx), n, in, get)
	if err != nil {
		return nil, fmt.Errorf("node %q (%s): %w", n.Name, n.Op, err)
	}
	return out, nil
}

type getter = func(ir.ValueID) *tensor.Tensor

// branch runs the branch of an If that its condition chooses.
func (c *control) branch(ctx context.Context, n *ir.Node, in []*tensor.Tensor, get getter) ([]*tensor.Tensor, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("%d inputs where the condition is needed", len(in))
	}
	yes, err := truth(in[0])
	if err != nil {
		return nil, fmt.Errorf("the condition: %w", err)
	}
	name := "else_branch"
	if yes {
		name = "then_branch"
	}
	b, err := c.enter(n, name, get)
	if err != nil {
		return nil, err
	}
	return b.run(ctx, nil)
}

// truth reads a condition: one bool.
func truth(t *tensor.Tensor) (bool, error) {
	if t == nil || t.DType() != tensor.Bool || t.Len() != 1 {
		return false, fmt.Errorf("one bool is needed, not %v", t)
	}
	return tensor.Data[bool](t)[0], nil
}

// A body is a subgraph that is ready to be compiled: captured constants are
// constants of its own, other captured values are fed.
type body struct {
	g        *ir.Graph
	feeds    []ir.ValueID // its inputs, then what it captures
	captures []ir.ValueID // of the enclosing graph, as the last feeds
	programs *shapeCache
}

// A call is a body with the captured values of one run.
type call struct {
	*body
	captured []*tensor.Tensor
}

// enter prepares the subgraph in the attribute called name.
func (c *control) enter(n *ir.Node, name string, get getter) (*call, error) {
	sub := n.Attrs.Graph(name)
	if sub == nil {
		return nil, fmt.Errorf("the graph %s is missing", name)
	}
	b := c.body(sub)
	captured := make([]*tensor.Tensor, len(b.captures))
	for i, v := range b.captures {
		if captured[i] = get(v); captured[i] == nil {
			return nil, fmt.Errorf("%s reads %q, which was not computed", name, c.g.Values[v].Name)
		}
	}
	return &call{b, captured}, nil
}

func (c *control) body(sub *ir.Graph) *body {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b := c.bodies[sub]; b != nil {
		return b
	}
	g := sub.Clone()
	g.Functions = c.g.Functions
	b := &body{g: g, feeds: slices.Clone(g.Inputs), programs: newShapeCache(c.executor, c.limit, g)}
	for _, inner := range slices.Sorted(maps.Keys(sub.Captures)) {
		outer := sub.Captures[inner]
		if t := c.g.Values[outer].Const; t != nil {
			g.Values[inner].Const = t
			continue
		}
		b.feeds, b.captures = append(b.feeds, inner), append(b.captures, outer)
	}
	c.bodies[sub] = b
	return b
}

// run computes the body's outputs from its inputs.
func (b *call) run(ctx context.Context, inputs []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if want := len(b.g.Inputs); len(inputs) != want {
		return nil, fmt.Errorf("%d values for a body with %d inputs", len(inputs), want)
	}
	return b.programs.run(ctx, b.feeds, append(slices.Clip(inputs), b.captured...), b.g.Outputs)
}
