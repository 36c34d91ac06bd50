package track

import (
	"context"
	"encoding/json"
	"errors"
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

// Overviews tells of many runs at once, in two queries however many they are.
func (s *Store) Overviews(ctx context.Context, runs []*Run) ([]Overview, error) {
	out := make([]Overview, len(runs))
	place := make(map[int64]*Overview, len(runs))
	rows := make([]string, len(runs))
	for i, r := range runs {
		out[i] = Overview{Run: r, Config: map[string]any{}, Tags: map[string]string{}}
		place[r.row], rows[i] = &out[i], strconv.FormatInt(r.row, 10)
	}
	among := "(" + strings.Join(rows, ",") + ")" // numbers, not texts of anybody's
	err := errors.Join(s.overviewSettings(ctx, among, place), s.overviewCurves(ctx, among, place))
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
		if text, ok := value.(string); ok && kind == "tag" {
			place[run].Tags[key] = text
		} else if kind == "config" {
			place[run].Config[key] = value
		}
	}
	return rows.Err()
}

func (s *Store) overviewCurves(ctx context.Context, among string, place map[int64]*Overview) error {
	rows, err := s.db.QueryContext(ctx, "SELECT run, id, name, points FROM metric WHERE run IN "+among+" ORDER BY run, name")
	if err != nil {
		return err
	}
	defer rows.Close()
	names := map[string]string{} // runs have the same names, which are kept once
	for rows.Next() {
		var run int64
		var c Curve
		if err := rows.Scan(&run, &c.row, &c.Name, &c.Points); err != nil {
			return err
		}
		if known, ok := names[c.Name]; ok {
			c.Name = known
		} else {
			names[c.Name] = c.Name
		}
		place[run].Curves = append(place[run].Curves, c)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, o := range place {
		for i, c := range o.Curves {
			if m := s.metrics[c.row]; m != nil {
				o.Curves[i].Points = m.end.Len()
			}
		}
	}
	return rows.Err()
}
