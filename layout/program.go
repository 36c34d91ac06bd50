package layout

import (
	"context"
	"errors"
	"math"
	"slices"
)

// program is a quadratic programme: find n positions that keep all gaps and
// stretch the springs least, by the sum of the squares of their stretch times
// their weight.
type program struct {
	n       int
	gaps    []gap
	springs []spring
	at      map[[2]int]int // where a pair stands in gaps

	in, out lists // gaps by their right and left unknown
	order   []int // unknowns from left to right
}

// gap asks for x[right]-x[left] >= least.
type gap struct {
	left, right int
	least       float64
}

// spring wants x[b]-x[a] to be rest.
type spring struct {
	a, b         int
	weight, rest float64
}

// apart keeps two unknowns at least a distance apart.
func (p *program) apart(left, right int, least float64) {
	if left == right {
		return
	}
	if p.at == nil {
		p.at = make(map[[2]int]int)
	}
	key := [2]int{left, right}
	i, known := p.at[key]
	if !known {
		p.at[key] = len(p.gaps)
		p.gaps = append(p.gaps, gap{left, right, least})
		return
	}
	p.gaps[i].least = max(p.gaps[i].least, least)
}

var errOrder = errors.New("layout: layers disagree about left and right (this is a bug)")

// sort orders the unknowns so that every gap goes forward. It has to be called
// when all gaps are known, before what follows.
func (p *program) sort() error {
	p.in = incidence(p.n, len(p.gaps), func(i int) int { return p.gaps[i].right })
	p.out = incidence(p.n, len(p.gaps), func(i int) int { return p.gaps[i].left })
	missing := make([]int, p.n)
	for v := range missing {
		missing[v] = len(p.in.of(v))
		if missing[v] == 0 {
			p.order = append(p.order, v)
		}
	}
	for i := 0; i < len(p.order); i++ {
		for _, g := range p.out.of(p.order[i]) {
			right := p.gaps[g].right
			if missing[right]--; missing[right] == 0 {
				p.order = append(p.order, right)
			}
		}
	}
	if len(p.order) < p.n {
		return errOrder
	}
	return nil
}

// pack puts every unknown as far left as the gaps allow.
func (p *program) pack() []float64 {
	x := make([]float64, p.n)
	for _, v := range p.order {
		for _, g := range p.in.of(v) {
			x[v] = max(x[v], x[p.gaps[g].left]+p.gaps[g].least)
		}
	}
	return x
}

// Bounds of the descent: rounds; unknowns and gaps looked at; and the movement
// below which it has arrived.
const (
	mostRounds = 300
	placeWork  = 10_000_000
	arrived    = 0.02
)

// solve descends from x, which keeps the gaps, by the accelerated projected
// gradient method (Beck and Teboulle 2009, FISTA, with the restarts of
// O'Donoghue and Candès 2015). In each round every unknown steps half way to
// where its springs would be at rest, which never overshoots, and then project
// restores the gaps.
func (p *program) solve(ctx context.Context, x []float64) ([]float64, error) {
	weight := p.weights()
	d := newProjection(p, weight)
	y, target := slices.Clone(x), make([]float64, p.n)
	speed := 0.0
	for round := 0; round < mostRounds && d.work < placeWork; round++ {
		p.halfWay(y, weight, target)
		next := d.project(ctx, target)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		momentum := speed / (speed + 3)
		speed++
		moved, uphill := 0.0, 0.0
		for i := range x {
			step := next[i] - x[i]
			moved = max(moved, math.Abs(step))
			uphill += weight[i] * (y[i] - next[i]) * step
			x[i], y[i] = next[i], next[i]
			if weight[i] > lightest { // what nothing holds would fly on
				y[i] += momentum * step
			}
		}
		if uphill > 0 {
			speed = 0
			copy(y, x)
		}
		if moved < arrived {
			break
		}
	}
	return x, nil
}

// lightest is the weight of an unknown that nothing pulls, such as a border.
const lightest = 1e-3

// weights sums up what pulls at each unknown.
func (p *program) weights() []float64 {
	weight := make([]float64, p.n)
	for _, s := range p.springs {
		weight[s.a] += s.weight
		weight[s.b] += s.weight
	}
	for i := range weight {
		weight[i] = max(weight[i], lightest)
	}
	return weight
}

// halfWay puts into target the middle between each unknown and the place where
// its springs would be at rest.
func (p *program) halfWay(x, weight, target []float64) {
	clear(target)
	for _, s := range p.springs {
		force := s.weight * (x[s.b] - x[s.a] - s.rest)
		target[s.a] += force
		target[s.b] -= force
	}
	for v, force := range target {
		target[v] = x[v] + force/(2*weight[v])
	}
}
