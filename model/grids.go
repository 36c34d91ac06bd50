package model

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
)

// Grids are how a model's values lie over an input of one shape, as far as that
// can be followed through the graph.
type Grids struct {
	types []op.Type
	lays  []lay
}

// Grids returns those for a picture as it is prepared, or for an input of the
// given shape, whose first extent is the batch.
func (m *Model) Grids(shape ...int) *Grids {
	if len(shape) > 0 {
		return m.gridsFor(ir.Dims(shape...))
	}
	m.gridsOnce.Do(func() {
		m.grids = &Grids{}
		if in := m.Main(); in != ir.None {
			m.grids = m.gridsFor(m.TypesFor(1)[in].Shape)
		}
	})
	return m.grids
}

func (m *Model) gridsFor(shape ir.Shape) *Grids {
	in := m.Main()
	if in == ir.None || len(shape) == 0 {
		return &Grids{}
	}
	// Of a batch that is fixed, one is looked at if the network can be fed one.
	types, err := pass.Infer(m.Net, map[ir.ValueID]ir.Shape{in: slices.Concat(ir.Dims(1), shape[1:])})
	if err != nil {
		types, err = pass.Infer(m.Net, map[ir.ValueID]ir.Shape{in: shape})
	}
	if err != nil || len(types[in].Shape) < 3 {
		return &Grids{}
	}
	return &Grids{types, layOut(m.Net, types, in, m.inputAxes(types[in].Shape))}
}

func (g *Grids) lay(v ir.ValueID) lay {
	if int(v) >= len(g.lays) {
		return lay{}
	}
	return g.lays[v]
}

// Of returns how a value lies over the places of the input, behind the batch;
// it is false if the value has no places or only one, or if its places are not
// those of the input.
func (g *Grids) Of(v ir.ValueID) (Grid, bool) {
	l := g.lay(v)
	if l.axes == nil || l.axes[0] != batch && l.axes[0] != one || !g.types[v].DType.IsFloat() {
		return Grid{}, false
	}
	shape, ok := g.types[v].Shape.Ints()
	if !ok {
		return Grid{}, false
	}
	out, ok := l.grid(shape)
	return out, ok && out.Places() > 1
}

// Shape returns the shape of a value, as far as it is known.
func (g *Grids) Shape(v ir.ValueID) ir.Shape {
	if int(v) >= len(g.types) {
		return nil
	}
	return g.types[v].Shape
}

// Spatial reports whether a value lies over the places of the input.
func (m *Model) Spatial(v ir.ValueID) bool { _, ok := m.Grids().Of(v); return ok }

// Main is the input that is explained: the picture, or in a network that takes
// none, the only input that can be a signal [N, C, L], maps [N, C, H, W] or a
// volume [N, C, D, H, W], or else the only input of all if it is rows of numbers
// [N, F]; None if there is none.
func (m *Model) Main() ir.ValueID {
	if m.Input != ir.None {
		return m.Input
	}
	if m.TakesRows() {
		return m.Net.Inputs[0]
	}
	main := ir.ValueID(ir.None)
	for _, id := range m.Net.Inputs {
		v := &m.Net.Values[id]
		if rank := len(v.Shape); rank < 3 || rank > 5 || !v.DType.IsFloat() {
			continue
		}
		if main != ir.None {
			return ir.None
		}
		main = id
	}
	return main
}

// TakesRows reports whether the network's only input is rows of features [N, F].
func (m *Model) TakesRows() bool {
	if len(m.Net.Inputs) != 1 {
		return false
	}
	v := &m.Net.Values[m.Net.Inputs[0]]
	return len(v.Shape) == 2 && v.DType.IsFloat()
}

// inputAxes says what the axes of the input are. Channels come first but where
// a picture's preparation says otherwise, or where the other way round a signal
// would be shorter than its samples are wide.
func (m *Model) inputAxes(shape ir.Shape) []axis {
	first := slices.Concat([]axis{batch, channel}, spaceAxes(len(shape)-2))
	last := slices.Concat([]axis{batch}, spaceAxes(len(shape)-2), []axis{channel})
	switch {
	case m.Prep != nil && m.Prep.Layout == NHWC:
		return last
	case m.Prep == nil && len(shape) == 3 && shape[1].N > shape[2].N:
		return last
	}
	return first
}
