package series

import "errors"

// crowd is how many buckets there may be for each column before those that lie
// together are merged, whenever their points came.
const crowd = 4

var errCrowded = errors.New("there are too many buckets")

// lookAcross is Look for a series whose points came from here and there, such as
// those of two writers. A column is cut into cells; what begins in one and is no
// wider than one goes there, so that a bucket stays narrower than the column.
// Merged in the order in which points came, it is exact, its First and Last too.
func lookAcross(segments []Segment, axis Axis, low, high, width float64) (Window, error) {
	cell := width / (crowd - 1)
	v := view{axis: axis, low: low, high: high, width: cell, cells: &cells{low: low, width: cell}}
	if err := v.each(segments); err != nil {
		return Window{}, err
	}
	for _, s := range v.cells.all {
		if s.Count > 0 {
			v.Buckets = append(v.Buckets, s)
		}
	}
	return v.Window, nil
}

// cells are summaries side by side along an axis.
type cells struct {
	low, width float64
	all        []Summary // as far as there is something
}

// at returns the one at a place. Halves do not overflow.
func (c *cells) at(place float64) *Summary {
	i := int((place/2 - c.low/2) / c.width * 2)
	for len(c.all) <= i {
		c.all = append(c.all, Summary{})
	}
	return &c.all[i]
}
