package layout

import "fmt"

// layered is a part whose nodes have layers. Edges that span several layers
// have become chains of bends, so that every segment joins adjacent layers.
type layered struct {
	*part
	vertices []vertex
	segments []segment
	up, down lists // segments by vertex
	layers   [][]int
	last     []int // per arc, its lowest segment; none if it is far
	cells    []cell
	firstOf  []int // per group, its cell in its top layer
	top      []int // per group, its layers
	bottom   []int

	above, below           []int // per vertex, the bend that continues it, or none
	pos, slot              []int // place of a vertex in its layer, and in its cell
	bordersUp, bordersDown []int // borders left of it of groups that come from above, go on below

	x           []float64 // centres of vertices
	left, right []float64 // borders of groups
	rows        rows
}

// vertex is what stands in one layer.
type vertex struct {
	kind        kind
	node, arc   int // what it is part of; none for other kinds
	group       int
	layer       int
	left, right float64
	tall        float64
	above       int // of a bend, the segment from above
}

type kind byte

const (
	nodeVertex kind = iota
	bendVertex
	labelVertex
	filler // keeps a place for a group in a layer in which it has nothing
)

// segment joins a vertex to one in the layer below.
type segment struct {
	upper, lower int
	weight       float64
}

const none = -1

// A cell is the stretch of one layer that belongs to one group. The cells of a
// group are consecutive: cell i+1 is in the layer below cell i.
type cell struct {
	group       int
	children    []item
	first, last int // places of its outermost vertices
	slot        int // place among the children of the cell around it
}

// item is a vertex, or the complement of a cell.
type item int

func (i item) isCell() bool { return i < 0 }
func (i item) cell() int    { return ^int(i) }
func cellItem(c int) item   { return item(^c) }

// Limits of what is worth drawing segment by segment.
const (
	bendsPerNode = 8
	leastBends   = 100_000
	mostCells    = 8_000_000
)

// layer builds the layers from ranks.
func (p *part) layer(ranks []int) (*layered, error) {
	l := &layered{part: p, last: make([]int, len(p.arcs))}
	for v, b := range p.nodes {
		l.vertices = append(l.vertices, vertex{kind: nodeVertex, node: v, arc: none, group: b.group, layer: ranks[v],
			left: b.left, right: b.right, tall: b.tall, above: none})
	}
	if err := l.extents(); err != nil {
		return nil, err
	}
	l.chains()
	l.fillCells()
	l.up = incidence(len(l.vertices), len(l.segments), func(s int) int { return l.segments[s].lower })
	l.down = incidence(len(l.vertices), len(l.segments), func(s int) int { return l.segments[s].upper })
	return l, nil
}

// extents finds the layers of each group and makes its cells.
func (l *layered) extents() error {
	n := len(l.groups)
	l.top, l.bottom, l.firstOf = make([]int, n), make([]int, n), make([]int, n)
	for g := range l.groups {
		l.top[g], l.bottom[g] = len(l.vertices)*2+1, none
	}
	for _, v := range l.vertices {
		l.top[v.group] = min(l.top[v.group], v.layer)
		l.bottom[v.group] = max(l.bottom[v.group], v.layer)
	}
	cells := 0
	for g := n - 1; g >= 0; g-- {
		if g > 0 {
			around := l.groups[g].parent
			l.top[around] = min(l.top[around], l.top[g])
			l.bottom[around] = max(l.bottom[around], l.bottom[g])
		}
		if cells += l.bottom[g] - l.top[g] + 1; cells > mostCells {
			return fmt.Errorf("layout: %d groups over %d layers are too much to draw: collapse some", n, l.bottom[g]+1)
		}
	}
	l.layers = make([][]int, l.bottom[0]+1)
	l.cells = make([]cell, 0, cells)
	for g := range l.groups {
		l.firstOf[g] = len(l.cells)
		for range l.bottom[g] - l.top[g] + 1 {
			l.cells = append(l.cells, cell{group: g})
		}
	}
	return nil
}

func (l *layered) has(group, layer int) bool {
	return l.top[group] <= layer && layer <= l.bottom[group]
}

func (l *layered) cellAt(group, layer int) int { return l.firstOf[group] + layer - l.top[group] }

// fillCells puts every vertex into the cell of its group, every cell into that
// of the group around it, and something into cells that would stay empty.
func (l *layered) fillCells() {
	for v := range l.vertices {
		l.fill(v)
	}
	for g := len(l.groups) - 1; g >= 0; g-- {
		for layer := l.top[g]; layer <= l.bottom[g]; layer++ {
			if len(l.cells[l.cellAt(g, layer)].children) == 0 {
				l.vertices = append(l.vertices, vertex{kind: filler, node: none, arc: none, group: g, layer: layer, above: none})
				l.fill(len(l.vertices) - 1)
			}
		}
	}
}

// fill adds v to its cell, and the cells around to theirs where v is the first.
func (l *layered) fill(v int) {
	layer, child := l.vertices[v].layer, item(v)
	for g := l.vertices[v].group; ; g = l.groups[g].parent {
		c := l.cellAt(g, layer)
		l.cells[c].children = append(l.cells[c].children, child)
		if len(l.cells[c].children) > 1 || g == 0 {
			return
		}
		child = cellItem(c)
	}
}
