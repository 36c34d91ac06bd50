package track

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
)

// An Overview is what is known of a run without looking at its points.
type Overview struct {
	*Run
	Config map[string]any
	Tags   map[string]string
	Curves []Curve // by name
}

// Overviews tells of many runs at once, in two queries however many they are that
// are no forks.
func (s *Store) Overviews(ctx context.Context, runs []*Run) ([]Overview, error) {
	out := make([]Overview, len(runs))
	place := make(map[int64]*Overview, len(runs))
	rows := make([]string, len(runs))
	for i, r := range runs {
		out[i] = Overview{Run: r, Config: map[string]any{}, Tags: map[string]string{}}
		place[r.row], rows[i] = &out[i], strconv.FormatInt(r.row, 10)
	}
	among := "(" + strings.Join(rows, ",") + ")" // numbers, not texts of anybody's
	if err := s.overviewSettings(ctx, among, place); err != nil {
		return nil, err
	}
	curves, err := s.curvesOfRuns(ctx, runs, "")
	for i, c := range curves {
		out[i].Curves = c
	}
	return out, err
}

func (s *Store) overviewSettings(ctx context.Context, among string, place map[int64]*Overview) error {
	rows, err := s.db.QueryContext(ctx, "SELECT run, kind, key, value FROM setting WHERE run IN "+among)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var run int64
		var kind, key, raw string
		if err := rows.Scan(&run, &kind, &key, &raw); err != nil {
			return err
		}
		var value any
		if err := json.Unmarshal([]byte(raw), &value); err != nil {
			return err
		}
		if text, ok := value.(string); ok && kind == TagNote {
			place[run].Tags[key] = text
		} else if kind == ConfigNote {
			place[run].Config[key] = value
		}
	}
	return rows.Err()
}
