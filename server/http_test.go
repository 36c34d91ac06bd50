package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

// patience is how long a test waits for what must happen: it tells a hang, not a
// slow machine.
const patience = 2 * time.Minute

// A bench is a server with one made-up technique, "count", which tells its
// progress and then does what its parameter says.
type bench struct {
	*Server
	t    *testing.T
	url  string
	dir  string
	runs chan string   // a word for each run that has begun
	free chan struct{} // lets a run with do=wait go on
}

type countParams struct {
	Do   string   `help:"what to do"`
	List []string `help:"a list"`
}

func newBench(t *testing.T, change func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), runs: make(chan string, 1000), free: make(chan struct{})}
	count := viz.Define(viz.Spec[countParams]{
		Name: "count", Doc: "counting", Phases: []viz.Phase{viz.InUse}, Defaults: countParams{Do: "work"}, Run: b.count,
	})
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}
	opt := Options{Paths: []string{b.dir}, CacheDir: filepath.Join(t.TempDir(), "kept"), Version: "test"}
	if change != nil {
		change(&opt)
	}
	var err error
	if b.Server, err = New([]*viz.Method{count}, addr, opt); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(b.Server)
	t.Cleanup(h.Close)
	t.Cleanup(b.stop) // first, so that streams end
	b.url = h.URL
	return b
}

func (b *bench) count(ctx context.Context, in *viz.Input, p countParams) (figure.Figure, error) {
	b.runs <- p.Do
	part := &figure.Table{About: figure.About{Title: "part"}, Columns: []figure.Column{{Name: "n"}}, Rows: []figure.Row{{Cells: []figure.Cell{figure.Text("1")}}}}
	in.Progress(viz.Progress{Done: 1, Total: 2, What: "one", Partial: part})
	switch {
	case p.Do == "fail":
		return nil, viz.Userf("a mistake")
	case p.Do == "break":
		return nil, errors.New("broken")
	case p.Do == "panic":
		panic("boom")
	case strings.HasPrefix(p.Do, "wait"):
		select {
		case <-b.free:
		case <-ctx.Done():
			return part, ctx.Err()
		}
	}
	whole := *part
	whole.About = figure.About{Title: "Whole figure"}
	whole.Rows = append(whole.Rows, figure.Row{Cells: []figure.Cell{figure.Text("2")}})
	return &whole, nil
}

// do sends a request and returns the status and the body.
func (b *bench) do(method, path, body string, header ...string) (int, string, http.Header) {
	b.t.Helper()
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

// start posts a job of the technique.
func (b *bench) start(do string) status {
	b.t.Helper()
	code, body, _ := b.do("POST", "/api/jobs", fmt.Sprintf(`{"method":"count","params":{"do":[%q]}}`, do))
	var s status
	if err := json.Unmarshal([]byte(body), &s); err != nil || code != http.StatusOK {
		b.t.Fatalf("%d %s", code, body)
	}
	return s
}

// await waits for the end of a job.
func (b *bench) await(id string) status {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		_, body, _ := b.do("GET", "/api/jobs/"+id, "")
		var s status
		if err := json.Unmarshal([]byte(body), &s); err != nil {
			b.t.Fatalf("%s: %v", body, err)
		}
		if s.State != "queued" && s.State != "running" {
			return s
		}
	}
	b.t.Fatal("the job did not end")
	return status{}
}

func TestJob(t *testing.T) {
	b := newBench(t, nil)
	s := b.start("work")
	if end := b.await(s.ID); end.State != "done" || end.Key != s.Key {
		t.Fatalf("%+v", end)
	}
	again := b.start("work")
	if again.State != "done" || again.Key != s.Key || again.ID != "" || len(b.runs) != 1 {
		t.Errorf("the same request again: %+v after %d runs", again, len(b.runs))
	}
	code, body, h := b.do("GET", "/api/figures/"+s.Key, "")
	if code != 200 || !strings.Contains(body, `"kind":"table"`) || h.Get("Content-Type") != "application/json" {
		t.Errorf("%d %s %s", code, h.Get("Content-Type"), body)
	}
	code, body, h = b.do("GET", "/api/figures/"+s.Key+".csv", "")
	if code != 200 || !strings.Contains(body, "2") || h.Get("Content-Disposition") != `attachment; filename="tomo-whole-figure.csv"` {
		t.Errorf("%d %v %s", code, h, body)
	}
	if code, body, _ := b.do("GET", "/api/figures/"+s.Key+".exe", ""); code != 400 {
		t.Errorf("an unknown format: %d %s", code, body)
	}
	for name, same := range map[string]string{
		"the default, named":  `{"method":"count","params":{"do":["work"]}}`,
		"nothing":             `{"method":"count"}`,
		"an image of no need": `{"method":"count","params":{}}`,
	} {
		if _, body, _ := b.do("POST", "/api/jobs", same); !strings.Contains(body, s.Key) {
			t.Errorf("%s has another key: %s", name, body)
		}
	}
	if _, body, _ := b.do("POST", "/api/jobs", `{"method":"count","seed":3}`); strings.Contains(body, s.Key) {
		t.Error("another seed has the same key")
	}
}

// TestErrors checks the status and the kind of every failure.
func TestErrors(t *testing.T) {
	b := newBench(t, nil)
	for _, c := range []struct {
		method, path, body string
		code               int
		kind, text         string
	}{
		{"GET", "/api/nothing", "", 404, "notfound", "there is no /api/nothing"},
		{"POST", "/api/methods", "", 405, "user", "with GET, not POST"},
		{"GET", "/api/jobs", "", 405, "user", "with POST"},
		{"PUT", "/api/jobs/x", "", 405, "user", "with GET or DELETE"},
		{"POST", "/api/jobs", "{", 400, "user", "no JSON"},
		{"POST", "/api/jobs", `{"method":"count","parameters":{}}`, 400, "user", "parameters"},
		{"POST", "/api/jobs", `{"method":"dance"}`, 404, "notfound", `"dance"`},
		{"POST", "/api/jobs", `{"method":"count","params":{"list":[` + strings.Repeat(`"a",`, 30_000) + `"a"]}}`, 400, "user", "more than 20000"},
		{"POST", "/api/jobs", `{"method":"` + strings.Repeat("a", 2<<20) + `"}`, 400, "user", "too large"},
		{"GET", "/api/jobs/x", "", 404, "notfound", "not known"},
		{"DELETE", "/api/jobs/x", "", 404, "notfound", "not known"},
		{"GET", "/api/jobs/x/events", "", 404, "notfound", "not known"},
		{"GET", "/api/figures/x", "", 404, "notfound", "no key"},
		{"GET", "/api/figures/..%2f..%2fetc%2fpasswd", "", 404, "notfound", "no key"},
		{"GET", "/api/figures/" + strings.Repeat("0", 32), "", 404, "notfound", "not kept"},
		{"GET", "/api/models/..%2fx", "", 404, "notfound", "no model"},
		{"GET", "/api/images/%2fetc%2fpasswd", "", 404, "notfound", "no picture"},
		{"GET", "/api/training", "", 404, "notfound", "tomo demo"},
		{"POST", "/api/images", "x", 400, "user", "multipart"},
	} {
		code, body, _ := b.do(c.method, c.path, c.body)
		var f failure
		if err := json.Unmarshal([]byte(body), &f); err != nil || code != c.code || f.Kind != c.kind || !strings.Contains(f.Error, c.text) {
			t.Errorf("%s %.40s: %d %.200s, want %d %s with %q", c.method, c.path, code, body, c.code, c.kind, c.text)
		}
	}
	for do, want := range map[string]failure{"fail": {"a mistake", "user"}, "break": {"This is a bug in Tomo: broken", "bug"}, "panic": {"This is a bug in Tomo: panic: boom", "bug"}} {
		if end := b.await(b.start(do).ID); end.State != "failed" || end.Failed == nil || *end.Failed != want {
			t.Errorf("%s: %+v %+v", do, end, end.Failed)
		}
	}
	if end := b.await(b.start("work").ID); end.State != "done" {
		t.Errorf("after a panic: %+v", end)
	}
	if code, _, _ := b.do("HEAD", "/api/methods", ""); code != 200 {
		t.Errorf("HEAD: %d", code)
	}
}

// TestCancel stops a running job, whose part stays, and a waiting one.
func TestCancel(t *testing.T) {
	b := newBench(t, nil)
	running := b.start("wait")
	<-b.runs
	waiting := b.start("work")
	if joined := b.start("wait"); joined.ID != running.ID {
		t.Errorf("the same request while it runs: %+v", joined)
	}
	b.do("DELETE", "/api/jobs/"+waiting.ID, "")
	if end := b.await(waiting.ID); end.State != "cancelled" {
		t.Errorf("waiting: %+v", end)
	}
	b.do("DELETE", "/api/jobs/"+running.ID, "")
	if end := b.await(running.ID); end.State != "cancelled" {
		t.Errorf("running: %+v", end)
	}
	if _, body, _ := b.do("GET", "/api/figures/"+running.Key, ""); !strings.Contains(body, `"part"`) {
		t.Errorf("after the cancel: %s", body)
	}
	if len(b.runs) != 0 {
		t.Error("the waiting job ran")
	}
	close(b.free)
	if end := b.await(b.start("wait").ID); end.State != "done" {
		t.Errorf("again: %+v", end)
	}
}

// TestQueue fills the queue.
func TestQueue(t *testing.T) {
	b := newBench(t, nil)
	for i := range maxQueued {
		b.start(fmt.Sprint("wait ", i))
	}
	code, body, _ := b.do("POST", "/api/jobs", `{"method":"count"}`)
	if code != http.StatusTooManyRequests || !strings.Contains(body, `"busy"`) {
		t.Errorf("%d %s", code, body)
	}
	close(b.free)
}

// TestEvents reads the stream of a job that stands still: what was told before
// arrives at once, compressed answers wanted or not, and again for who comes
// later.
func TestEvents(t *testing.T) {
	b := newBench(t, nil)
	s := b.start("wait")
	<-b.runs
	first, second := b.events(s.ID), b.events(s.ID)
	for _, stream := range []*bufio.Scanner{first, second} {
		expect(t, stream, "event: progress", `"partial":1`)
	}
	if _, body, _ := b.do("GET", "/api/figures/"+s.Key, ""); !strings.Contains(body, `"part"`) {
		t.Errorf("the figure so far: %s", body)
	}
	close(b.free)
	for _, stream := range []*bufio.Scanner{first, second, b.events(s.ID)} {
		expect(t, stream, "event: end", `"state":"done"`)
		for stream.Scan() {
			if stream.Text() != "" {
				t.Errorf("after the end: %q", stream.Text())
			}
		}
	}
}

func (b *bench) events(id string) *bufio.Scanner { return b.stream("/api/jobs/" + id + "/events") }

func (b *bench) stream(path string) *bufio.Scanner {
	b.t.Helper()
	req, err := http.NewRequest("GET", b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req) // asks for gzip, and would undo it
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		b.t.Fatalf("content type %q", got)
	}
	return bufio.NewScanner(resp.Body)
}

// expect reads until a line begins with first and the next contains second.
func expect(t *testing.T, s *bufio.Scanner, first, second string) {
	t.Helper()
	for s.Scan() {
		if strings.HasPrefix(s.Text(), first) && s.Scan() && strings.Contains(s.Text(), second) {
			return
		}
	}
	t.Fatalf("the stream ended without %q and %q", first, second)
}

// TestHeartbeat hears from a quiet feed.
func TestHeartbeat(t *testing.T) {
	f := &Feed{beat: time.Millisecond}
	h := httptest.NewServer(f)
	defer h.Close()
	defer f.Close()
	resp, err := http.Get(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for beats := 0; beats < 3; {
		if !lines.Scan() {
			t.Fatal("the stream ended")
		}
		if lines.Text() == ": still here" {
			beats++
		}
	}
}

// TestRestart keeps figures between two servers, and makes one again whose file
// was damaged.
func TestRestart(t *testing.T) {
	cache := t.TempDir()
	keep := func(o *Options) { o.CacheDir = cache }
	one := newBench(t, keep)
	s := one.start("work")
	one.await(s.ID)
	two := newBench(t, keep)
	if got := two.start("work"); got.State != "done" || len(two.runs) != 0 {
		t.Errorf("after a restart: %+v", got)
	}
	file := filepath.Join(cache, s.Key+".json")
	if err := os.Truncate(file, 20); err != nil {
		t.Fatal(err)
	}
	three := newBench(t, keep)
	if got := three.start("work"); got.ID == "" || three.await(got.ID).State != "done" || len(three.runs) != 1 {
		t.Errorf("after damage: %+v", got)
	}
	if raw, err := os.ReadFile(file); err != nil || !json.Valid(raw) {
		t.Errorf("the file was not mended: %v", err)
	}
}

// TestGuard checks who is let in.
func TestGuard(t *testing.T) {
	open := newBench(t, nil)
	locked := newBench(t, func(o *Options) { o.Token = "secret" })
	for _, c := range []struct {
		name   string
		b      *bench
		method string
		path   string
		header []string
		want   int
	}{
		{"local", open, "GET", "/api/methods", nil, 200},
		{"another name", open, "GET", "/api/methods", []string{"Host", "evil.example"}, 403},
		{"a name that begins well", open, "GET", "/api/methods", []string{"Host", "localhost.evil.example"}, 403},
		{"a subdomain of localhost", open, "GET", "/api/methods", []string{"Host", "tomo.localhost:80"}, 200},
		{"IPv6", open, "GET", "/api/methods", []string{"Host", "[::1]:80"}, 200},
		{"another address", open, "GET", "/api/methods", []string{"Host", "192.168.1.5"}, 403},
		{"a form of another site", open, "POST", "/api/jobs", []string{"Origin", "http://evil.example"}, 403},
		{"a form of a sandbox", open, "POST", "/api/jobs", []string{"Origin", "null"}, 403},
		{"a form without origin", open, "POST", "/api/jobs", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port", open, "DELETE", "/api/jobs/x", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"the app itself", open, "POST", "/api/jobs", []string{"Origin", open.url, "Sec-Fetch-Site", "same-origin"}, 400},
		{"no token", locked, "GET", "/api/methods", nil, 401},
		{"a wrong token", locked, "GET", "/api/methods?token=x", nil, 401},
		{"the token", locked, "GET", "/cam?token=secret&model=1", nil, 303},
		{"a cookie", locked, "GET", "/api/methods", []string{"Cookie", "tomo-token-1=secret"}, 200},
		{"a bearer", locked, "GET", "/api/methods", []string{"Authorization", "Bearer secret"}, 200},
		{"a token counts more than a name", locked, "GET", "/api/methods", []string{"Authorization", "Bearer secret", "Host", "lab.example"}, 200},
		{"a token and another site", locked, "POST", "/api/jobs", []string{"Cookie", "tomo-token-1=secret", "Origin", "http://evil.example"}, 403},
	} {
		code, body, h := c.b.do(c.method, c.path, "", c.header...)
		if code != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, code, body, c.want)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: headers %v", c.name, h)
		}
		if code == 303 && (h.Get("Location") != "/cam?model=1" || !strings.Contains(h.Get("Set-Cookie"), "HttpOnly; SameSite=Strict")) {
			t.Errorf("%s: %v", c.name, h)
		}
	}
	if public := newGuard(&net.TCPAddr{IP: net.IPv4zero, Port: 80}, ""); len(public.token) < 20 || !strings.Contains(public.url(), public.token) {
		t.Errorf("listening on every address: %+v", public)
	}
}

// TestApp serves files by name and the page for every view.
func TestApp(t *testing.T) {
	b := newBench(t, func(o *Options) {
		o.Web = fstest.MapFS{"index.html": {Data: []byte("<p>the app")}, "assets/a.js": {Data: []byte("let x")}}
	})
	for path, want := range map[string]string{"/": "the app", "/cam?model=1": "the app", "/assets/a.js": "let x", "/assets": "the app"} {
		if code, body, _ := b.do("GET", path, ""); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, _, _ := b.do("GET", "/assets/old.js", ""); code != http.StatusNotFound {
		t.Errorf("an asset of another version: %d", code)
	}
	for _, path := range []string{"/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/assets/..%2f..%2fserver.go", "/%00"} {
		if _, body, _ := b.do("GET", path, ""); strings.Contains(body, "root:") || strings.Contains(body, "package server") {
			t.Errorf("%s leads out", path)
		}
	}
	if code, _, _ := b.do("POST", "/cam", ""); code != http.StatusMethodNotAllowed {
		t.Errorf("POST to the app: %d", code)
	}
	if code, body, _ := newBench(t, nil).do("GET", "/", ""); code != http.StatusNotImplemented || !strings.Contains(body, "make build") {
		t.Errorf("without the app: %d %s", code, body)
	}
}

// drop uploads a file.
func (b *bench) drop(name string, raw []byte) (int, string) {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("image", name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(raw)
	form.Close()
	code, text, _ := b.do("POST", "/api/images", body.String(), "Content-Type", form.FormDataContentType())
	return code, text
}

func TestUpload(t *testing.T) {
	b := newBench(t, nil)
	var raw bytes.Buffer
	if err := png.Encode(&raw, image.NewRGBA(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	code, body := b.drop("../../photo.png", raw.Bytes())
	var img imageFile
	if err := json.Unmarshal([]byte(body), &img); err != nil || code != 200 || img.Name != "photo.png" {
		t.Fatalf("%d %s", code, body)
	}
	if _, again := b.drop("photo.png", raw.Bytes()); again != body {
		t.Errorf("the same picture again: %s", again)
	}
	code, sent, h := b.do("GET", "/api/images/"+img.ID+"?side=20", "")
	small, err := png.DecodeConfig(strings.NewReader(sent))
	if code != 200 || err != nil || h.Get("Content-Type") != "image/png" || small.Width != 20 || small.Height != 10 {
		t.Errorf("%d %v %v %v", code, h, small, err)
	}
	if code, body := b.drop("notes.png", []byte("no picture")); code != 400 || !strings.Contains(body, "notes.png") {
		t.Errorf("text: %d %s", code, body)
	}
	if code, body := b.drop("large.png", make([]byte, maxUpload+1)); code != 400 || !strings.Contains(body, "more than 32 MB") {
		t.Errorf("too large: %d %s", code, body)
	}
}
