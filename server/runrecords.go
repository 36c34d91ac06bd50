package server

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/tfgraph"
)

// A recordList is the pictures, texts, histograms, precision-recall curves or
// graphs of one name of a run.
type recordList struct {
	Run   string  `json:"run"`
	Kind  string  `json:"kind"`
	Name  string  `json:"name"`
	Count int     `json:"count"`
	First float64 `json:"first"` // steps
	Last  float64 `json:"last"`
}

// listRecords tells which records some runs have.
func (s *Server) listRecords(r *http.Request) (any, error) {
	var q struct {
		Runs []string `json:"runs"`
	}
	if err := readJSON(r, maxRunRequest, &q); err != nil {
		return nil, err
	}
	cards, err := s.cardsOf(r.Context(), q.Runs)
	if err != nil {
		return nil, err
	}
	out := []recordList{}
	for _, card := range cards {
		lists, err := card.store.RecordLists(r.Context(), card.run, "")
		if err != nil {
			return nil, err
		}
		for _, l := range lists {
			out = append(out, recordList{card.ID, string(l.Kind), l.Name, l.Count, l.First, l.Last})
		}
	}
	return out, nil
}

// A recordHead is a record without its body.
type recordHead struct {
	At    int     `json:"at"` // its place in the list
	Step  float64 `json:"step"`
	Time  float64 `json:"time"` // seconds since 1970
	Bytes int     `json:"bytes"`
	Brief string  `json:"brief,omitempty"`
}

// maxRecords bounds the records of one answer; ?first= asks for further ones.
const maxRecords = 10_000

// listSteps lists the records of ?run=, ?kind= and ?name= by step.
func (s *Server) listSteps(r *http.Request) (any, error) {
	q := r.URL.Query()
	first := number(q.Get("first"), 0, 1<<30)
	_, heads, err := s.records(r, first, maxRecords)
	if err != nil {
		return nil, err
	}
	out := make([]recordHead, len(heads))
	for i, h := range heads {
		out[i] = recordHead{first + i, h.Step, float64(h.Time) / 1e6, h.Bytes, h.Brief}
	}
	return out, nil
}

func (s *Server) records(r *http.Request, first, limit int) (*runCard, []track.RecordHead, error) {
	q := r.URL.Query()
	cards, err := s.cardsOf(r.Context(), []string{q.Get("run")})
	if err != nil {
		return nil, nil, err
	}
	heads, err := cards[0].store.Records(r.Context(), cards[0].run, track.RecordKind(q.Get("kind")), q.Get("name"), first, limit)
	return cards[0], heads, err
}

// sendRecord sends the body of the record at ?at= in its list. A picture is
// sent anew from its pixels, a text as nothing but text, a graph as its outline
// (tfgraph.Outline).
func (s *Server) sendRecord(w http.ResponseWriter, r *http.Request) {
	raw, kind, err := s.recordBody(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	// At a place may lie another record once a run has gone back to an earlier step.
	tag := `"` + shortSum(raw) + `"`
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(raw)
}

func (s *Server) recordBody(r *http.Request) (raw []byte, contentType string, err error) {
	q := r.URL.Query()
	at, err := strconv.Atoi(q.Get("at"))
	if err != nil || at < 0 {
		return nil, "", fault.Userf("the place of a record is a number, not %q", q.Get("at"))
	}
	card, heads, err := s.records(r, at, 1)
	if err != nil {
		return nil, "", err
	}
	if len(heads) == 0 {
		return nil, "", notFound{fmt.Sprintf("run %q has no %s %q at place %d", card.ID, q.Get("kind"), q.Get("name"), at)}
	}
	raw, err = card.store.RecordBody(r.Context(), heads[0])
	if err != nil {
		return nil, "", err
	}
	return shownRecord(track.RecordKind(q.Get("kind")), raw, q)
}

func shownRecord(kind track.RecordKind, raw []byte, q url.Values) ([]byte, string, error) {
	switch kind {
	case track.Histogram, track.PRCurve:
		return raw, "application/json; charset=utf-8", nil
	case track.Graph:
		outline, err := tfgraph.Parse(raw)
		if err != nil {
			return nil, "", fault.Userf("the graph %q cannot be read: %w", q.Get("name"), err)
		}
		raw, err = json.Marshal(outline)
		return raw, "application/json; charset=utf-8", err
	case track.Image:
		img, err := data.ReadImage(bytes.NewReader(raw))
		if err != nil {
			return nil, "", fault.Userf("the picture %q cannot be read: %w", q.Get("name"), err)
		}
		return encodePicture(img, max(16, number(q.Get("side"), 2048, 10_000)))
	}
	return raw, "text/plain; charset=utf-8", nil
}

// maxHistograms bounds the histograms of one answer.
const maxHistograms = 500

// A stepHistogram is a histogram at a step.
type stepHistogram struct {
	Step float64         `json:"step"`
	Body json.RawMessage `json:"body"`
}

// listHistograms sends ?most= histograms of ?run= and ?name=, from the first to
// the last, evenly chosen among all.
func (s *Server) listHistograms(r *http.Request) (any, error) {
	q := r.URL.Query()
	q.Set("kind", string(track.Histogram))
	r.URL.RawQuery = q.Encode()
	card, heads, err := s.records(r, 0, 0)
	if err != nil {
		return nil, err
	}
	most := cmp.Or(number(q.Get("most"), 0, maxHistograms), maxHistograms)
	out := []stepHistogram{}
	for _, h := range track.Evenly(heads, most) {
		raw, err := card.store.RecordBody(r.Context(), h)
		if err != nil {
			return nil, err
		}
		out = append(out, stepHistogram{h.Step, raw})
	}
	return out, nil
}
