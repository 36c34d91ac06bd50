package track

import (
	"context"
	"errors"
	"math"

	"github.com/tomo-viz/tomo/track/series"
)

// Points returns points of a curve as they were logged, from the first one
// asked for on, in the order in which they came: count of them, or as many as
// there are.
func (s *Store) Points(ctx context.Context, c Curve, first, count int64) ([]series.Point, error) {
	if first < 0 || count <= 0 {
		return nil, nil
	}
	var out []series.Point
	err := s.walk(ctx, c, &first, func(some []series.Point) error {
		out = append(out, some[:min(int64(len(some)), count-int64(len(out)))]...)
		if int64(len(out)) == count {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return out, err
}

// errEnough ends a walk over points.
var errEnough = errors.New("enough")

// EachPoints goes through all points of a curve, in the order in which they
// came, with some thousand of them in memory at a time.
func (s *Store) EachPoints(ctx context.Context, c Curve, take func([]series.Point) error) error {
	return s.walk(ctx, c, new(int64), take)
}

// walk goes through the points behind so many ones.
func (s *Store) walk(ctx context.Context, c Curve, skip *int64, take func([]series.Point) error) error {
	s.steady.RLock()
	segments, err := s.segments(ctx, c.pieces)
	s.steady.RUnlock()
	if err != nil {
		return err
	}
	for _, segment := range segments {
		for i := passOver(segment, skip); i*series.ChunkPoints < segment.Points; i++ {
			points, err := s.chunk(segment, i)
			if err != nil {
				return err
			}
			passed := min(*skip, int64(len(points)))
			*skip -= passed
			if err := take(points[passed:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// passOver returns the first chunk of a segment that must be read to skip so many
// points. Where only some of a chunk count, all must be.
func passOver(segment series.Segment, skip *int64) (chunk int64) {
	if !math.IsInf(segment.Until, 1) {
		return 0
	}
	points := min(*skip, segment.Points) / series.ChunkPoints * series.ChunkPoints
	*skip -= points
	return points / series.ChunkPoints
}

// chunk returns the points of a chunk that count in a segment.
func (s *Store) chunk(segment series.Segment, i int64) ([]series.Point, error) {
	s.steady.RLock()
	defer s.steady.RUnlock()
	points, err := segment.Chunk(i)
	if err != nil {
		return nil, err
	}
	points = points[:min(int64(len(points)), segment.Points-i*series.ChunkPoints)]
	if math.IsInf(segment.Until, 1) {
		return points, nil
	}
	var out []series.Point
	for _, p := range points {
		if p.Step <= segment.Until {
			out = append(out, p)
		}
	}
	return out, nil
}

// ErrNoMetric says that a run has no metric of that name.
var ErrNoMetric = errors.New("there is no such metric")

// latest returns the latest point of a curve at its greatest step, see
// series.LatestAt; the second result is false where it has no points.
func (s *Store) latest(ctx context.Context, c Curve) (series.Point, bool, error) {
	switch {
	case c.Points == 0:
		return series.Point{}, false, nil
	case c.tallied:
		return c.latest, true, nil
	}
	s.steady.RLock()
	defer s.steady.RUnlock()
	segments, err := s.segments(ctx, c.pieces)
	if err != nil {
		return series.Point{}, false, err
	}
	return series.LatestAt(segments, c.Total.MaxStep)
}
