package kernel

// unitShape tells how a batch is cut into units: n images of groups groups, with
// src numbers read and dst numbers in rows channels written by each.
type unitShape struct{ n, groups, src, dst, rows int }

// at returns one of the units.
func (s unitShape) at(i int, y, x []float32, e Epilogue) unit {
	u := unit{group: i % s.groups, src: x[i*s.src : (i+1)*s.src], dst: y[i*s.dst : (i+1)*s.dst]}
	if e.RowBias != nil {
		e.RowBias = e.RowBias[u.group*s.rows : (u.group+1)*s.rows]
	}
	u.e = e.from(i * s.dst)
	return u
}

// unitGrain is how many multiplications are worth a task.
const unitGrain = 200_000

// runUnits computes all units, each of about work multiplications: many of them
// in parallel on a thread each, few of them one after the other, each by the
// whole team.
func runUnits(t *Team, s unitShape, work int, y, x []float32, e Epilogue, compute func(*Team, *unit)) {
	count := s.n * s.groups
	if t.Threads() == 1 || count < 2*t.Threads() {
		s.compute(t, 0, count, y, x, e, compute)
		return
	}
	alone := t.alone()
	t.Ranges(count, unitGrain/max(1, work), func(lo, hi int) { s.compute(alone, lo, hi, y, x, e, compute) })
}

// compute computes units [lo, hi).
func (s unitShape) compute(t *Team, lo, hi int, y, x []float32, e Epilogue, compute func(*Team, *unit)) {
	u := new(unit)
	for i := lo; i < hi && !t.stopped(); i++ {
		*u = s.at(i, y, x, e)
		compute(t, u)
	}
}
