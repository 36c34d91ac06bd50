package series

// Reach returns the index of the first point at or after a step, and n where
// there is none.
func Reach(src Source, n int64, step float64) (int64, error) {
	v := view{Segment: Segment{Source: src, Points: n}, blocks: map[int]block{}}
	done := int64(0)
	for level := levelsOf(n) - 1; level >= 0; level-- {
		for i := done / spanOf(level); i < nodesAt(level, n); i++ {
			node, err := v.node(level, i)
			if err != nil {
				return 0, err
			}
			if node.MaxStep >= step {
				return v.reachBelow(level, i, step)
			}
		}
		done = nodesAt(level, n) * spanOf(level)
	}
	return v.reachPoint(done, n, step)
}

// reachBelow descends from a summary that holds such a point.
func (v *view) reachBelow(level int, i int64, step float64) (int64, error) {
	for ; level > 0; level-- {
		i *= Fan
		for range Fan - 1 { // the last one, if none before
			node, err := v.node(level-1, i)
			if err != nil {
				return 0, err
			}
			if node.MaxStep >= step {
				break
			}
			i++
		}
	}
	return v.reachPoint(i*LeafPoints, (i+1)*LeafPoints, step)
}

func (v *view) reachPoint(from, to int64, step float64) (int64, error) {
	for ; from < to; from++ {
		p, err := v.point(from)
		if err != nil {
			return 0, err
		}
		if p.Step >= step {
			break
		}
	}
	return from, nil
}
