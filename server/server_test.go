package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestListsAreNeverNull(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Paths = nil })
	b.methods = nil
	if _, body, _ := b.do("GET", "/api/methods", ""); body != "[]" {
		t.Errorf("without techniques: %s", body)
	}
	_, body, _ := b.do("GET", "/api/workspace", "")
	for _, want := range []string{`"models":[]`, `"images":[]`, `"problems":[]`, `"total":0`, `"demo":false`, `"version":"test"`} {
		if !strings.Contains(body, want) {
			t.Errorf("an empty workspace is %s, want %s", body, want)
		}
	}
}

// TestForms reads what forms and help are made of.
func TestForms(t *testing.T) {
	b := newBench(t, nil)
	var forms []struct {
		Name, Doc     string
		Phases, Needs []string
		Params        []struct {
			Name, Type, Help string
			List             bool
			Default          []string
		}
	}
	b.read("/api/methods", &forms)
	if len(forms) != 1 || forms[0].Name != "count" || forms[0].Doc != "counting" || len(forms[0].Params) != 2 {
		t.Fatalf("%+v", forms)
	}
	p := forms[0].Params[0]
	if p.Name != "do" || p.Type != "string" || p.Help == "" || p.List || len(p.Default) != 1 || p.Default[0] != "work" || !forms[0].Params[1].List {
		t.Errorf("%+v", forms[0].Params)
	}
	var colormaps []struct{ Name string }
	if b.read("/api/colormaps", &colormaps); len(colormaps) < 3 {
		t.Errorf("colour maps: %v", colormaps)
	}
	var palette struct{ Inks, Classes []any }
	if b.read("/api/theme", &palette); len(palette.Inks) == 0 || len(palette.Classes) == 0 {
		t.Errorf("palette: %v", palette)
	}
}

// TestServe ends with its context, though a job runs and is watched.
func TestServe(t *testing.T) {
	b := newBench(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Serve(ctx, l) }()
	b.url = "http://" + l.Addr().String()
	s := b.start("wait")
	<-b.runs
	stream := b.events(s.ID)
	cancel()
	expect(t, stream, "event: end", `"state":"cancelled"`)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the server did not end")
	}
	if _, err := http.Get(b.url); err == nil {
		t.Error("the server still answers")
	}
}

// TestPanic answers a panic in a handler like any other bug, and logs it.
func TestPanic(t *testing.T) {
	var log strings.Builder
	b := newBench(t, func(o *Options) { o.Log = &log })
	b.workspace = nil
	code, body, _ := b.do("GET", "/api/workspace", "")
	if code != 500 || !strings.Contains(body, `"kind":"bug"`) {
		t.Errorf("%d %s", code, body)
	}
	if !strings.Contains(log.String(), "workspace.go") {
		t.Errorf("the log has no stack: %s", log.String())
	}
}

// TestSitesApart checks the guard's edges: the API is closed to pages of other
// sites and ports, its pages are not, and a token leads nowhere else.
func TestSitesApart(t *testing.T) {
	web := func(o *Options) { o.Token = "secret" }
	open, locked := newBench(t, nil), newBench(t, web)
	for _, c := range []struct {
		name   string
		b      *bench
		path   string
		header []string
		want   int
	}{
		{"a link from another site", open, "/", []string{"Sec-Fetch-Site", "cross-site"}, 501},
		{"the API from another site", open, "/api/methods", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"the API from another port", open, "/api/workspace?again=1", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"the API from the address bar", open, "/api/methods", []string{"Sec-Fetch-Site", "none"}, 200},
		{"the API from its page", open, "/api/methods", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"the cookie of another port", locked, "/api/methods", []string{"Cookie", "tomo-token-2=secret"}, 401},
		{"a wrong cookie", locked, "/api/methods", []string{"Cookie", "tomo-token-1=secre"}, 401},
	} {
		if code, body, _ := c.b.do("GET", c.path, "", c.header...); code != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, code, body, c.want)
		}
	}
	for _, path := range []string{"//evil.example/?token=secret", "/%5cevil.example/?token=secret", "/%2f%2fevil.example/?token=secret"} {
		_, _, h := locked.do("GET", path, "")
		if to := h.Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || strings.Contains(to, "secret") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
	// As behind the proxy of `npm run dev`, which passes the host's name on.
	if code, _, _ := open.do("POST", "/api/jobs", `{"method":"count"}`, "Host", "localhost:5173", "Origin", "http://localhost:5173"); code != 200 {
		t.Errorf("behind a proxy: %d", code)
	}
}
