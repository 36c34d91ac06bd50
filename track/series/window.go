package series

import (
	"errors"
	"fmt"
	"math"
)

// A Source holds the parts of a series. What it returns is not changed.
type Source interface {
	// Chunk returns the points of a chunk.
	Chunk(index int64) ([]Point, error)
	// Block returns a block of summaries of a level.
	Block(level int, index int64) ([]Summary, error)
}

// A Window is what a chart shows of a series.
type Window struct {
	// Buckets are in the order in which their points came. Where there would be
	// more than crowd of them for each column, because points came from here and
	// there, they are in the order of the axis instead, and those that lie together
	// are one. A bucket tells its own extent, which is never wider than a column of
	// the chart: no value is told where it is not.
	Buckets []Summary
	// Before and After are the nearest points outside, to which a line goes on.
	Before, After *Point
}

// A Segment is a part of a curve: the points of a series, up to a step. A run
// that was forked from another has a segment of that one before its own.
type Segment struct {
	Source
	Points int64   // of the series
	Until  float64 // the last step that counts, itself included
}

// Whole is a series from its first point to its last, as the only segment.
func Whole(src Source, points int64) []Segment {
	return []Segment{{src, points, math.Inf(1)}}
}

// Look returns what lies from low to high along an axis, both included, on a
// chart of so many columns. Every point there is in exactly one bucket. It costs
// some summaries for each column, whatever the number of points, as long as they
// came in the order of the axis; each time that a run went back to an earlier
// step costs as much again.
func Look(segments []Segment, axis Axis, low, high float64, columns int) (Window, error) {
	if !(low <= high) || math.IsInf(low, 0) || math.IsInf(high, 0) || columns < 1 {
		return Window{}, fmt.Errorf("a window from %v to %v in %d columns shows nothing", low, high, columns)
	}
	width := (high - low) / float64(columns)
	if math.IsInf(width, 0) {
		width = high/float64(columns) - low/float64(columns)
	}
	v := view{axis: axis, low: low, high: high, width: width, most: crowd * columns}
	err := v.each(segments)
	if errors.Is(err, errCrowded) {
		return lookAcross(segments, axis, low, high, width)
	}
	return v.Window, err
}

// Total summarizes a curve; the second result is false where it has no points.
func Total(segments []Segment) (Summary, bool, error) {
	v := view{low: math.Inf(-1), high: math.Inf(1), width: math.Inf(1), most: 1}
	if err := v.each(segments); err != nil || len(v.Buckets) == 0 {
		return Summary{}, false, err
	}
	return v.Buckets[0], true, nil
}

// A view is a walk over the pyramids, from the left to the right.
type view struct {
	Window
	axis             Axis
	low, high, width float64
	most             int    // buckets before errCrowded
	cells            *cells // which they go to instead, if set

	Segment // that is walked over
	// The nearest summaries of it that lie outside on either side.
	left, right outside

	blocks map[int]block // the last one read of each level
	chunk  struct {
		index  int64
		points []Point
	}
}

// An outside is a summary that lies outside of the window.
type outside struct {
	known bool
	level int
	i     int64
	at    float64 // its end that is nearer to the window
}

type block struct {
	index int64
	nodes []Summary
}

// each walks over the segments in their order.
func (v *view) each(segments []Segment) error {
	for _, s := range segments {
		v.Segment = s
		v.left, v.right, v.blocks = outside{}, outside{}, map[int]block{}
		v.chunk.points = nil
		if err := v.walk(); err != nil {
			return err
		}
		if err := v.findNeighbours(); err != nil {
			return err
		}
	}
	return nil
}

// walk visits the largest summaries that cover the series: all of the highest
// level, then at each lower one those that no higher one covers, and at last the
// points that none does.
func (v *view) walk() error {
	done := int64(0) // points that are covered
	for level := levelsOf(v.Points) - 1; level >= 0; level-- {
		for i := done / spanOf(level); i < nodesAt(level, v.Points); i++ {
			if err := v.visit(level, i); err != nil {
				return err
			}
		}
		done = nodesAt(level, v.Points) * spanOf(level)
	}
	return v.visitPoints(done, v.Points)
}

// visit takes a summary whole if it lies on one column of the chart, passes it
// over if it lies outside, and else visits what is below it.
func (v *view) visit(level int, i int64) error {
	node, err := v.node(level, i)
	if err != nil {
		return err
	}
	if node.MinStep > v.Until {
		return nil
	}
	from, to := node.extent(v.axis)
	switch {
	case node.MaxStep > v.Until: // only some of its points count
	case to < v.low:
		if !v.left.known || to >= v.left.at {
			v.left = outside{true, level, i, to}
		}
		return nil
	case from > v.high:
		if !v.right.known || from < v.right.at {
			v.right = outside{true, level, i, from}
		}
		return nil
	case from >= v.low && to <= v.high && to-from <= v.width:
		return v.take(node)
	}
	if level == 0 {
		return v.visitPoints(i*LeafPoints, (i+1)*LeafPoints)
	}
	for k := range int64(Fan) {
		if err := v.visit(level-1, i*Fan+k); err != nil {
			return err
		}
	}
	return nil
}

func (v *view) visitPoints(from, to int64) error {
	for from < to {
		if _, err := v.point(from); err != nil {
			return err
		}
		end := min(to, (from/ChunkPoints+1)*ChunkPoints, from-from%ChunkPoints+int64(len(v.chunk.points)))
		points := v.chunk.points[from%ChunkPoints:][:end-from]
		for i := range points {
			if err := v.takePoint(&points[i]); err != nil {
				return err
			}
		}
		from = end
	}
	return nil
}

// point reads a point of the series.
func (v *view) point(i int64) (Point, error) {
	index := i / ChunkPoints
	if v.chunk.points == nil || v.chunk.index != index {
		points, err := v.Chunk(index)
		if err != nil {
			return Point{}, err
		}
		v.chunk.index, v.chunk.points = index, points
	}
	if i%ChunkPoints >= int64(len(v.chunk.points)) {
		return Point{}, fmt.Errorf("chunk %d ends before point %d", index, i)
	}
	return v.chunk.points[i%ChunkPoints], nil
}

func (v *view) takePoint(p *Point) error {
	if p.Step > v.Until {
		return nil
	}
	switch at := v.axis.at(*p); {
	case at < v.low:
		v.isBefore(*p)
	case at > v.high:
		v.isAfter(*p)
	default:
		return v.takeInside(p, at)
	}
	return nil
}

// takeInside is take for one point, of which there may be many.
func (v *view) takeInside(p *Point, at float64) error {
	if v.cells != nil {
		v.cells.at(at).includeFirst(p)
		return nil
	}
	if last := len(v.Buckets) - 1; last >= 0 {
		b := &v.Buckets[last]
		if low, high := b.extent(v.axis); max(high, at)-min(low, at) <= v.width {
			b.includeOne(p)
			return nil
		}
	}
	return v.begin(of(*p))
}

// begin begins a bucket.
func (v *view) begin(s Summary) error {
	if len(v.Buckets) >= v.most {
		return errCrowded
	}
	v.Buckets = append(v.Buckets, s)
	return nil
}

// isBefore and isAfter keep a point outside if none is nearer; of those that
// are as near, the one that came last before the window, and first after it.
func (v *view) isBefore(p Point) {
	if v.Before == nil || v.axis.at(p) >= v.axis.at(*v.Before) {
		v.Before = &p
	}
}

func (v *view) isAfter(p Point) {
	if v.After == nil || v.axis.at(p) < v.axis.at(*v.After) {
		v.After = &p
	}
}

// findNeighbours looks into the nearest summaries outside for the points that
// lie at their ends.
func (v *view) findNeighbours() error {
	if v.left.known && (v.Before == nil || v.left.at > v.axis.at(*v.Before)) {
		points, err := v.pointsAt(v.left, func(s Summary) bool { _, to := s.extent(v.axis); return to == v.left.at })
		if err != nil {
			return err
		}
		for _, p := range points {
			v.isBefore(p)
		}
	}
	if v.right.known && (v.After == nil || v.right.at < v.axis.at(*v.After)) {
		points, err := v.pointsAt(v.right, func(s Summary) bool { from, _ := s.extent(v.axis); return from == v.right.at })
		if err != nil {
			return err
		}
		for _, p := range points {
			v.isAfter(p)
		}
	}
	return nil
}

// pointsAt returns the points below a summary that are together in one of the
// lowest level which holds what is looked for.
func (v *view) pointsAt(o outside, holds func(Summary) bool) ([]Point, error) {
	for level, i := o.level, o.i; ; level-- {
		if level == 0 {
			return v.leaf(i)
		}
		i *= Fan
		for k := range int64(Fan) {
			child, err := v.node(level-1, i+k)
			if err != nil {
				return nil, err
			}
			if holds(child) {
				i += k
				break
			}
		}
	}
}

// leaf returns the points of a summary of the lowest level.
func (v *view) leaf(i int64) ([]Point, error) {
	from := i * LeafPoints
	points, err := v.Chunk(from / ChunkPoints)
	if err != nil {
		return nil, err
	}
	from %= ChunkPoints
	if int64(len(points)) < from+LeafPoints {
		return nil, fmt.Errorf("the chunk of points %d to %d ends before", i*LeafPoints, (i+1)*LeafPoints)
	}
	return points[from : from+LeafPoints], nil
}

// take adds a summary to the last bucket if that stays no wider than a column;
// else it begins a bucket. Any two buckets in a row are wider together, so that
// there are less than two for each column, if points came in the order of the axis.
func (v *view) take(s Summary) error {
	if v.cells != nil {
		from, _ := s.extent(v.axis)
		v.cells.at(from).merge(s)
		return nil
	}
	if last := len(v.Buckets) - 1; last >= 0 {
		merged := v.Buckets[last]
		merged.merge(s)
		if low, high := merged.extent(v.axis); high-low <= v.width {
			v.Buckets[last] = merged
			return nil
		}
	}
	return v.begin(s)
}

func (v *view) node(level int, i int64) (Summary, error) {
	b, ok := v.blocks[level]
	if index := i / BlockNodes; !ok || b.index != index {
		nodes, err := v.Block(level, index)
		if err != nil {
			return Summary{}, err
		}
		b = block{index, nodes}
		v.blocks[level] = b
	}
	if i%BlockNodes >= int64(len(b.nodes)) {
		return Summary{}, fmt.Errorf("block %d of level %d ends before summary %d", b.index, level, i)
	}
	return b.nodes[i%BlockNodes], nil
}
