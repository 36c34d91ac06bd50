package layout

import (
	"context"
	"slices"
)

// picture is a drawn part: a Result by the part's own indices.
type picture struct {
	width, height float64
	nodes         []Point
	arcs, loops   []Path
	groups        []Rect
}

// route draws everything where it has been placed, with the left border at 0.
func (l *layered) route(ctx context.Context) (picture, error) {
	pic := picture{nodes: make([]Point, len(l.nodes)), arcs: make([]Path, len(l.arcs)),
		loops: make([]Path, len(l.loops)), groups: make([]Rect, len(l.groups))}
	l.shift()
	for v := range l.nodes {
		layer := l.vertices[v].layer
		pic.nodes[v] = Point{l.x[v], (l.rows.top[layer] + l.rows.bottom[layer]) / 2}
	}
	for g := 1; g < len(l.groups); g++ {
		pic.groups[g] = Rect{l.left[g], l.rows.groupTop[g], l.right[g] - l.left[g], l.rows.groupBottom[g] - l.rows.groupTop[g]}
	}
	for i, lp := range l.loops {
		pic.loops[i] = l.loopPath(lp)
	}
	ports, outside := l.ports(), l.lanes()
	for i := range l.arcs {
		if i%4096 == 0 && ctx.Err() != nil {
			return picture{}, ctx.Err()
		}
		if l.last[i] == none {
			pic.arcs[i] = l.farPath(i, outside[i])
		} else {
			pic.arcs[i] = l.arcPath(i, ports)
		}
		if l.arcs[i].flipped {
			pic.arcs[i].Reversed = true
			slices.Reverse(pic.arcs[i].Points)
		}
	}
	pic.width, pic.height = l.rows.width, l.rows.height
	return pic, nil
}

// shift moves the drawing to begin at x 0, and measures it.
func (l *layered) shift() {
	first := true
	lo, hi := 0.0, 0.0
	reach := func(left, right float64) {
		if first {
			lo, hi, first = left, right, false
		}
		lo, hi = min(lo, left), max(hi, right)
	}
	for v, this := range l.vertices {
		reach(l.x[v]-this.left, l.x[v]+this.right)
	}
	for g := 1; g < len(l.groups); g++ {
		reach(l.left[g], l.right[g])
	}
	for v := range l.x {
		l.x[v] -= lo
	}
	for g := range l.left {
		l.left[g] -= lo
		l.right[g] -= lo
	}
	l.rows.width = hi - lo
}

// arcPath follows an arc through its segments: straight through layers and the
// ends of groups, sideways only in the channels between.
func (l *layered) arcPath(i int, ports ports) Path {
	way := l.way(i)
	first, last := l.segments[way[0]].upper, l.segments[way[len(way)-1]].lower
	start := Point{l.x[first] + ports.lower[way[0]], l.nodeBottom(first)}
	pen := newPen(start)
	var path Path
	for _, s := range way {
		seg := l.segments[s]
		layer := l.vertices[seg.upper].layer
		pen.down(l.rows.channelTop[layer])
		pen.sideways(l.x[seg.lower]+ports.upper[s], l.rows.channelBottom[layer])
		if this := l.vertices[seg.lower]; this.kind == labelVertex {
			path.Label = Point{l.x[seg.lower], (l.rows.top[this.layer] + l.rows.bottom[this.layer]) / 2}
		}
	}
	pen.down(l.nodeTop(last))
	path.Points = pen.finish()
	return path
}

// way lists the segments of an arc from top to bottom.
func (l *layered) way(i int) []int {
	var way []int
	for s := l.last[i]; ; {
		way = append(way, s)
		upper := &l.vertices[l.segments[s].upper]
		if !upper.bend() {
			break
		}
		s = upper.above
	}
	slices.Reverse(way)
	return way
}

func (l *layered) nodeTop(v int) float64 {
	layer := l.vertices[v].layer
	return (l.rows.top[layer] + l.rows.bottom[layer] - l.nodes[v].h) / 2
}

func (l *layered) nodeBottom(v int) float64 { return l.nodeTop(v) + l.nodes[v].h }

// pen draws vertical lines and S-curves between them, and leaves out joints
// between lines that go straight on.
type pen struct {
	points []Point
	at     Point
}

func newPen(start Point) *pen { return &pen{points: []Point{start}, at: start} }

func (p *pen) down(y float64) { p.at.Y = y }

// sideways goes on to another vertical, in an S whose ends are upright.
func (p *pen) sideways(x, y float64) {
	if x == p.at.X {
		p.at.Y = y
		return
	}
	p.flush()
	middle := (p.at.Y + y) / 2
	p.points = append(p.points, Point{p.at.X, middle}, Point{x, middle}, Point{x, y})
	p.at = Point{x, y}
}

// flush draws the straight line up to here.
func (p *pen) flush() {
	from, to := p.points[len(p.points)-1], p.at
	if from == to {
		return
	}
	p.points = append(p.points, between(from, to, 1./3), between(from, to, 2./3), to)
}

func (p *pen) finish() []Point {
	p.flush()
	if len(p.points) == 1 { // two borders that touch
		p.points = append(p.points, p.at, p.at, p.at)
	}
	return p.points
}

func between(a, b Point, t float64) Point {
	return Point{a.X + t*(b.X-a.X), a.Y + t*(b.Y-a.Y)}
}
