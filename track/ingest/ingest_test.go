package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wire"
)

// A site is a server over a store.
type site struct {
	store *track.Store
	*httptest.Server
}

func serve(t testing.TB, opt Options) *site {
	t.Helper()
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs.tomo"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{store, httptest.NewServer(New(store, opt))}
	t.Cleanup(func() {
		s.Server.Close()
		store.Close()
	})
	return s
}

// post sends a body and returns the status and the answer.
func (s *site) post(t testing.TB, path, kind string, body []byte) (int, map[string]any) {
	t.Helper()
	answer, err := http.Post(s.URL+path, kind, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%s answers %q", path, raw)
	}
	return answer.StatusCode, out
}

func (s *site) ok(t testing.TB, path, kind string, body []byte) map[string]any {
	t.Helper()
	status, out := s.post(t, path, kind, body)
	if status != http.StatusOK {
		t.Fatalf("%s answers %d, %v", path, status, out)
	}
	return out
}

func (s *site) points(t testing.TB, run, name string) []series.Point {
	t.Helper()
	r, err := s.store.Run(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.store.Curve(t.Context(), r, name)
	if err != nil {
		t.Fatal(err)
	}
	points, err := s.store.Points(t.Context(), c, 0, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	return points
}

func columns(t testing.TB, b *wire.Batch) []byte {
	t.Helper()
	raw, err := wire.AppendColumns(nil, b)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestRun makes a run, logs to it in both forms, twice under one ID, cuts it,
// and ends it.
func TestRun(t *testing.T) {
	s := serve(t, Options{})
	id := s.ok(t, "/api/runs", wire.JSON, []byte(`{"project": "p", "title": "first", "created": 1700000000.5, "config": {"lr": 0.1}, "tags": {"a": "b"}}`))["id"].(string)
	batch := "/api/runs/" + id + "/batch"
	for range 2 {
		s.ok(t, batch, wire.JSON, []byte(`{"id": "1", "rows": [{"step": 0, "time": 5, "values": {"loss": 1, "acc": NaN}}], "records": [{"kind": "text", "name": "log", "step": 0, "text": "hello"}]}`))
	}
	more := &wire.Batch{ID: "2", Metrics: []wire.Metric{{Name: "loss", Points: []series.Point{{Step: 1, Time: 7, Value: math.Inf(-1)}, {Step: 2, Time: 6, Value: 3}}}}}
	for range 2 {
		s.ok(t, batch, wire.Columns, columns(t, more))
	}
	if got, want := fmt.Sprint(s.points(t, id, "loss")), "[{0 5000000 1} {1 7 -Inf} {2 6 3}]"; got != want {
		t.Errorf("the loss is %s, want %s", got, want)
	}
	s.ok(t, "/api/runs/"+id+"/cut", wire.JSON, []byte(`{"step": 2}`))
	s.ok(t, "/api/runs/"+id+"/end", wire.JSON, []byte(`{"state": "failed", "at": 1700000009}`))
	if got := s.points(t, id, "loss"); len(got) != 2 {
		t.Errorf("cut at step 2, the loss is %v", got)
	}
	r, err := s.store.Run(t.Context(), id)
	if err != nil || r.Title != "first" || r.State != track.Failed || r.Ended.Unix() != 1700000009 || r.Created.UnixMilli() != 1700000000500 {
		t.Errorf("the run is %+v, %v", r, err)
	}
	if config, err := s.store.Config(t.Context(), r); err != nil || config["lr"] != 0.1 {
		t.Errorf("%v, %v", config, err)
	}
	if lists, err := s.store.RecordLists(t.Context(), r, track.Text); err != nil || len(lists) != 1 || lists[0].Count != 1 {
		t.Errorf("%v, %v", lists, err)
	}
}

// TestRefused says what is wrong and where, and keeps nothing of it.
func TestRefused(t *testing.T) {
	s := serve(t, Options{MaxBody: 4 << 20})
	s.ok(t, "/api/runs", wire.JSON, []byte(`{"id": "one"}`))
	const batch = "/api/runs/one/batch"
	row := func(name string) []byte {
		raw, _ := json.Marshal(map[string]any{"rows": []any{map[string]any{"step": 1, "values": map[string]any{"fine": 1, name: 1}}}})
		return raw
	}
	for _, c := range []struct {
		path, kind string
		body       []byte
		status     int
		says       string
	}{
		{batch, wire.JSON, row(""), 400, "without a name"},
		{batch, wire.JSON, row(strings.Repeat("x", 1<<20)), 400, "1048576 bytes"},
		{batch, wire.JSON, row("a\x00b"), 400, "no text"},
		{batch, wire.JSON, []byte(`{"rows": [{"step": 1, "values": {"loss": "much"}}]}`), 400, "cannot be read"},
		{batch, wire.JSON, []byte(`{"metrics": [{"name": "loss", "steps": [1], "values": []}]}`), 400, `metric "loss"`},
		{batch, wire.JSON, []byte(`{"records": [{"kind": "smell", "name": "x", "step": 1, "text": ""}]}`), 400, "smell"},
		{batch, wire.JSON, []byte(`{"records": [{"kind": "text", "name": "x", "step": 1, "text": "", "time": 1e300}]}`), 400, "seconds"},
		{batch, wire.Columns, []byte("tomo\x01\x00\xff\xff\xff\xff\x0f"), 400, "number of metrics"},
		{batch, wire.Columns, columns(t, &wire.Batch{Metrics: []wire.Metric{{Name: "fine", Points: []series.Point{{}}}, {Name: "loss", Points: []series.Point{{Step: 1}, {Step: math.NaN()}}}}}), 400, `point 1 of metric "loss"`},
		{batch, "text/csv", []byte("a,b"), 415, "text/csv"},
		{batch, wire.JSON, bytes.Repeat([]byte(" "), 5<<20), 413, "4194304"},
		{"/api/runs/other/batch", wire.JSON, []byte(`{}`), 404, "other"},
		{"/api/runs/other/end", wire.JSON, []byte(`{}`), 404, "other"},
		{"/api/runs/one/end", wire.JSON, []byte(`{"state": "tired"}`), 400, "tired"},
		{"/api/runs", wire.JSON, []byte(`{"id": ".."}`), 400, "address"},
		{"/api/runs", wire.JSON, []byte(`{"name": "x"}`), 400, "unknown field"},
		{"/api/runs", wire.JSON, []byte(`{"parent": "nobody"}`), 404, "nobody"},
	} {
		status, out := s.post(t, c.path, c.kind, c.body)
		if text, _ := out["error"].(string); status != c.status || !strings.Contains(text, c.says) || len(text) > 1000 {
			t.Errorf("%s of %.60q: %d, %.200v; want %d with %q", c.path, c.body, status, out, c.status, c.says)
		}
	}
	r, _ := s.store.Run(t.Context(), "one")
	if curves, err := s.store.Curves(t.Context(), r); len(curves) > 0 || err != nil {
		t.Errorf("what was refused left %v, %v", curves, err)
	}
}

// TestOddNames are kept as they are: nothing is a path, or markup.
func TestOddNames(t *testing.T) {
	s := serve(t, Options{})
	for _, id := range []string{"a/b", "../../etc", "損失 🙂", "x?y#z%", "line\nbreak", strings.Repeat("x", 4000)} {
		quoted, _ := json.Marshal(id)
		if got := s.ok(t, "/api/runs", wire.JSON, []byte(`{"id": `+string(quoted)+`}`))["id"]; got != id {
			t.Errorf("%.40q became %.40q", id, got)
		}
		batch := &wire.Batch{Metrics: []wire.Metric{{Name: id, Points: []series.Point{{Step: 1, Value: 2}}}}}
		s.ok(t, "/api/runs/"+url.PathEscape(id)+"/batch", wire.Columns, columns(t, batch))
		if got := s.points(t, id, id); len(got) != 1 {
			t.Errorf("%.40q has %v", id, got)
		}
	}
}

// TestWriters are eight at a time on one run, each of whose metrics is in order
// and whole; steps come twice, and clocks go back.
func TestWriters(t *testing.T) {
	s := serve(t, Options{})
	s.ok(t, "/api/runs", wire.JSON, []byte(`{"id": "one"}`))
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 40 {
				own := make([]series.Point, 100)
				for k := range own {
					own[k] = series.Point{Step: float64((i*100 + k) / 2), Time: int64(1e15) - int64(i), Value: float64(i*100 + k)}
				}
				b := &wire.Batch{ID: fmt.Sprint(w, "-", i), Metrics: []wire.Metric{{Name: fmt.Sprint("of ", w), Points: own}, {Name: "common", Points: own[:1]}}}
				s.ok(t, "/api/runs/one/batch", wire.Columns, columns(t, b))
			}
		})
	}
	all.Wait()
	for w := range 8 {
		got := s.points(t, "one", fmt.Sprint("of ", w))
		if len(got) != 4000 {
			t.Fatalf("writer %d has %d points", w, len(got))
		}
		for i, p := range got {
			if p.Value != float64(i) || p.Step != float64(i/2) {
				t.Fatalf("point %d of writer %d is %v", i, w, p)
			}
		}
	}
	if got := s.points(t, "one", "common"); len(got) != 320 {
		t.Errorf("%d points are common, want 320", len(got))
	}
}

// TestBusy keeps out what there is no room for, and takes it when there is.
func TestBusy(t *testing.T) {
	s := serve(t, Options{InFlight: 1000, Patience: 50 * time.Millisecond})
	s.ok(t, "/api/runs", wire.JSON, []byte(`{"id": "one"}`))
	body, feed := io.Pipe()
	slow := make(chan int, 1)
	go func() { // holds all room until its body has come
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, s.URL+"/api/runs/one/batch", body)
		req.Header.Set("Content-Type", wire.JSON)
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			slow <- 0
			return
		}
		answer.Body.Close()
		slow <- answer.StatusCode
	}()
	if _, err := feed.Write([]byte(`{"rows":`)); err != nil {
		t.Fatal(err)
	}
	for { // until it has the room
		status, out := s.post(t, "/api/runs/one/batch", wire.JSON, []byte(`{}`))
		if status == http.StatusTooManyRequests {
			if out["kind"] != "busy" {
				t.Errorf("busy is told as %v", out)
			}
			break
		}
	}
	if _, err := feed.Write([]byte(`[]}`)); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if status := <-slow; status != http.StatusOK {
		t.Errorf("the slow one ends with %d", status)
	}
	s.ok(t, "/api/runs/one/batch", wire.JSON, []byte(`{}`))
}

// TestClosed tells a server that is closing from a batch that is wrong.
func TestClosed(t *testing.T) {
	s := serve(t, Options{})
	s.ok(t, "/api/runs", wire.JSON, []byte(`{"id": "one"}`))
	s.store.Close()
	if status, out := s.post(t, "/api/runs", wire.JSON, []byte(`{"id": "two"}`)); status != http.StatusServiceUnavailable {
		t.Errorf("%d, %v", status, out)
	}
}

// TestAllOrNothing: what is refused of a run leaves no run, and a store that is
// closed asks to come again.
func TestAllOrNothing(t *testing.T) {
	s := serve(t, Options{})
	if status, out := s.post(t, "/api/runs", wire.JSON, []byte(`{"id": "z", "project": "p", "config": {"": 1}}`)); status != http.StatusBadRequest {
		t.Errorf("a value without a name: %d, %v", status, out)
	}
	if status, out := s.post(t, "/api/runs/z/end", wire.JSON, []byte(`{}`)); status != http.StatusNotFound {
		t.Errorf("the run that was refused: %d, %v", status, out)
	}
	s.ok(t, "/api/runs", wire.JSON, []byte(`{"id": "z", "project": "p", "config": {"a": 1}}`))
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	if status, out := s.post(t, "/api/runs/z/end", wire.JSON, []byte(`{}`)); status != http.StatusServiceUnavailable || out["kind"] != "busy" {
		t.Errorf("after the store was closed: %d, %v", status, out)
	}
	if f := told(fmt.Errorf("reading: %w", context.Canceled)); f.Kind == "bug" {
		t.Errorf("who no longer listens: %+v", f)
	}
}
