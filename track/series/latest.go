package series

import "cmp"

// laterThan tells which of two points at the same step is the later one: by its
// time, and of those at the same time the one of the greater value, as MLflow has
// it, where times are whole milliseconds. NaN is below all values.
func (p *Point) laterThan(q *Point) bool {
	if p.Time != q.Time {
		return p.Time > q.Time
	}
	return cmp.Compare(p.Value, q.Value) > 0
}

// LatestAt returns the latest point of a curve at a step, whichever came first;
// the second result is false where there is none.
func LatestAt(segments []Segment, step float64) (Point, bool, error) {
	l := latest{step: step}
	for _, s := range segments {
		if s.Until < step {
			continue
		}
		l.view = view{Segment: s, blocks: map[int]block{}}
		if err := l.walk(); err != nil {
			return Point{}, false, err
		}
	}
	return l.best, l.found, nil
}

// A latest is a search from the end, where what is latest is most often, so that
// the rest is soon seen to be earlier.
type latest struct {
	view
	step  float64
	best  Point
	found bool
}

func (l *latest) walk() error {
	if err := l.points(nodesAt(0, l.Points)*LeafPoints, l.Points); err != nil {
		return err
	}
	for level := range levelsOf(l.Points) { // of each, those that no higher summary covers
		for i := nodesAt(level, l.Points) - 1; i >= nodesAt(level+1, l.Points)*Fan; i-- {
			if err := l.visit(level, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *latest) visit(level int, i int64) error {
	node, err := l.node(level, i)
	if err != nil || l.step < node.MinStep || l.step > node.MaxStep || l.found && l.isBehind(node) {
		return err
	}
	if level == 0 {
		return l.points(i*LeafPoints, (i+1)*LeafPoints)
	}
	for k := int64(Fan - 1); k >= 0; k-- {
		if err := l.visit(level-1, i*Fan+k); err != nil {
			return err
		}
	}
	return nil
}

// isBehind reports that no point of a summary is later than the best one.
func (l *latest) isBehind(s Summary) bool {
	return s.MaxTime < l.best.Time || s.MaxTime == l.best.Time && s.NonFinite == 0 && s.Max <= l.best.Value
}

func (l *latest) points(from, to int64) error {
	for i := to - 1; i >= from; i-- {
		p, err := l.point(i)
		if err != nil {
			return err
		}
		if p.Step == l.step && (!l.found || p.laterThan(&l.best)) {
			l.best, l.found = p, true
		}
	}
	return nil
}

// see keeps the latest point, when some were added to the leaf that fills.
func (a *Appender) see(some []Point) {
	if first := a.n == int64(len(some)); first {
		a.latest = some[0]
	}
	if a.leaf.MaxStep < a.latest.Step {
		return
	}
	for i := range some {
		p := &some[i]
		if p.Step > a.latest.Step || p.Step == a.latest.Step && p.laterThan(&a.latest) {
			a.latest = *p
		}
	}
}

// findLatest finds the latest of the points in their parts.
func (a *Appender) findLatest(src Source) (err error) {
	if a.n > 0 {
		a.latest, _, err = LatestAt(Whole(src, a.n), a.Total().MaxStep)
	}
	return err
}
