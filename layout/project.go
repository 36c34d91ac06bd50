package layout

import "context"

// projection moves targets as little as it takes to keep all gaps, by the sum
// of the squares of the movements times their weights: the algorithm VPSC
// (Dwyer, Marriott, Stuckey 2006). Unknowns that press on each other form
// regions, trees of gaps that are just kept.
type projection struct {
	*program
	weight []float64

	target  []float64
	regions []region  // named by one of their members
	of      []int     // the region of an unknown
	offset  []float64 // of an unknown from its region
	tree    [][]int   // gaps by unknown, while a region is looked at
	force   []float64 // on an unknown and what hangs on it
	x       []float64
	work    int // unknowns and gaps looked at
}

type region struct {
	at           float64
	pull, weight float64 // at is pull/weight
	members      []int
	tight        []int // the gaps of its tree
	pending      heap  // gaps to regions on one side, the most violated first
}

// side is the direction in which regions look for others that they overlap.
type side float64

const (
	leftwards  side = 1
	rightwards side = -1
)

func newProjection(p *program, weight []float64) *projection {
	n := p.n
	d := &projection{program: p, weight: weight, regions: make([]region, n), of: make([]int, n),
		offset: make([]float64, n), tree: make([][]int, n), force: make([]float64, n), x: make([]float64, n)}
	return d
}

// project returns the projection of target, in a slice that the next call
// reuses. When ctx is cancelled, it keeps the gaps but may not be the nearest.
func (d *projection) project(ctx context.Context, target []float64) []float64 {
	d.target = target
	d.work += d.n + len(d.gaps)
	d.satisfy()
	d.refine(ctx)
	for v := range d.x {
		d.x[v] = d.position(v)
	}
	return d.x
}

func (d *projection) position(v int) float64 { return d.regions[d.of[v]].at + d.offset[v] }

// satisfy takes unknowns from left to right and merges each with the regions
// that it runs into, the one it overlaps most first.
func (d *projection) satisfy() {
	for _, v := range d.order {
		r := &d.regions[v]
		*r = region{members: append(r.members[:0], v), tight: r.tight[:0], pending: r.pending[:0]}
		d.of[v], d.offset[v] = v, 0
		d.weigh(v)
		d.await(v, leftwards)
		d.settle(v, leftwards)
	}
}

// weigh puts a region where its members pull it.
func (d *projection) weigh(id int) {
	r := &d.regions[id]
	r.pull, r.weight = 0, 0
	for _, v := range r.members {
		r.pull += d.weight[v] * (d.target[v] - d.offset[v])
		r.weight += d.weight[v]
	}
	r.at = r.pull / r.weight
}

// await collects the gaps between a region and others on a side.
func (d *projection) await(id int, s side) {
	r := &d.regions[id]
	r.pending = r.pending[:0]
	for _, v := range r.members {
		list := d.in.of(v)
		if s == rightwards {
			list = d.out.of(v)
		}
		d.work += len(list)
		for _, g := range list {
			if d.of[d.gaps[g].left] != d.of[d.gaps[g].right] {
				r.pending.push(-d.demand(g, s), g)
			}
		}
	}
}

// demand is how far a gap asks the region on its near end to move away from a
// side: leftwards, the least at; rightwards, the most at, with the sign turned.
func (d *projection) demand(g int, s side) float64 {
	near, far := d.gaps[g].right, d.gaps[g].left
	if s == rightwards {
		near, far = far, near
	}
	return float64(s)*(d.position(far)-d.offset[near]) + d.gaps[g].least
}

// settle merges a region with those it overlaps on a side until it is free.
func (d *projection) settle(id int, s side) int {
	for {
		g := d.violated(id, s)
		if g == none {
			return id
		}
		id = d.merge(g, s)
	}
}

// rounding is an overlap too small to see.
const rounding = 1e-9

// violated is the most violated pending gap of a region, if any. While a region
// settles, those on that side only move away from it, so that the demands in
// the heap can only be too high.
func (d *projection) violated(id int, s side) int {
	r := &d.regions[id]
	for len(r.pending) > 0 {
		top := &r.pending[0]
		g := top.item
		if d.of[d.gaps[g].left] == d.of[d.gaps[g].right] {
			r.pending.pop()
			continue
		}
		demand := d.demand(g, s)
		switch {
		case demand < -top.key:
			top.key = -demand
			r.pending.sink(0)
		case demand <= float64(s)*r.at+rounding:
			return none
		default:
			return g
		}
	}
	return none
}

// merge joins the regions at the ends of a gap into the larger one, which
// takes over what is pending on the side.
func (d *projection) merge(g int, s side) int {
	gap := d.gaps[g]
	into, from := d.of[gap.left], d.of[gap.right]
	shift := d.offset[gap.left] + gap.least - d.offset[gap.right]
	if d.regions[into].size() < d.regions[from].size() {
		into, from, shift = from, into, -shift
	}
	a, b := &d.regions[into], &d.regions[from]
	for _, v := range b.members {
		d.of[v] = into
		d.offset[v] += shift
	}
	a.members = append(a.members, b.members...)
	a.tight = append(append(a.tight, b.tight...), g)
	a.pull += b.pull - b.weight*shift
	a.weight += b.weight
	a.at = a.pull / a.weight
	for _, e := range b.pending {
		if h := d.gaps[e.item]; d.of[h.left] != d.of[h.right] {
			a.pending.push(-d.demand(e.item, s), e.item)
		}
	}
	*b = region{members: b.members[:0], tight: b.tight[:0], pending: b.pending[:0]}
	return into
}

func (r *region) size() int { return len(r.members) + len(r.pending) }
