package mlflow

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/track"
)

// newParams returns those parameters that the run does not have yet, and refuses
// to change one.
func (h *Handler) newParams(ctx context.Context, r *track.Run, params []keyValue) (map[string]any, error) {
	if len(params) == 0 {
		return nil, nil
	}
	there, err := h.store.Notes(ctx, r, track.ConfigNote)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, p := range params {
		value := setting(p.Value)
		old, known := there[p.Key]
		if known && plain(old) != p.Value {
			return nil, invalid("the param %q of the run %s is %.200q already, and cannot become %.200q: params stay as they were logged first", p.Key, r.ID, plain(old), p.Value)
		}
		if !known {
			out[p.Key] = value
			there[p.Key] = value
		}
	}
	return out, nil
}

// setting is how a parameter is kept, which comes as text: as a number, spelled
// as it came, if JSON knows it as one, so that runs can be sorted by it.
func setting(text string) json.RawMessage {
	var n float64
	raw := []byte(text)
	if len(raw) < 64 && json.Valid(raw) && json.Unmarshal(raw, &n) == nil && bytes.ContainsAny(raw, "0123456789") && len(bytes.TrimSpace(raw)) == len(raw) {
		return raw
	}
	return quote(text)
}

// pairs are notes by their keys.
func pairs(notes map[string]json.RawMessage) []keyValue {
	out := make([]keyValue, 0, len(notes))
	for _, key := range slices.Sorted(maps.Keys(notes)) {
		out = append(out, keyValue{key, plain(notes[key])})
	}
	return out
}
