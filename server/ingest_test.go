package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/client"
	"github.com/tomo-viz/tomo/track/wire"
)

// TestIngestBehindTheGuard logs to a server with the Go client, by the address
// that the server prints; nobody does without the token, nor from another site.
func TestIngestBehindTheGuard(t *testing.T) {
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := newBench(t, func(o *Options) { o.Runs, o.Token = store, "secret" })
	run, err := client.Start(t.Context(), b.url+"/?token=secret", wire.Run{ID: "one", Title: "a run"}, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	run.LogValue("loss", 1, 2)
	if err := run.Close(t.Context(), "finished"); err != nil {
		t.Fatal(err)
	}
	kept, err := store.Run(t.Context(), "one")
	if err != nil || kept.State != track.Finished {
		t.Fatalf("%+v, %v", kept, err)
	}
	if c, err := store.Curve(t.Context(), kept, "loss"); err != nil || c.Points != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	for what, header := range map[string]http.Header{
		"without a token":   {},
		"from another site": {"Authorization": {"Bearer secret"}, "Origin": {"https://elsewhere.example"}},
	} {
		r, err := http.NewRequest(http.MethodPost, b.url+"/api/runs/one/batch", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized && answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", what, answer.Status)
		}
	}
	short, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	if _, err := client.Start(short, b.url, wire.Run{}, client.Options{}); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a client without the token is told %v", err)
	}
}

// TestNoRuns says how to keep some.
func TestNoRuns(t *testing.T) {
	b := newBench(t, func(*Options) {})
	answer, err := http.Post(b.url+"/api/runs", wire.JSON, strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusNotFound || !strings.Contains(string(text), "--runs") {
		t.Errorf("%s %s, %v", answer.Status, text, err)
	}
}
