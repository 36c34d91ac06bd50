package ingest

import (
	"net/http"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/wire"
)

func (h *Handler) create(r *http.Request, raw []byte) (any, error) {
	var q wire.Run
	if err := wire.Unmarshal(raw, &q); err != nil {
		return nil, refuse("%w", err)
	}
	if q.ID == "." || q.ID == ".." {
		return nil, refuse("%q is no ID: it means another place in an address", q.ID)
	}
	if q.Project == "" {
		q.Project = track.DefaultProject
	}
	created, err := moment(q.Created)
	if err != nil {
		return nil, err
	}
	run, err := h.store.StartRun(r.Context(), track.Run{
		ID: q.ID, Project: q.Project, Title: q.Title, Created: created, Parent: q.Parent, Forked: q.Forked,
	}, &track.Batch{Config: q.Config, Tags: q.Tags})
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": run.ID}, nil
}

// stored is what is answered to a batch.
type stored struct {
	Points  int `json:"points"`
	Records int `json:"records"`
}

func (h *Handler) batch(r *http.Request, raw []byte) (any, error) {
	run, err := h.store.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	decode := wire.DecodeJSON
	if kind, err := kindOf(r); err != nil {
		return nil, err
	} else if kind == wire.Columns {
		decode = wire.DecodeColumns
	}
	q, err := decode(raw)
	if err != nil {
		return nil, refuse("The batch cannot be read: %w", err)
	}
	b := &track.Batch{ID: q.ID, Config: q.Config, Tags: q.Tags}
	b.Metrics = make([]track.Metric, len(q.Metrics))
	for i, m := range q.Metrics {
		b.Metrics[i] = track.Metric(m)
	}
	for _, rec := range q.Records {
		at, err := moment(rec.Time)
		if err != nil {
			return nil, err
		}
		own := track.Record{Kind: track.RecordKind(rec.Kind), Name: rec.Name, Step: rec.Step, Body: rec.Bytes()}
		if !at.IsZero() {
			own.Time = at.UnixMicro()
		}
		b.Records = append(b.Records, own)
	}
	if err := h.store.Log(r.Context(), run, b); err != nil {
		return nil, err
	}
	return stored{q.Points(), len(q.Records)}, nil
}

func (h *Handler) cut(r *http.Request, raw []byte) (any, error) {
	var q struct {
		wire.Cut
		Step *float64 `json:"step"` // 0 must be meant
	}
	if err := wire.Unmarshal(raw, &q); err != nil {
		return nil, refuse("%w", err)
	}
	if q.Step == nil {
		return nil, refuse("A cut needs the step from which on it takes points away.")
	}
	run, err := h.store.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return struct{}{}, h.store.Cut(r.Context(), run, *q.Step, q.Metrics...)
}

func (h *Handler) end(r *http.Request, raw []byte) (any, error) {
	var q wire.End
	if err := wire.Unmarshal(raw, &q); err != nil {
		return nil, refuse("%w", err)
	}
	run, err := h.store.Run(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	at, err := moment(q.At)
	if err != nil {
		return nil, err
	}
	if at.IsZero() {
		at = time.Now()
	}
	if q.State == "" {
		q.State = string(track.Finished)
	}
	return struct{}{}, h.store.EndRun(r.Context(), run, track.State(q.State), at)
}

// moment is a time in seconds since 1970, zero where there is none.
func moment(seconds float64) (time.Time, error) {
	if seconds == 0 {
		return time.Time{}, nil
	}
	micros, err := wire.Micros(seconds)
	if err != nil {
		return time.Time{}, refuse("%w", err)
	}
	return time.UnixMicro(micros), nil
}
