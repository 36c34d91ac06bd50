package layout

import (
	"context"
	"errors"
	"slices"
)

// place gives every vertex its x and every group its left and right border.
// The unknowns are the centre lines of the blocks that align chose and the
// borders; the layers say what must be left of what.
func (l *layered) place(ctx context.Context) error {
	block, blocks, pull := l.align()
	p := placer{layered: l, block: block, blocks: blocks}
	p.program.n = blocks + 2*len(l.groups)
	for layer := range l.layers {
		p.separate(layer)
	}
	p.titles()
	p.springs(pull)
	x, err := p.solve(ctx, p.start())
	if err != nil {
		return err
	}
	l.x = make([]float64, len(l.vertices))
	for v := range l.vertices {
		l.x[v] = x[block[v]]
	}
	l.left, l.right = make([]float64, len(l.groups)), make([]float64, len(l.groups))
	for g := range l.groups {
		l.left[g], l.right[g] = x[p.leftOf(g)], x[p.rightOf(g)]
	}
	return nil
}

type placer struct {
	*layered
	program
	block  []int // of each vertex
	blocks int
	last   token // of the layer so far
	node   token // and its last node
}

func (p *placer) leftOf(group int) int  { return p.blocks + 2*group }
func (p *placer) rightOf(group int) int { return p.blocks + 2*group + 1 }

// token is one thing in the sequence of a layer from left to right: a vertex
// or a border. before and after are its reach from the unknown; outside is the
// distance it wants from strangers.
type token struct {
	unknown       int
	before, after float64
	outside       float64
}

// separate keeps the vertices and borders of a layer apart.
func (p *placer) separate(layer int) {
	p.last, p.node = token{unknown: none}, token{unknown: none}
	p.separateCell(p.cellAt(0, layer))
}

func (p *placer) separateCell(c int) {
	g := p.cells[c].group
	f := p.groups[g]
	if g > 0 {
		p.follow(token{unknown: p.leftOf(g), outside: p.opt.NodeGap})
		p.last.after, p.last.outside = f.left, 0
	}
	for _, child := range p.cells[c].children {
		if child.isCell() {
			p.separateCell(child.cell())
			continue
		}
		p.nextVertex(int(child))
	}
	if g > 0 {
		p.follow(token{unknown: p.rightOf(g), before: f.right})
		p.last.before, p.last.outside = 0, p.opt.NodeGap
	}
}

func (p *placer) nextVertex(v int) {
	this := p.vertices[v]
	t := token{unknown: p.block[v], before: this.left, after: this.right, outside: p.opt.EdgeGap}
	if this.kind != nodeVertex {
		p.follow(t)
		return
	}
	t.outside = p.opt.NodeGap
	if p.node.unknown != none { // bends may be between
		p.apart(p.node.unknown, t.unknown, p.node.after+t.before+p.opt.NodeGap)
	}
	p.follow(t)
	p.node = t
}

// follow appends a token. Strangers keep the smaller of the distances they
// want; what touches the inside of a border keeps its padding.
func (p *placer) follow(t token) {
	if p.last.unknown != none {
		p.apart(p.last.unknown, t.unknown, p.last.after+t.before+min(p.last.outside, t.outside))
	}
	p.last = t
}

// titles keeps groups wide enough for their titles, and edges that enter from
// above to the right of them.
func (p *placer) titles() {
	for g, f := range p.groups {
		if g == 0 {
			continue
		}
		p.apart(p.leftOf(g), p.rightOf(g), f.minW)
		if f.clear > 0 {
			top := p.cells[p.cellAt(g, p.top[g])]
			for _, v := range p.layers[p.top[g]][top.first : top.last+1] {
				if len(p.up.of(v)) > 0 {
					p.apart(p.leftOf(g), p.block[v], f.clear)
					break
				}
			}
		}
	}
}

// How much groups like to be narrow, and how much pieces that no edges connect
// like to stay together.
const (
	narrowPull = 0.01
	lonelyPull = 0.001
)

// springs makes the ends of segments pull at each other, and holds together
// what no segment holds.
func (p *placer) springs(pull []float64) {
	sets := newUnion(p.n)
	attach := func(a, b int, weight, rest float64) {
		p.springsBetween = append(p.springsBetween, spring{a, b, weight, rest})
		sets.join(a, b)
	}
	for s, seg := range p.segments {
		if a, b := p.block[seg.upper], p.block[seg.lower]; a != b && pull[s] > 0 {
			attach(a, b, pull[s], 0)
		}
	}
	for g := 1; g < len(p.groups); g++ {
		attach(p.leftOf(g), p.rightOf(g), narrowPull, 0)
	}
	for _, gap := range p.gaps {
		if sets.find(gap.left) != sets.find(gap.right) {
			attach(gap.left, gap.right, lonelyPull, gap.least)
		}
	}
}

// start is a first guess: every layer packed and centred, blocks at the mean
// of their vertices.
func (p *placer) start() []float64 {
	x, count := make([]float64, p.n), make([]float64, p.n)
	for _, vertices := range p.layers {
		width := 0.0
		for _, v := range vertices {
			width += p.vertices[v].left + p.vertices[v].right + p.opt.NodeGap
		}
		at := -width / 2
		for _, v := range vertices {
			x[p.block[v]] += at + p.vertices[v].left
			count[p.block[v]]++
			at += p.vertices[v].left + p.vertices[v].right + p.opt.NodeGap
		}
	}
	for b := range x {
		if count[b] > 0 {
			x[b] /= count[b]
		}
	}
	for g := len(p.groups) - 1; g > 0; g-- { // borders start at their members
		lo, hi := p.memberRange(g, x)
		x[p.leftOf(g)], x[p.rightOf(g)] = lo, hi
	}
	return x
}

func (p *placer) memberRange(g int, x []float64) (lo, hi float64) {
	var xs []float64
	for layer := p.top[g]; layer <= p.bottom[g]; layer++ {
		c := p.cells[p.cellAt(g, layer)]
		xs = append(xs, x[p.block[p.layers[layer][c.first]]], x[p.block[p.layers[layer][c.last]]])
	}
	return slices.Min(xs), slices.Max(xs)
}

var errOrder = errors.New("layout: layers disagree about left and right (this is a bug)")
