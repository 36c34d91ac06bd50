package model

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// reshape says what becomes of the axes. Where places and channels are thrown
// together, as group normalization is exported, it keeps what they were, until a
// later reshape has the shape of that again.
func (w *way) reshape(n *ir.Node, to []int) lay {
	if in, _ := w.foldedOf(n, 0); in.before != nil {
		if slices.Equal(to, in.before.shape) {
			return in.before.lay
		}
		return in
	}
	in, from := w.of(n, 0)
	if in.axes == nil {
		return lay{}
	}
	if out := in.regrouped(from, to); out.axes != nil {
		return out
	}
	return lay{before: &folded{in, from}}
}

// regrouped finds groups of axes, before and after, that hold the same elements,
// and says of each what becomes of it.
func (l lay) regrouped(from, to []int) lay {
	out := lay{axes: make([]axis, len(to)), over: l.over, lead: l.lead}
	for i, j := 0, 0; i < len(from) || j < len(to); {
		i0, j0, a, b := i, j, 1, 1
		for first := true; first || a != b; first = false {
			switch {
			case a <= b && i < len(from):
				a, i = a*from[i], i+1
			case j < len(to):
				b, j = b*to[j], j+1
			default:
				return lay{}
			}
		}
		for ; j < len(to) && (b < a || to[j] == 1); j++ {
			b *= to[j]
		}
		if a != b || !out.regroup(l.axes[i0:i], from[i0:i], to[j0:j], j0) {
			return lay{}
		}
	}
	return out
}

// regroup sets the axes that a group becomes, at a place of the lay, and
// reports whether they are known.
func (l *lay) regroup(axes []axis, from, to []int, at int) bool {
	var was []axis
	var sides, places []int
	for i, a := range axes {
		if from[i] != 1 {
			was, sides = append(was, a), append(sides, from[i])
		}
	}
	for i, extent := range to {
		if extent != 1 {
			places = append(places, at+i)
		}
	}
	extents := slices.DeleteFunc(slices.Clone(to), func(n int) bool { return n == 1 })
	switch {
	case !slices.ContainsFunc(was, func(a axis) bool { return a != channel }): // channels only
		for _, i := range places {
			l.axes[i] = channel
		}
	case len(was) == 1 && len(places) == 1:
		l.axes[places[0]] = was[0]
	case len(was) == 1 && isSpace(was[0]) && len(places) == 2: // every place a block of places
		l.axes[places[0]], l.axes[places[1]] = was[0], channel
	case len(was) == 2 && isSpace(was[0]) && was[1] == channel && len(places) == 1: // and back
		l.axes[places[0]] = was[0]
	case len(places) == 1 && !slices.ContainsFunc(was, func(a axis) bool { return !isSpace(a) }) && slices.IsSorted(was):
		l.axes[places[0]], l.over, l.lead = tokens, sides, 0
	case len(was) == 1 && was[0] == tokens && l.lead == 0 && slices.Equal(extents, withoutOnes(l.over)):
		for i, a := range spaceAxes(len(places)) {
			l.axes[places[i]] = a
		}
	default:
		return false
	}
	return true
}

func withoutOnes(v []int) []int {
	return slices.DeleteFunc(slices.Clone(v), func(n int) bool { return n == 1 })
}

// concat puts tokens before others, and channels beside others. Pieces of space
// put together are another picture.
func (w *way) concat(n *ir.Node, shape []int) lay {
	before := 0
	at := n.Attrs.Int("axis", 1)
	if at < 0 {
		at += len(shape)
	}
	for i := range n.Inputs {
		in, from := w.of(n, i)
		if in.axes == nil || len(from) != len(shape) || at < 0 || at >= len(shape) {
			extent, ok := w.types[n.Inputs[i]].Shape.Ints()
			if !ok || len(extent) != len(shape) {
				return lay{}
			}
			before += extent[at]
			continue
		}
		switch in.axes[at] {
		case channel, one:
			return lay{axes: replaced(in.axes, at, channel), over: in.over, lead: in.lead}
		case tokens:
			return lay{axes: in.axes, over: in.over, lead: in.lead + before}
		}
		return lay{}
	}
	return lay{}
}

func replaced(axes []axis, at int, by axis) []axis {
	out := slices.Clone(axes)
	out[at] = by
	return out
}

// slice keeps the lay if what is cut off belongs to no place, or if every so
// many places are taken from the first few on.
func (w *way) slice(n *ir.Node, shape []int) lay {
	in, from := w.of(n, 0)
	if in.axes == nil {
		return lay{}
	}
	out := in
	for _, c := range w.cuts(n, len(shape)) {
		a, whole := in.axes[c.axis], from[c.axis] == shape[c.axis]
		switch {
		case a == channel || a == one || whole && c.step == 1:
		case a == tokens && c.step == 1 && c.start <= in.lead && c.start+shape[c.axis] >= in.lead+product(in.over):
			out.lead = in.lead - c.start
		case isSpace(a) && c.step > 1 && c.start < c.step && shape[c.axis] == (from[c.axis]-c.start+c.step-1)/c.step:
		default:
			return lay{}
		}
	}
	return out
}

// A cut is what a Slice does to one axis.
type cut struct{ axis, start, step int }

// cuts reads a Slice of any opset; what is not known cannot be taken for
// anything harmless.
func (w *way) cuts(n *ir.Node, rank int) []cut {
	ints := func(i int, attr string) []int {
		if v := n.Input(i); v != ir.None {
			list, _ := w.types[v].Ints()
			return list
		}
		return n.Attrs.Ints(attr)
	}
	starts, axes, steps := ints(1, "starts"), ints(3, "axes"), ints(4, "steps")
	known := map[int]cut{}
	for i, start := range starts {
		c := cut{i, start, 1}
		if i < len(axes) {
			c.axis = axes[i]
		}
		if c.axis < 0 {
			c.axis += rank
		}
		if i < len(steps) {
			c.step = steps[i]
		}
		known[c.axis] = c
	}
	out := make([]cut, rank)
	for i := range out {
		c, ok := known[i]
		switch {
		case starts == nil:
			c = cut{i, 0, 0}
		case !ok:
			c = cut{i, 0, 1}
		case c.start < 0: // counted from the end
			c.step = 0
		}
		out[i] = c
	}
	return out
}

// gather takes one of an axis, which is gone then, or some channels.
func (w *way) gather(n *ir.Node, shape []int) lay {
	in, from := w.of(n, 0)
	if in.axes == nil {
		return lay{}
	}
	at := n.Attrs.Int("axis", 0)
	if at < 0 {
		at += len(from)
	}
	if at < 0 || at >= len(from) || in.axes[at] != channel && in.axes[at] != one {
		return lay{}
	}
	switch len(shape) {
	case len(from):
		return lay{axes: replaced(in.axes, at, channel), over: in.over, lead: in.lead}
	case len(from) - 1:
		return lay{axes: slices.Delete(slices.Clone(in.axes), at, at+1), over: in.over, lead: in.lead}
	}
	return lay{}
}
