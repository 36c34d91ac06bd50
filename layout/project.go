package layout

// descent is a program on its way to a solution.
type descent struct {
	*program
	weight  []float64 // of each unknown: the sum of its springs
	springs lists     // by unknown
	in, out lists     // gaps by their right and left unknown
	order   []int     // unknowns from left to right
	mirror  bool      // project from right to left
	result  []float64

	region []region
	of     []int     // the region of an unknown
	offset []float64 // of an unknown from its region
}

// region is a set of unknowns that gaps hold at fixed distances.
type region struct {
	at           float64
	pull, weight float64 // at is pull/weight
	members      []int
	pending      heap // gaps into it from the left, by the least at that they ask for
}

func newDescent(p *program) *descent {
	d := &descent{program: p, weight: make([]float64, p.n), result: make([]float64, p.n),
		region: make([]region, p.n), of: make([]int, p.n), offset: make([]float64, p.n)}
	m := len(p.springsBetween)
	d.springs = incidence(p.n, 2*m, func(i int) int {
		if i < m {
			return p.springsBetween[i].a
		}
		return p.springsBetween[i-m].b
	})
	for i := range d.springs.items {
		d.springs.items[i] %= max(m, 1)
	}
	for _, s := range p.springsBetween {
		d.weight[s.a] += s.weight
		d.weight[s.b] += s.weight
	}
	for i := range d.weight {
		if d.weight[i] == 0 {
			d.weight[i] = lonelyPull
		}
	}
	d.in = incidence(p.n, len(p.gaps), func(i int) int { return p.gaps[i].right })
	d.out = incidence(p.n, len(p.gaps), func(i int) int { return p.gaps[i].left })
	return d
}

// sort orders the unknowns so that every gap goes forward, or says false.
func (d *descent) sort() bool {
	missing := make([]int, d.n)
	for v := range missing {
		missing[v] = len(d.in.of(v))
		if missing[v] == 0 {
			d.order = append(d.order, v)
		}
	}
	for i := 0; i < len(d.order); i++ {
		for _, g := range d.out.of(d.order[i]) {
			right := d.gaps[g].right
			if missing[right]--; missing[right] == 0 {
				d.order = append(d.order, right)
			}
		}
	}
	return len(d.order) == d.n
}

// halfWay puts into target the middle between each unknown and the place where
// its springs would be at rest.
func (d *descent) halfWay(x, target []float64) {
	for v := range target {
		sum, weight := 0.0, 0.0
		for _, i := range d.springs.of(v) {
			s := d.springsBetween[i]
			if s.a == v {
				sum += s.weight * (x[s.b] - s.rest)
			} else {
				sum += s.weight * (x[s.a] + s.rest)
			}
			weight += s.weight
		}
		target[v] = x[v]
		if weight > 0 {
			target[v] = (x[v] + sum/weight) / 2
		}
	}
}

// project moves the targets as little as it takes to keep all gaps, weighted:
// the first part of the algorithm VPSC (Dwyer, Marriott, Stuckey 2006). It
// takes unknowns from left to right and merges each with the regions that it
// runs into; relax then frees those that a merger dragged along. Every other
// call works from right to left, so that neither side is favoured.
func (d *descent) project(target []float64) []float64 {
	x := d.result
	for v := range x {
		x[v] = target[v]
		if d.mirror {
			x[v] = -x[v]
		}
	}
	d.satisfy(x)
	for v := range x {
		r := &d.region[d.of[v]]
		at := r.at + d.offset[v]
		x[v] = at
		if d.mirror {
			x[v] = -at
		}
	}
	d.mirror = !d.mirror
	d.relax(x, target)
	return x
}

// into lists the gaps that push v to the right, as seen in the mirror or not,
// and pusher and pushed their ends.
func (d *descent) into(v int) []int {
	if d.mirror {
		return d.out.of(v)
	}
	return d.in.of(v)
}

func (d *descent) pusher(g int) int {
	if d.mirror {
		return d.gaps[g].right
	}
	return d.gaps[g].left
}

func (d *descent) pushed(g int) int {
	if d.mirror {
		return d.gaps[g].left
	}
	return d.gaps[g].right
}

func (d *descent) satisfy(target []float64) {
	for i := range d.order {
		v := d.order[i]
		if d.mirror {
			v = d.order[len(d.order)-1-i]
		}
		d.of[v], d.offset[v] = v, 0
		r := &d.region[v]
		*r = region{at: target[v], pull: target[v] * d.weight[v], weight: d.weight[v],
			members: append(r.members[:0], v), pending: r.pending[:0]}
		for _, g := range d.into(v) {
			r.pending.push(-d.demand(g), g)
		}
		for at := v; ; {
			g, ok := d.violated(at)
			if !ok {
				break
			}
			at = d.merge(at, g)
		}
	}
}

// demand is where a gap asks the region on its right to be at least.
func (d *descent) demand(g int) float64 {
	p := d.pusher(g)
	return d.region[d.of[p]].at + d.offset[p] + d.gaps[g].least - d.offset[d.pushed(g)]
}

// rounding is an overlap too small to see.
const rounding = 1e-9

// violated is the gap that asks the region to move right the furthest. Regions
// on its left only ever move left, so demands in the heap can only be too high.
func (d *descent) violated(at int) (int, bool) {
	r := &d.region[at]
	for len(r.pending) > 0 {
		top := &r.pending[0]
		g := top.item
		if d.of[d.pusher(g)] == at {
			r.pending.pop()
			continue
		}
		demand := d.demand(g)
		switch {
		case demand < -top.key:
			top.key = -demand
			r.pending.sink(0)
		case demand <= r.at+rounding:
			return none, false
		default:
			r.pending.pop()
			return g, true
		}
	}
	return none, false
}

// merge joins the regions at both ends of a gap at just its distance, into the
// larger one.
func (d *descent) merge(right, g int) int {
	left := d.of[d.pusher(g)]
	shift := d.offset[d.pusher(g)] + d.gaps[g].least - d.offset[d.pushed(g)] // from left's to right's
	into, from := left, right
	if len(d.region[left].members)+len(d.region[left].pending) < len(d.region[right].members)+len(d.region[right].pending) {
		into, from, shift = right, left, -shift
	}
	a, b := &d.region[into], &d.region[from]
	for _, v := range b.members {
		d.of[v] = into
		d.offset[v] += shift
	}
	a.members = append(a.members, b.members...)
	a.pull += b.pull - b.weight*shift
	a.weight += b.weight
	a.at = a.pull / a.weight
	for _, e := range b.pending {
		if d.of[d.pusher(e.item)] != into {
			a.pending.push(-d.demand(e.item), e.item)
		}
	}
	b.pending = b.pending[:0]
	return into
}

// relax lets every unknown go back towards its target as far as gaps allow.
func (d *descent) relax(x, target []float64) {
	for _, v := range d.order {
		if x[v] <= target[v] {
			continue
		}
		lo := target[v]
		for _, g := range d.in.of(v) {
			lo = max(lo, x[d.gaps[g].left]+d.gaps[g].least)
		}
		x[v] = min(x[v], lo)
	}
	for i := len(d.order) - 1; i >= 0; i-- {
		v := d.order[i]
		if x[v] >= target[v] {
			continue
		}
		hi := target[v]
		for _, g := range d.out.of(v) {
			hi = min(hi, x[d.gaps[g].right]-d.gaps[g].least)
		}
		x[v] = max(x[v], hi)
	}
}
