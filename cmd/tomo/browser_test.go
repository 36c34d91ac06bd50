package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/tomo-viz/tomo/cli"
	"github.com/tomo-viz/tomo/viz/all"
	"github.com/tomo-viz/tomo/web"
)

// TestBrowser opens the demo as a person does: it watches the two networks
// train, asks where one of them looks, compares methods, stops a long job, and
// fails on any error in the browser's console.
func TestBrowser(t *testing.T) {
	needBrowser(t)
	demo := startDemo(t)
	b := openBrowser(t)

	b.run("the start page", chromedp.Navigate(demo.url), visible(`[data-testid="training-honest"]`))
	demo.awaitModels(t, 2)

	view := demo.view("cam", url.Values{"model": {demo.model("honest")}, "image": {demo.image("star")}})
	b.run("a heatmap", chromedp.Navigate(view), visible(`[data-testid="heatmap-canvas"]`), visible(`[data-testid="prediction-0"]`))
	if got := b.text(`[data-testid="prediction-0"]`); !strings.Contains(got, "star") {
		t.Errorf("the honest network's first answer for a star is %q", got)
	}

	b.run("the architecture", chromedp.Navigate(demo.view("arch", url.Values{"model": {demo.model("honest")}})),
		visible(`[data-testid="figure-graph"]`), visible(`[data-testid="graph-node"]`))

	b.run("a long job", chromedp.Navigate(demo.view("cam", demo.longRequest())), visible(`[data-testid="cancel"]`))
	b.run("stopping it", chromedp.Click(`[data-testid="cancel"]`), gone(`[data-testid="cancel"]`))
	demo.awaitIdle(t)

	b.run("the same view again", chromedp.Navigate(view), visible(`[data-testid="heatmap-canvas"]`))
	b.noErrors()
}

func needBrowser(t *testing.T) {
	required := os.Getenv("TOMO_BROWSER") == "required"
	missing := ""
	if _, err := exec.LookPath("chromium"); err != nil {
		missing = "there is no chromium on this machine"
	} else if _, built := web.FS(); !built {
		missing = "the web app is not built; `make web` builds it"
	}
	switch {
	case missing == "" && (required || !testing.Short()):
	case required:
		t.Fatal(missing)
	default:
		t.Skip("browser test: " + missing)
	}
}

// A running is a demo that serves.
type running struct {
	url    string
	models []item
	images []item
}

type item struct{ ID, Name string }

// startDemo runs `tomo demo` in this process until the test ends.
func startDemo(t *testing.T) *running {
	t.Helper()
	out, in := io.Pipe()
	args := []string{"demo", "--no-browser", "--addr", "127.0.0.1:0", "--dir", t.TempDir(), "--cache", t.TempDir()}
	go func() {
		cli.Main(all.Methods(), args, strings.NewReader(""), in, in)
		in.Close()
	}()
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil || !strings.HasPrefix(address, "http://") {
		t.Fatalf("the demo printed %q instead of its address", address)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return &running{url: strings.TrimSpace(address)}
}

// awaitModels waits until so many networks are trained.
func (r *running) awaitModels(t *testing.T, n int) {
	t.Helper()
	eventually(t, 5*time.Minute, "the networks to be trained", func() bool {
		var w struct{ Models, Images []item }
		r.get(t, "api/workspace?again=1", &w)
		r.models, r.images = w.Models, w.Images
		return len(w.Models) == n
	})
}

// awaitIdle waits until a new job starts at once, so that the cancelled one
// has let go of the engine.
func (r *running) awaitIdle(t *testing.T) {
	t.Helper()
	eventually(t, 30*time.Second, "the cancelled job to stop", func() bool {
		body := fmt.Sprintf(`{"method":"cam","model":%q,"images":[%q],"params":{"method":["eigencam"]}}`, r.model("cheater"), r.image("disc"))
		resp, err := http.Post(r.url+"api/jobs", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var s struct{ State string }
		if err := json.NewDecoder(resp.Body).Decode(&s); err != nil {
			t.Fatal(err)
		}
		return s.State == "done"
	})
}

func (r *running) get(t *testing.T, path string, into any) {
	t.Helper()
	resp, err := http.Get(r.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func (r *running) model(name string) string { return find(r.models, name) }
func (r *running) image(name string) string { return find(r.images, name) }

func find(items []item, name string) string {
	for _, it := range items {
		if strings.Contains(it.Name, name) {
			return it.ID
		}
	}
	return "none"
}

func (r *running) view(method string, q url.Values) string { return r.url + method + "?" + q.Encode() }

// longRequest asks for thousands of maps, many of them by methods that run the
// network anew for each channel: minutes of work on any machine.
func (r *running) longRequest() url.Values {
	q := url.Values{"model": {r.model("honest")}, "class": {"top 6"}}
	for _, img := range r.images {
		q.Add("image", img.ID)
	}
	q["method"] = []string{"gradcam", "layercam", "hirescam", "eigencam", "scorecam", "sscam"}
	for i := range 8 {
		q.Add("layer", fmt.Sprintf("features.%d", i))
	}
	return q
}

func eventually(t *testing.T, most time.Duration, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatalf("waited %v in vain for %s", most, what)
}

// A browser collects what goes wrong in the page.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.WindowSize(1440, 900), chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	watch(b, runtime.ExceptionThrown, func(e runtime.EventExceptionThrown) string {
		text := "exception: " + e.ExceptionDetails.Text
		if ex := e.ExceptionDetails.Exception; ex != nil {
			text += " " + ex.Description
		}
		return text
	})
	watch(b, runtime.ConsoleAPICalled, func(e runtime.EventConsoleAPICalled) string {
		if e.Type != "error" {
			return ""
		}
		text := "console:"
		for _, arg := range e.Args {
			text += fmt.Sprint(" ", string(arg.Value), arg.Description)
		}
		return text
	})
	watch(b, log.EntryAdded, func(e log.EventEntryAdded) string {
		if e.Entry.Level != log.EntryLevelError {
			return ""
		}
		return "log: " + e.Entry.Text + " " + e.Entry.URL
	})
	return b
}

// watch keeps what describe says of the events of one kind.
func watch[E any](b *browser, kind cdp.Event[E], describe func(E) string) {
	events := chromedp.Events(b.ctx, kind)
	go func() {
		for e, err := range events {
			if err != nil {
				return // the browser is gone
			}
			if text := describe(e); text != "" {
				b.mu.Lock()
				b.errors = append(b.errors, text)
				b.mu.Unlock()
			}
		}
	}()
}

// run does a few things, each within half a minute.
func (b *browser) run(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	for _, action := range actions {
		ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
		err := chromedp.Do(ctx, action)
		cancel()
		if err != nil {
			b.noErrors()
			b.t.Fatalf("%s: %v", what, err)
		}
	}
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Text(selector))
	if err != nil {
		b.t.Fatalf("the text of %s: %v", selector, err)
	}
	return text
}

func (b *browser) noErrors() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.errors {
		b.t.Error("in the browser: " + text)
	}
}

func visible(selector string) chromedp.Action[chromedp.Void] { return chromedp.WaitVisible(selector) }

func gone(selector string) chromedp.Action[chromedp.Void] { return chromedp.WaitNotPresent(selector) }
