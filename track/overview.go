package track

import (
	"context"
	"encoding/json"
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
	for i, r := range runs {
		out[i] = Overview{Run: r, Config: map[string]any{}, Tags: map[string]string{}}
	}
	err := s.eachNote(ctx, runs, func(i int, kind, key string, raw json.RawMessage) error {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			return err
		}
		if text, ok := value.(string); ok && kind == TagNote {
			out[i].Tags[key] = text
		} else if kind == ConfigNote {
			out[i].Config[key] = value
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	curves, err := s.curvesOfRuns(ctx, runs, "")
	for i, c := range curves {
		out[i].Curves = c
	}
	return out, err
}
