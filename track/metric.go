package track

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/track/series"
)

// A metric is one whose end is in memory: the parts that are not full. It is
// never changed, but replaced by the one that has further points.
type metric struct {
	run, row int64
	end      *series.Appender
}

// held is how much of memory a metric takes, counted in points.
func (m *metric) held() int64 { return m.end.Len()%series.ChunkPoints + 16 }

// getPart reads a part.
const getPart = "SELECT body FROM part WHERE key = ?"

// A reader reads the parts of a metric from the file.
type reader struct {
	ctx   context.Context
	store *Store
	get   *sql.Stmt // getPart
	row   int64
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

// part reads a part. Each is read so fast that only the next one need not be: the
// driver would watch ctx from goroutines of its own.
func (r reader) part(level int, index int64) ([]byte, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	var body []byte
	err := r.store.scanOf(r.get.QueryRow(partKey(r.row, level, index)))(&body)
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

// snapshotOf is a metric whose end is in memory.
func snapshotOf(r reader, end *series.Appender) *snapshot {
	snap := &snapshot{reader: r, points: end.Len(), parts: map[[2]int64]series.Part{}}
	for _, p := range end.Rest() {
		snap.parts[[2]int64{int64(p.Level), p.Index}] = p
	}
	return snap
}

// snapshot returns a metric as it is now. What is in the file then has what is
// there now, and may have more behind it.
func (s *Store) snapshot(ctx context.Context, run, row int64) (*snapshot, error) {
	r := reader{ctx, s, s.get, row}
	s.mu.RLock()
	m := s.ends[run][row]
	s.mu.RUnlock()
	if m != nil {
		return snapshotOf(r, m.end), nil
	}
	snap := &snapshot{reader: r}
	err := s.row(ctx, "SELECT points FROM metric WHERE id = ?", row)(&snap.points)
	return snap, err
}
