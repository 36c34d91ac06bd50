package layout

import (
	"cmp"
	"slices"
)

// loopPath draws a self loop on the right of its node, in the room that its
// box keeps for it.
func (l *layered) loopPath(lp loop) Path {
	b := l.nodes[lp.node]
	x := l.x[lp.node] + b.w/2
	y := (l.nodeTop(lp.node) + l.nodeBottom(lp.node)) / 2
	reach := lp.offset + lp.width
	if lp.labelW > 0 {
		reach = lp.offset + 2*l.opt.EdgeGap
	}
	half := b.h / 4 * (1 + lp.offset/(lp.offset+lp.width)/2) // outer loops start further out
	peak := reach * 4 / 3 * 0.9                              // a cubic reaches 3/4 of its controls
	p := Path{Points: []Point{{x, y - half}, {x + peak, y - half}, {x + peak, y + half}, {x, y + half}}}
	if lp.labelW > 0 {
		p.Label = Point{x + lp.offset + lp.width - lp.labelW/2, y}
	}
	return p
}

// lanes gives every far arc a vertical lane on the right of the drawing, free
// from its first to its last layer, and widens the drawing by them.
func (l *layered) lanes() []float64 {
	var far []int
	for i := range l.arcs {
		if l.last[i] == none {
			far = append(far, i)
		}
	}
	first := func(i int) int { return l.vertices[l.arcs[i].from].layer }
	slices.SortStableFunc(far, func(a, b int) int { return cmp.Compare(first(a), first(b)) })
	lane := make([]int, len(l.arcs))
	var free heap // lanes by the layer at which they become free
	var widths []float64
	for _, i := range far {
		if len(free) > 0 && free[0].key <= float64(first(i)) {
			lane[i] = free.pop().item
		} else {
			lane[i] = len(widths)
			widths = append(widths, 0)
		}
		widths[lane[i]] = max(widths[lane[i]], l.arcs[i].labelW)
		free.push(float64(l.vertices[l.arcs[i].to].layer), lane[i])
	}
	centres := make([]float64, len(widths))
	for i, w := range widths {
		centres[i] = l.rows.width + l.opt.EdgeGap + w/2
		l.rows.width += l.opt.EdgeGap + w
	}
	x := make([]float64, len(l.arcs))
	for _, i := range far {
		x[i] = centres[lane[i]]
	}
	return x
}

// farPath takes an arc out to its lane through the channel below its upper end
// and back through the channel above its lower end.
func (l *layered) farPath(i int, lane float64) Path {
	a := l.arcs[i]
	first, last := l.vertices[a.from].layer, l.vertices[a.to].layer
	pen := newPen(Point{l.x[a.from], l.nodeBottom(a.from)})
	pen.down(l.rows.channelTop[first])
	pen.sideways(lane, l.rows.channelBottom[first])
	pen.down(l.rows.channelTop[last-1])
	pen.sideways(l.x[a.to], l.rows.channelBottom[last-1])
	pen.down(l.nodeTop(a.to))
	path := Path{Points: pen.finish()}
	if a.labelled() {
		path.Label = Point{lane, (l.rows.top[first] + l.rows.bottom[last]) / 2}
	}
	return path
}
