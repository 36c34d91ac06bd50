package client_test

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/client"
	"github.com/tomo-viz/tomo/track/ingest"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/track/wire"
)

// A site is a server over a store, with something in between.
type site struct {
	*httptest.Server
	store *track.Store
	// between is called with each request, and passes it on or not.
	between atomic.Pointer[func(w http.ResponseWriter, r *http.Request, on http.Handler)]
}

func serve(t testing.TB) *site {
	t.Helper()
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs.tomo"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{store: store}
	handler := ingest.New(store, ingest.Options{})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if between := s.between.Load(); between != nil {
			(*between)(w, r, handler)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.Server.Close()
		store.Close()
	})
	return s
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

func start(t testing.TB, s *site, opt client.Options) *client.Run {
	t.Helper()
	run, err := client.Start(t.Context(), s.URL, wire.Run{Project: "p", Config: map[string]any{"lr": 0.1}}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestFlaky loses requests, answers and connections, and expects each point once
// and in order.
func TestFlaky(t *testing.T) {
	s := serve(t)
	var n atomic.Int64
	flaky := func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		switch n.Add(1) % 6 {
		case 1: // lost before it arrives
			panic(http.ErrAbortHandler)
		case 2: // kept, and the answer lost
			on.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case 3:
			w.WriteHeader(http.StatusTooManyRequests)
		case 4: // kept, and the answer lost by a proxy
			on.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusBadGateway)
		default:
			on.ServeHTTP(w, r)
		}
	}
	s.between.Store(&flaky)
	var warned atomic.Int64
	run := start(t, s, client.Options{Every: 5 * time.Millisecond, MaxBatch: 250, Warn: func(error) { warned.Add(1) }})
	const points = 2000
	for i := range points {
		run.Log(float64(i), map[string]float64{"loss": float64(i), "acc": math.NaN()})
		if i%500 == 0 {
			if err := run.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := run.Close(t.Context(), "finished"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"loss", "acc"} {
		got := s.points(t, run.ID, name)
		if len(got) != points {
			t.Fatalf("%s has %d points, want %d", name, len(got), points)
		}
		for i, p := range got {
			if p.Step != float64(i) || p.Time == 0 || name == "loss" && p.Value != float64(i) {
				t.Fatalf("point %d of %s is %v", i, name, p)
			}
		}
	}
	if warned.Load() == 0 {
		t.Error("nobody was told of failures")
	}
	if r, err := s.store.Run(t.Context(), run.ID); err != nil || r.State != track.Finished {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestRefusedAlone keeps all of a batch but what is wrong in it.
func TestRefusedAlone(t *testing.T) {
	s := serve(t)
	run := start(t, s, client.Options{Every: time.Hour})
	for i := range 100 {
		run.Log(float64(i), map[string]float64{"loss": 1, "acc": 2})
	}
	run.LogValue("loss", math.NaN(), 1) // a step that is none
	run.LogValue("", 1, 1)
	text := "x"
	run.Record(wire.Record{Kind: "text", Name: "log", Step: 1, Text: &text})
	run.Record(wire.Record{Kind: "smell", Name: "log", Step: 1, Text: &text})
	run.Tags(map[string]string{"a": "b"})
	if err := run.Config(map[string]any{"f": func() {}}); err == nil {
		t.Error("a function was taken as a setting")
	}
	run.LogPoints("loss", []series.Point{{Step: 100, Value: 5}})
	err := run.Close(t.Context(), "finished")
	if err == nil || !strings.Contains(err.Error(), "refuse") {
		t.Errorf("what was refused is told as %v", err)
	}
	if got := s.points(t, run.ID, "loss"); len(got) != 101 || got[100].Value != 5 {
		t.Errorf("the loss has %d points", len(got))
	}
	if got := s.points(t, run.ID, "acc"); len(got) != 100 {
		t.Errorf("the accuracy has %d points", len(got))
	}
	r, _ := s.store.Run(t.Context(), run.ID)
	if tags, err := s.store.Tags(t.Context(), r); err != nil || tags["a"] != "b" {
		t.Errorf("%v, %v", tags, err)
	}
	if lists, err := s.store.RecordLists(t.Context(), r, ""); err != nil || len(lists) != 1 || lists[0].Count != 1 {
		t.Errorf("%v, %v", lists, err)
	}
}

// TestBounded logs to a server that takes nothing: with Drop, what is too much is
// dropped and told; without, logging waits until it is taken.
func TestBounded(t *testing.T) {
	s := serve(t)
	dropping := start(t, s, client.Options{Every: time.Millisecond, MaxWaiting: 1000, MaxBatch: 100, Drop: true})
	waiting := start(t, s, client.Options{Every: time.Millisecond, MaxWaiting: 1000, MaxBatch: 100})
	full := func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		w.WriteHeader(http.StatusInsufficientStorage)
	}
	s.between.Store(&full)
	for i := range 5000 {
		dropping.LogValue("loss", float64(i), 0)
	}
	var logged atomic.Int64
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 5000 {
			waiting.LogValue("loss", float64(i), 0)
			logged.Add(1)
		}
	})
	for logged.Load() < 1000 { // or the test ends at its limit
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond) // in which too many would be taken
	if n := logged.Load(); n > 1000 {
		t.Errorf("%d points were taken into memory, of at most 1000", n)
	}
	s.between.Store(nil)
	all.Wait()
	if err := waiting.Close(t.Context(), "finished"); err != nil {
		t.Error(err)
	}
	if got := s.points(t, waiting.ID, "loss"); len(got) != 5000 {
		t.Errorf("%d points arrived, want all 5000", len(got))
	}
	if err := dropping.Close(t.Context(), "finished"); err == nil || !strings.Contains(err.Error(), "4000 points were dropped") {
		t.Errorf("what was dropped is told as %v", err)
	}
	if got := s.points(t, dropping.ID, "loss"); len(got) != 1000 {
		t.Errorf("%d points arrived, want 1000", len(got))
	}
}

// TestUnreachable gives up when it is told to, and says what was lost.
func TestUnreachable(t *testing.T) {
	s := serve(t)
	held, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close() // nobody listens on its port, nor can while it is open
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if _, err := client.Start(short, "http://"+held.LocalAddr().String(), wire.Run{}, client.Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that is not there: %v", err)
	}
	if _, err := client.Start(t.Context(), "localhost:8080", wire.Run{}, client.Options{}); err == nil {
		t.Error("an address without a scheme was taken")
	}
	run := start(t, s, client.Options{})
	held.Close()
	s.Server.Close()
	run.LogValue("loss", 1, 1)
	short, stop = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := run.Close(short, "finished"); err == nil || !strings.Contains(err.Error(), "1 points were not sent") {
		t.Errorf("what was lost is told as %v", err)
	}
}

// TestCut takes back what was logged after a checkpoint, and goes on from there.
func TestCut(t *testing.T) {
	s := serve(t)
	run := start(t, s, client.Options{})
	for i := range 10 {
		run.LogValue("loss", float64(i), 1)
	}
	if err := run.Cut(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	run.LogValue("loss", 5, 2)
	if err := run.Close(t.Context(), "killed"); err != nil {
		t.Fatal(err)
	}
	if got := s.points(t, run.ID, "loss"); len(got) != 6 || got[5].Value != 2 {
		t.Errorf("the loss is %v", got)
	}
}

// TestLate logs while the run is being closed, which is refused and told.
func TestLate(t *testing.T) {
	s := serve(t)
	run := start(t, s, client.Options{Every: time.Hour})
	between := func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/batch") {
			run.LogValue("a", 2, 2)
		}
		on.ServeHTTP(w, r)
	}
	s.between.Store(&between)
	run.LogValue("a", 1, 1)
	if err := run.Close(t.Context(), "finished"); err == nil || !strings.Contains(err.Error(), "1 points were logged while") {
		t.Errorf("closed with %v", err)
	}
	if got := s.points(t, run.ID, "a"); len(got) != 1 {
		t.Errorf("%v arrived", got)
	}
}
