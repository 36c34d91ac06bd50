package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/viz"
)

// A site is a server under test and a client of it.
type site struct {
	*Server
	t   *testing.T
	url string
}

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8017}

// open starts a server with those techniques. Figures are kept in a folder of
// the test unless another is given.
func open(t *testing.T, opt Options, methods ...*viz.Method) *site {
	t.Helper()
	if opt.CacheDir == "" {
		opt.CacheDir = filepath.Join(t.TempDir(), "cache")
	}
	s, err := New(methods, loopback, opt)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.stop) // first: jobs end, and so do the streams that watch them
	return &site{s, t, web.URL}
}

// An answer is what came back, read to its end.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// do sends a request; body is nil, bytes, or a value for JSON.
func (s *site) do(method, path string, body any, header ...string) answer {
	s.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		r = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, r)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if req.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	res, err := noRedirects.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{s.t, method + " " + path, res.StatusCode, res.Header, raw}
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (s *site) get(path string) answer { s.t.Helper(); return s.do("GET", path, nil) }

// into decodes an answer that must be right.
func (a answer) into(v any) {
	a.t.Helper()
	if a.status != http.StatusOK {
		a.t.Fatalf("%s: status %d: %s", a.what, a.status, a.body)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v: %s", a.what, err, a.body)
	}
}

// fails wants an error of that status and kind, and returns its sentence.
func (a answer) fails(status int, kind string) string {
	a.t.Helper()
	var f failure
	if err := json.Unmarshal(a.body, &f); err != nil || a.status != status || f.Kind != kind || f.Error == "" {
		a.t.Errorf("%s: status %d, %s; want %d, kind %s", a.what, a.status, a.body, status, kind)
	}
	return f.Error
}

func TestListsAreNeverNull(t *testing.T) {
	s := open(t, Options{Version: "v1"})
	if got := string(s.get("/api/methods").body); got != "[]" {
		t.Errorf("without techniques: %s", got)
	}
	var w map[string]any
	s.get("/api/workspace").into(&w)
	for _, name := range []string{"models", "images", "problems"} {
		if list, ok := w[name].([]any); !ok || len(list) != 0 {
			t.Errorf("%s of an empty workspace: %v", name, w[name])
		}
	}
	if w["version"] != "v1" || w["demo"] != false || w["total"] != 0.0 {
		t.Errorf("an empty workspace is %v", w)
	}
}
