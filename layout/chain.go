package layout

import (
	"cmp"
	"slices"
)

// chains turns arcs into segments, short ones first: arcs of one port share
// the bends of their common way, so that a value used all over the model is
// one line with branches. When the budget of bends is used up, the remaining,
// longest arcs are left as far: route takes them round the outside.
func (l *layered) chains() {
	order := make([]int, len(l.arcs))
	for i := range order {
		order[i] = i
		l.last[i] = none
	}
	length := func(i int) int { return l.vertices[l.arcs[i].to].layer - l.vertices[l.arcs[i].from].layer }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(length(a), length(b)) })

	c := chainer{layered: l, shared: make(map[turn]int), budget: max(leastBends, bendsPerNode*len(l.nodes))}
	ways := make(map[way]bool)
	for _, i := range order {
		if length(i) > c.budget {
			break
		}
		a := l.arcs[i]
		w := way{a.from, a.to, a.port}
		alone := a.flipped || a.labelled() || ways[w]
		ways[w] = true
		c.chain(i, alone)
	}
}

// way is what parallel arcs have in common; only the first may share bends.
type way struct{ from, to, port int }

// turn is where a bend can be shared: below the same vertex, from the same
// port, in the same group.
type turn struct{ above, port, group int }

type chainer struct {
	*layered
	shared map[turn]int
	budget int
}

// chain leads arc i from its upper to its lower end.
func (c *chainer) chain(i int, alone bool) {
	a := c.arcs[i]
	first, end := c.vertices[a.from].layer+1, c.vertices[a.to].layer
	at := a.from
	for layer := first; layer < end; layer++ {
		c.budget--
		group := c.passing(a, layer)
		t := turn{at, a.port, group}
		if bend, ok := c.shared[t]; ok && !alone {
			at = bend
			continue
		}
		v := vertex{kind: bendVertex, node: none, arc: i, group: group, layer: layer}
		if a.labelled() && layer == (first+end-1)/2 {
			v.kind, v.left, v.right, v.tall = labelVertex, a.labelW/2, a.labelW/2, a.labelH
		}
		v.above = c.join(at, len(c.vertices), a.weight)
		at = len(c.vertices)
		c.vertices = append(c.vertices, v)
		if !alone {
			c.shared[t] = at
		}
	}
	c.last[i] = c.join(at, a.to, a.weight)
}

func (c *chainer) join(upper, lower int, weight float64) int {
	c.segments = append(c.segments, segment{upper, lower, weight})
	return len(c.segments) - 1
}

// passing is the group through which arc a passes a layer: the innermost one
// of its upper end that reaches so far down, or of its lower end that reaches
// so far up; where such groups stand side by side, what is around both.
func (l *layered) passing(a arc, layer int) int {
	upper, lower := l.vertices[a.from].group, l.vertices[a.to].group
	for upper != 0 && !l.has(upper, layer) {
		upper = l.groups[upper].parent
	}
	for lower != 0 && !l.has(lower, layer) {
		lower = l.groups[lower].parent
	}
	if l.encloses(upper, lower) {
		return lower
	}
	if l.encloses(lower, upper) {
		return upper
	}
	return l.around(upper, lower)
}

// encloses tells whether group inner is outer or inside it. Parents come first.
func (l *layered) encloses(outer, inner int) bool {
	for inner > outer {
		inner = l.groups[inner].parent
	}
	return inner == outer
}

// around is the innermost group that encloses both.
func (l *layered) around(a, b int) int {
	for a != b {
		if a > b {
			a = l.groups[a].parent
		} else {
			b = l.groups[b].parent
		}
	}
	return a
}
