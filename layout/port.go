package layout

import (
	"cmp"
	"slices"
)

// ports says where, from the centre line of its node, each segment begins and
// ends. A segment that runs straight down the centre line stays there; others
// spread to its sides in the order in which they come, so that no two arrows
// end on one point.
type ports struct {
	lower, upper []float64 // by segment: at the bottom of its upper end, at the top of its lower end
}

func (l *layered) ports() ports {
	p := ports{make([]float64, len(l.segments)), make([]float64, len(l.segments))}
	for v := range l.vertices {
		if l.vertices[v].kind == nodeVertex {
			l.spreadPorts(v, l.down.of(v), p.lower)
			l.spreadPorts(v, l.up.of(v), p.upper)
		}
	}
	return p
}

// spreadPorts sets the ports of the segments on one side of v.
func (l *layered) spreadPorts(v int, segments []int, port []float64) {
	if len(segments) < 2 {
		return
	}
	sorted := slices.Clone(segments)
	slices.SortStableFunc(sorted, func(s, t int) int {
		return cmp.Compare(l.pos[l.across(s, v)], l.pos[l.across(t, v)])
	})
	centre := float64(len(sorted)-1) / 2
	for i, s := range sorted {
		if l.x[l.across(s, v)] == l.x[v] {
			centre = float64(i)
			break
		}
	}
	const inset = 0.8 // keeps off rounded corners
	reach := max(centre, float64(len(sorted)-1)-centre)
	step := min(l.opt.EdgeGap, inset*l.nodes[l.vertices[v].node].w/2/reach)
	for i, s := range sorted {
		port[s] = (float64(i) - centre) * step
	}
}
