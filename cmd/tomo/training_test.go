package main

import (
	"context"
	"fmt"
	"math"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tomo-viz/tomo/server"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/all"
	"github.com/tomo-viz/tomo/web"
)

// A logged run is one that a server shows, with a loss of a hundred thousand
// points, of which one is a spike, and five thousand further curves.
type loggedRun struct {
	url   string
	store *track.Store
	run   *track.Run
}

// patience is how long what must happen may take on a slow machine.
const patience = 2 * time.Minute

const (
	manyCurves = 5000
	spikeAt    = 54_321
	spike      = 7.125
)

// TestTraining looks at a training as a person does: charts appear, only those
// on the screen are made, a zoom asks for every point, what is logged is seen
// within a second, and while nothing happens nothing is asked for.
func TestTraining(t *testing.T) {
	needBrowser(t)
	l := serveRun(t)
	b := openBrowser(t)
	b.run("the page of trainings", chromedp.Navigate(l.url+"training"), visible(`[data-name="loss/train"] canvas`))

	eventually(t, patience, "all curves to be found", func() bool {
		return strings.TrimSpace(b.text(`.find [role="status"]`)) == fmt.Sprint(manyCurves+1)
	})
	for _, scroll := range []float64{0, 0.5, 1} {
		charts := evaluate[int](b, `
			const page = document.querySelector('[data-testid=charts]');
			page.scrollTop = %v * page.scrollHeight;
			await new Promise((done) => setTimeout(done, 300));
			return document.querySelectorAll('[data-testid=chart]').length;`, scroll)
		if charts < 1 || charts > 60 {
			t.Errorf("%d charts are made at once, with the page scrolled to %v", charts, scroll)
		}
	}

	l.zoom(t, b)
	l.live(t, b)
	l.records(t, b)
	l.smooth(t, b)

	// What was asked for before may still be under way.
	quiet := evaluate[bool](b, `
		const asked = () => performance.getEntriesByType('resource').length;
		return await until(async () => {
			const before = asked();
			await new Promise((done) => setTimeout(done, 1500));
			return asked() === before;
		});`)
	if !quiet {
		t.Error("there are requests all the time while nothing happens")
	}
	b.noErrors()
}

func serveRun(t *testing.T) *loggedRun {
	t.Helper()
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	run, err := store.CreateRun(t.Context(), track.Run{Project: "trial", Title: "the run"})
	if err != nil {
		t.Fatal(err)
	}
	loss := make([]series.Point, 100_000)
	for i := range loss {
		loss[i] = series.Point{Step: float64(i), Time: int64(i+1) * 1000, Value: math.Exp(-float64(i) / 20_000)}
	}
	loss[spikeAt].Value = spike
	batch := &track.Batch{Metrics: []track.Metric{{Name: "loss/train", Points: loss}}}
	for i := range manyCurves {
		batch.Metrics = append(batch.Metrics, track.Metric{Name: fmt.Sprintf("layers/%04d", i), Points: loss[i : i+3]})
	}
	if err := store.Log(t.Context(), run, batch); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := web.FS()
	s, err := server.New(all.Methods(), listener.Addr(), server.Options{CacheDir: t.TempDir(), Runs: store, Web: files})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &loggedRun{s.URL(), store, run}
}

// zoom drags over the loss until its spike stands among points, and reads it
// under the pointer.
func (l *loggedRun) zoom(t *testing.T, b *browser) {
	b.run("all of the loss", chromedp.Navigate(l.url+"training?find=loss"), visible(`[data-name="loss/train"] canvas`))
	const drag = `
		const over = await found('[data-name="loss/train"] .u-over'), box = over.getBoundingClientRect();
		const at = (type, share, target) => target.dispatchEvent(new MouseEvent(type, { bubbles: true, button: 0, movementX: 9, clientX: box.left + share * box.width, clientY: box.top + 40 }));
		const before = location.search;
		at('mousemove', %[1]v, over); at('mousedown', %[1]v, over); at('mousemove', %[2]v, over); at('mouseup', %[2]v, document);
		await until(() => location.search !== before);
		await drawn();
		return location.search;`
	low, high := 0.0, 99_999.0
	for range 4 {
		place := (spikeAt - low) / (high - low)
		search := evaluate[string](b, drag, max(0.001, place-0.05), min(0.999, place+0.05))
		if n, err := fmt.Sscanf(strings.NewReplacer("?find=loss&from=", "", "&to=", " ").Replace(search), "%g %g", &low, &high); n != 2 {
			t.Fatalf("after a zoom the address is %s: %v", search, err)
		}
		if low > spikeAt || high < spikeAt || high-low > 20_000 {
			t.Fatalf("zoomed to %v … %v", low, high)
		}
	}
	var reading string
	read := func() bool {
		reading = evaluate[string](b, `
			const over = await found('[data-name="loss/train"] .u-over'), box = over.getBoundingClientRect();
			for (const type of ['mouseenter', 'mousemove']) {
				over.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: box.left + %v * box.width, clientY: box.top + 40 }));
			}
			await drawn();
			return document.querySelector('[data-name="loss/train"] .reading')?.textContent ?? '';`, (spikeAt-low)/(high-low))
		return strings.Contains(reading, "54,321") && strings.Contains(reading, fmt.Sprint(spike)) && !strings.Contains(reading, "…")
	}
	for end := time.Now().Add(patience); !read(); { // the points of so small a part come after the zoom
		if time.Now().Before(end) {
			continue
		}
		t.Fatalf("from %v to %v, the pointer on the spike reads %q, want the one point at 54,321", low, high, reading)
	}
}

// live logs points and waits until each is on the screen, until one was there
// within a second: this machine may be busy with other tests.
func (l *loggedRun) live(t *testing.T, b *browser) {
	b.run("a chart that grows", chromedp.Navigate(l.url+"training?find=loss"), visible(`[data-name="loss/train"] canvas`))
	best := time.Hour
	for i := 0; i < 30 && best > time.Second; i++ {
		value := 2 + float64(i)/8
		point := track.Metric{Name: "loss/train", Points: []series.Point{{Step: float64(100_000 + i), Value: value}}}
		began := time.Now()
		if err := l.store.Log(t.Context(), l.run, &track.Batch{Metrics: []track.Metric{point}}); err != nil {
			t.Fatal(err)
		}
		for b.text(`[data-name="loss/train"] .values`) != fmt.Sprint(value) {
			if time.Since(began) > patience {
				t.Fatalf("the point %v does not appear; the chart says %q", value, b.text(`[data-name="loss/train"] .values`))
			}
			time.Sleep(10 * time.Millisecond)
		}
		best = min(best, time.Since(began))
	}
	t.Logf("a point is on the screen %v after it was logged", best)
	if best > 5*time.Second {
		t.Errorf("the quickest of thirty points came after %v", best)
	}
}

// records shows a precision-recall curve and a graph.
func (l *loggedRun) records(t *testing.T, b *browser) {
	body := `{"truePositives":[2,2,1,1,0],"falsePositives":[2,1,0,0,0],"trueNegatives":[0,1,2,2,2],"falseNegatives":[0,0,1,1,2],"precision":[0.5,0.6666666666666666,1,1,0],"recall":[1,1,0.5,0.5,0]}`
	err := l.store.Log(t.Context(), l.run, &track.Batch{Records: []track.Record{
		{Kind: track.PRCurve, Name: "pr", Step: 3, Body: []byte(body)},
		{Kind: track.Graph, Name: "keras", Step: -1, Body: []byte(`{"class_name":"Sequential","config":{"name":"net","layers":[{"class_name":"Dense","config":{"name":"dense","units":10}}]}}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.run("records", chromedp.Navigate(l.url+"training?tab=records"), visible(`.pr .curve`), visible(`.outline details[open] p`))
	if got := b.text(`.pr dd`); got != "0.8333" { // as scikit-learn's average_precision_score
		t.Errorf("the average precision is %q", got)
	}
	if got := b.text(`.outline details[open] p`); !strings.Contains(got, "dense") || !strings.Contains(got, "units 10") {
		t.Errorf("the layer is %q", got)
	}
}

// smooth looks at the smoothed loss, which the server tells.
func (l *loggedRun) smooth(t *testing.T, b *browser) {
	b.run("the smoothed loss", chromedp.Navigate(l.url+"training?find=loss&smooth=0.9"), visible(`[data-name="loss/train"] canvas`))
	asked := evaluate[bool](b, `return await until(() => performance.getEntriesByType('resource').some((e) => e.name.endsWith('/api/curves/smooth') && e.responseStatus === 200));`)
	if !asked {
		t.Error("the server is not asked for the smoothed loss")
	}
}

// waiting is what scripts wait with: until what has changed is on the screen,
// until something is so, which it returns, or is on the page.
const waiting = `
	const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
	const until = async (so) => {
		for (const end = performance.now() + 60_000; performance.now() < end; await new Promise((done) => setTimeout(done, 20))) {
			if (await so()) return true;
		}
		return false;
	};
	const found = async (selector) => {
		await until(() => document.querySelector(selector));
		return document.querySelector(selector);
	};`

// evaluate runs the body of a function in the page and returns what it returns.
func evaluate[T any](b *browser, body string, args ...any) T {
	b.t.Helper()
	script := "(async () => {" + waiting + fmt.Sprintf(body, args...) + "})()"
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return value
}
