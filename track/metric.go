package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/track/series"
)

// A metric is one whose end is in memory.
type metric struct {
	row   int64
	end   *series.Appender
	full  []series.Part // completed since the last flush
	dirty bool          // has points that no part in the file holds
}

// A reader reads the parts of a metric from the file.
type reader struct {
	ctx context.Context
	db  interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}
	row int64
}

func (r reader) Chunk(index int64) ([]series.Point, error) {
	body, err := r.part(series.Chunk, index)
	if err != nil {
		return nil, err
	}
	return series.DecodePoints(body)
}

func (r reader) Block(level int, index int64) ([]series.Summary, error) {
	body, err := r.part(level, index)
	if err != nil {
		return nil, err
	}
	return series.DecodeNodes(body)
}

func (r reader) part(level int, index int64) ([]byte, error) {
	var body []byte
	err := r.db.QueryRowContext(r.ctx, "SELECT body FROM part WHERE metric = ? AND level = ? AND idx = ?", r.row, level, index).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("part %d of level %d of metric %d is missing", index, level, r.row)
	}
	return body, err
}

// A snapshot is a metric as it was at one moment: parts in memory before those
// in the file.
type snapshot struct {
	reader
	points int64
	parts  map[[2]int64]series.Part
}

func (s *snapshot) add(parts []series.Part) {
	for _, p := range parts {
		s.parts[[2]int64{int64(p.Level), p.Index}] = p
	}
}

func (s *snapshot) Chunk(index int64) ([]series.Point, error) {
	if p, ok := s.parts[[2]int64{series.Chunk, index}]; ok {
		return p.Points, nil
	}
	return s.reader.Chunk(index)
}

func (s *snapshot) Block(level int, index int64) ([]series.Summary, error) {
	if p, ok := s.parts[[2]int64{int64(level), index}]; ok {
		return p.Nodes, nil
	}
	return s.reader.Block(level, index)
}

// snapshot returns a metric as it is now. Slices of the end are only appended
// to, so that what they hold now stays.
func (s *Store) snapshot(ctx context.Context, row int64) (*snapshot, error) {
	snap := &snapshot{reader: reader{ctx, s.db, row}, parts: map[[2]int64]series.Part{}}
	s.mu.RLock()
	m := s.metrics[row]
	if m != nil {
		snap.points = m.end.Len()
		snap.add(m.full)
		snap.add(m.end.Rest())
	}
	s.mu.RUnlock()
	if m != nil {
		return snap, nil
	}
	err := s.db.QueryRowContext(ctx, "SELECT points FROM metric WHERE id = ?", row).Scan(&snap.points)
	return snap, err
}
