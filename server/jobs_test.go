package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// adopt gives the server one more technique.
func (b *bench) adopt(name string, run func(context.Context, *viz.Input) (figure.Figure, error)) {
	b.methods = append(b.methods, viz.Define(viz.Spec[struct{}]{
		Name: name, Doc: name, Run: func(ctx context.Context, in *viz.Input, _ struct{}) (figure.Figure, error) { return run(ctx, in) },
	}))
}

// TestAskedAgainAfterCancel begins anew at once: who asks does not join a job
// that is about to end.
func TestAskedAgainAfterCancel(t *testing.T) {
	b := newBench(t, nil)
	release, begun := make(chan struct{}), make(chan struct{}, 2)
	b.adopt("slow", func(ctx context.Context, _ *viz.Input) (figure.Figure, error) {
		begun <- struct{}{}
		<-release // a long step: it hears of the cancel only then
		return &figure.Table{}, ctx.Err()
	})
	post := func() (s status) {
		_, body, _ := b.do("POST", "/api/jobs", `{"method":"slow"}`)
		if err := json.Unmarshal([]byte(body), &s); err != nil {
			t.Fatal(err, body)
		}
		return s
	}
	first := post()
	<-begun
	b.do("DELETE", "/api/jobs/"+first.ID, "")
	second := post()
	if second.ID == first.ID || second.State != "queued" {
		t.Errorf("asked again: %+v", second)
	}
	close(release)
	if end := b.await(first.ID); end.State != "cancelled" {
		t.Errorf("the first: %+v", end)
	}
	if end := b.await(second.ID); end.State != "done" {
		t.Errorf("the second: %+v", end)
	}
	if code, _, _ := b.do("DELETE", "/api/jobs/"+second.ID, ""); code != http.StatusOK {
		t.Errorf("cancelling what has ended: %d", code)
	}
	if end := b.await(second.ID); end.State != "done" {
		t.Errorf("after that: %+v", end)
	}
}

// TestNobodyWatches lets a job go on when its watchers have left.
func TestNobodyWatches(t *testing.T) {
	b := newBench(t, nil)
	s := b.start("wait")
	<-b.runs
	ctx, leave := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", b.url+"/api/jobs/"+s.ID+"/events", nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	resp.Body.Close()
	close(b.free)
	if end := b.await(s.ID); end.State != "done" {
		t.Errorf("%+v", end)
	}
}

// TestPartialIsACopy lets a technique go on writing into what it reported
// while others read it; the race detector watches.
func TestPartialIsACopy(t *testing.T) {
	b := newBench(t, nil)
	shown, release := make(chan struct{}), make(chan struct{})
	b.adopt("growing", func(_ context.Context, in *viz.Input) (figure.Figure, error) {
		fig := &figure.Table{About: figure.About{Title: "one"}}
		in.Progress(viz.Progress{Partial: fig})
		close(shown)
		for i := range 1000 {
			fig.Title = fmt.Sprint(i)
			fig.Rows = append(fig.Rows, figure.Row{})
		}
		<-release
		return fig, nil
	})
	_, body, _ := b.do("POST", "/api/jobs", `{"method":"growing"}`)
	var s status
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	<-shown
	for range 20 {
		if code, body, _ := b.do("GET", "/api/figures/"+s.Key, ""); code != 200 || !strings.Contains(body, `"title":"one"`) {
			t.Fatalf("%d %s", code, body)
		}
	}
	close(release)
	b.await(s.ID)
	if _, body, _ := b.do("GET", "/api/figures/"+s.Key, ""); !strings.Contains(body, `"title":"999"`) {
		t.Errorf("the whole figure: %.200s", body)
	}
}

// TestNoFigure tells of a technique that returns nothing.
func TestNoFigure(t *testing.T) {
	b := newBench(t, nil)
	b.adopt("void", func(context.Context, *viz.Input) (figure.Figure, error) { return nil, nil })
	_, body, _ := b.do("POST", "/api/jobs", `{"method":"void"}`)
	var s status
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	if end := b.await(s.ID); end.State != "failed" || end.Failed.Kind != "bug" {
		t.Errorf("%+v %+v", end, end.Failed)
	}
}

// TestOneAtATime runs as many jobs at a time as there are slots.
func TestOneAtATime(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Jobs = 2 })
	for i := range 3 {
		b.start(fmt.Sprint("wait ", i))
	}
	<-b.runs
	<-b.runs
	select {
	case do := <-b.runs:
		t.Errorf("a third runs: %s", do)
	case <-time.After(30 * time.Millisecond):
	}
	close(b.free)
	<-b.runs
}

// TestForget drops jobs that ended long ago.
func TestForget(t *testing.T) {
	b := newBench(t, nil)
	old := b.start("work")
	b.await(old.ID)
	j, err := b.jobs.find(old.ID)
	if err != nil {
		t.Fatal(err)
	}
	j.mu.Lock()
	j.finished = time.Now().Add(-2 * memory)
	j.mu.Unlock()
	b.await(b.start("other").ID)
	if code, _, _ := b.do("GET", "/api/jobs/"+old.ID, ""); code != 404 {
		t.Errorf("it is still known: %d", code)
	}
	if code, _, _ := b.do("GET", "/api/figures/"+old.Key, ""); code != 200 {
		t.Errorf("its figure: %d", code)
	}
}

// TestTraining streams the demo's training from its beginning to who comes late.
func TestTraining(t *testing.T) {
	feed := &Feed{}
	b := newBench(t, func(o *Options) { o.Training = feed })
	feed.Send("epoch", map[string]int{"step": 1})
	feed.Send("epoch", map[string]int{"step": 2})
	if code, _, h := b.do("HEAD", "/api/training", ""); code != 200 || h.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: %d %v", code, h)
	}
	go func() {
		feed.Send("done", map[string]string{"net": "a\nb"})
		feed.Close()
		feed.Send("epoch", "after the end")
	}()
	_, body, _ := b.do("GET", "/api/training", "")
	want := "event: epoch\ndata: {\"step\":1}\n\nevent: epoch\ndata: {\"step\":2}\n\nevent: done\ndata: {\"net\":\"a\\nb\"}\n\n"
	if _, events, _ := strings.Cut(body, "\n\n"); events != want {
		t.Errorf("got %q", body)
	}
	if _, body, _ := b.do("GET", "/api/workspace", ""); !strings.Contains(body, `"demo":true`) {
		t.Errorf("%s", body)
	}
}

// TestStreamBegins answers a watcher before anything has happened, though it
// takes compressed answers.
func TestStreamBegins(t *testing.T) {
	feed := &Feed{}
	b := newBench(t, func(o *Options) { o.Training = feed })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", b.url+"/api/training", nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal("nothing came:", err)
	}
	feed.Close()
	resp.Body.Close()
}
