package layout

import "context"

// place gives every vertex its x and every group its left and right border.
// The unknowns are the centre lines of the blocks that align chose and the
// borders; the layers say what must be left of what.
func (l *layered) place(ctx context.Context) error {
	w := l.newWeigher()
	block, blocks := l.align(w.value)
	p := placer{layered: l, block: block, blocks: blocks}
	p.program.n = blocks + 2*len(l.groups)
	for layer := range l.layers {
		p.separate(layer)
	}
	p.titles()
	if err := p.sort(); err != nil {
		return err
	}
	start := p.pack()
	p.attach(w, start)
	x, err := p.solve(ctx, start)
	if err != nil {
		return err
	}
	l.x = make([]float64, len(l.vertices))
	for v := range l.vertices {
		l.x[v] = x[block[v]]
	}
	l.left, l.right = make([]float64, len(l.groups)), make([]float64, len(l.groups))
	p.wrap(x)
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

// lonelyPull is how much pieces that no edges connect like to stay together.
const lonelyPull = 0.001

// attach makes the ends of segments pull at each other, and holds what no
// segment holds to its left neighbour at start, where all is packed. Groups
// with edges to the outside need no hold.
func (p *placer) attach(w *weigher, start []float64) {
	sets := newUnion(p.n)
	open := p.open()
	for g := 1; g < len(p.groups); g++ {
		if v := open[g]; v != none {
			sets.join(p.leftOf(g), p.block[v])
			sets.join(p.rightOf(g), p.block[v])
		}
	}
	join := func(a, b int, weight, rest float64) {
		p.springs = append(p.springs, spring{a, b, weight, rest})
		sets.join(a, b)
	}
	for s, seg := range p.segments {
		if a, b := p.block[seg.upper], p.block[seg.lower]; a != b && w.pull[s] > 0 {
			join(a, b, w.pull[s], 0)
		}
	}
	for _, pair := range w.spine() {
		if a, b := p.block[pair[0]], p.block[pair[1]]; a != b {
			join(a, b, spinePull, 0)
		}
	}
	for _, gap := range p.gaps {
		tight := start[gap.right] == start[gap.left]+gap.least
		if tight && sets.find(gap.left) != sets.find(gap.right) {
			join(gap.left, gap.right, lonelyPull, gap.least)
		}
	}
}

// open gives for every group a vertex inside that has a segment to the
// outside, or none.
func (p *placer) open() []int {
	open := make([]int, len(p.groups))
	for g := range open {
		open[g] = none
	}
	for _, s := range p.segments {
		around := p.around(p.vertices[s.upper].group, p.vertices[s.lower].group)
		for _, v := range [2]int{s.upper, s.lower} {
			for g := p.vertices[v].group; g != around; g = p.groups[g].parent {
				open[g] = v
			}
		}
	}
	return open
}

// wrap moves the borders of groups inwards to their content, from the inside
// out. What is too narrow for its title takes the rest from both sides.
func (p *placer) wrap(x []float64) {
	for g := len(p.groups) - 1; g > 0; g-- {
		l, r, width := p.leftOf(g), p.rightOf(g), p.groups[g].minW
		left, right := x[r], x[l]
		for _, i := range p.out.of(l) {
			if gap := p.gaps[i]; gap.right != r {
				left = min(left, x[gap.right]-gap.least)
			}
		}
		for _, i := range p.in.of(r) {
			if gap := p.gaps[i]; gap.left != l {
				right = max(right, x[gap.left]+gap.least)
			}
		}
		if lack := width - (right - left); lack > 0 {
			left = min(max(x[l], left-lack/2), x[r]-width)
			right = max(right, left+width)
		}
		x[l], x[r] = left, right
	}
}
