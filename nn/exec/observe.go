package exec

import (
	"context"
	"time"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Step is what an observer is told of one step of a run: a node, or several
// that one kernel computes. It holds only while the observer is called.
type Step struct {
	// Nodes are what the step computes, in order. They are those of the program:
	// functions are inlined, and what is constant or changes nothing is gone.
	Nodes []*ir.Node
	// Writes are the values it makes, by their IDs in the graph that was
	// compiled; those beyond its values were inlined. Values that only fused
	// nodes pass to one another are never made.
	Writes   []ir.ValueID
	Start    time.Time
	Duration time.Duration
	// Kernel tells a native kernel from the reference implementation.
	Kernel bool

	typeOf func(ir.ValueID) op.Type
	value  func(ir.ValueID) *tensor.Tensor
	bytes  func(ir.ValueID) int64 // in the plain layout
}

// Value returns a value that the step writes, nil if it was left out. Its memory
// is used again when the observer returns.
func (s *Step) Value(v ir.ValueID) *tensor.Tensor { return s.value(v) }

// Bytes returns the size of the values that the step writes.
func (s *Step) Bytes() int64 {
	total := int64(0)
	for _, v := range s.Writes {
		total += s.bytes(v)
	}
	return total
}

// Cost counts the work of the step; control flow and what is not known count
// nothing.
func (s *Step) Cost() op.Cost {
	var sum op.Cost
	for _, n := range s.Nodes {
		o := op.Lookup(n.Domain, n.Op)
		if o == nil || o.Cost == nil {
			continue
		}
		c := o.Cost(n, s.types(n.Inputs), s.types(n.Outputs))
		sum.MACs, sum.FLOPs = sum.MACs+c.MACs, sum.FLOPs+c.FLOPs
	}
	return sum
}

func (s *Step) types(ids []ir.ValueID) []op.Type {
	types := make([]op.Type, len(ids))
	for i, v := range ids {
		if v != ir.None {
			types[i] = s.typeOf(v)
		}
	}
	return types
}

// An observer is called after each step, by the goroutine that runs.
type observer func(*Step)

type observerKey struct{}

// Observe returns a context whose runs tell observe of each step, one after
// another. What a control-flow node runs inside is part of its step.
func Observe(ctx context.Context, observe func(*Step)) context.Context {
	return context.WithValue(ctx, observerKey{}, observer(observe))
}

// observerOf returns the observer of a run, nil if there is none.
func observerOf(ctx context.Context) observer {
	o, _ := ctx.Value(observerKey{}).(observer)
	return o
}

// unobserved returns a context for what runs inside a step.
func unobserved(ctx context.Context) context.Context {
	if observerOf(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, observerKey{}, observer(nil))
}
