package layout

import (
	"context"
	"math"
)

// program is a quadratic programme: find n positions that keep all gaps and
// stretch the springs least, by the sum of the squares of their stretch times
// their weight.
type program struct {
	n              int
	gaps           []gap
	springsBetween []spring
	at             map[[2]int]int // where a pair stands in gaps
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

// Bounds of the descent: rounds, unknowns and gaps looked at, and the movement
// below which it has arrived.
const (
	mostRounds = 300
	placeWork  = 6_000_000
	arrived    = 0.05
)

// solve descends from x by the accelerated projected gradient method (Beck and
// Teboulle 2009, FISTA, with the restarts of O'Donoghue and Candès 2015). In
// each round every unknown steps half way to where its springs would be at
// rest, which never overshoots, and then project restores the gaps.
func (p *program) solve(ctx context.Context, x []float64) ([]float64, error) {
	d := newDescent(p)
	if !d.sort() {
		return nil, errOrder
	}
	x = append([]float64(nil), d.project(x)...)
	y := append([]float64(nil), x...)
	target := make([]float64, p.n)
	rounds := min(mostRounds, 10+placeWork/(1+p.n+len(p.gaps)))
	speed := 0
	for range rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d.halfWay(y, target)
		next := d.project(target)
		speed++
		momentum := float64(speed) / float64(speed+3)
		moved, uphill := 0.0, 0.0
		for i := range x {
			step := next[i] - x[i]
			moved = max(moved, math.Abs(step))
			uphill += d.weight[i] * (y[i] - next[i]) * step
			y[i] = next[i] + momentum*step
		}
		if uphill > 0 {
			speed = 0
			copy(y, next)
		}
		copy(x, next)
		if moved < arrived {
			break
		}
	}
	return x, nil
}
