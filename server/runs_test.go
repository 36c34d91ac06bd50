package server

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// newRunBench is a server with a store of two runs: "a" with a loss of 5,000
// points, of which one is a spike and one is no number, and "b" with another
// curve of three.
func newRunBench(t *testing.T) (*bench, *track.Store) {
	t.Helper()
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	loss := make([]series.Point, 5000)
	for i := range loss {
		loss[i] = series.Point{Step: float64(i), Time: int64(i+1) * 1e6, Value: 1 / float64(i+1)}
	}
	loss[1234].Value, loss[2000].Value = 99, math.NaN()
	fill(t, store, "a", &track.Batch{Metrics: []track.Metric{{Name: "loss/train", Points: loss}}, Config: map[string]any{"lr": 0.1, "layers": []any{1.0, 2.0}}, Tags: map[string]string{"by": "me"}})
	fill(t, store, "b", &track.Batch{Metrics: []track.Metric{{Name: "accuracy", Points: loss[:3]}}})
	return newBench(t, func(o *Options) { o.Runs = store }), store
}

func fill(t *testing.T, store *track.Store, id string, b *track.Batch) {
	t.Helper()
	run, err := store.CreateRun(t.Context(), track.Run{ID: id, Project: "p"})
	if err == nil {
		err = store.Log(t.Context(), run, b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type runAnswer struct {
	Of   string
	Last int64
	Runs []struct {
		ID, State      string
		Config         map[string]any
		Tags           map[string]string
		Curves, Points int
		Gone           bool
	}
}

func (a runAnswer) ids() string {
	out := ""
	for _, r := range a.Runs {
		out += r.ID
	}
	return out
}

// TestRunList asks again only for what has changed.
func TestRunList(t *testing.T) {
	b, store := newRunBench(t)
	var all runAnswer
	b.read("/api/runs", &all)
	if all.ids() != "ba" {
		t.Fatalf("runs %q, the latest first", all.ids())
	}
	a := all.Runs[1]
	if a.Curves != 1 || a.Points != 5000 || a.State != "running" || a.Config["lr"] != 0.1 || a.Config["layers"] != "[1 2]" || a.Tags["by"] != "me" {
		t.Errorf("%+v", a)
	}
	later := func(of string, after int64) (a runAnswer) {
		b.read(fmt.Sprintf("/api/runs?of=%s&after=%d", of, after), &a)
		return a
	}
	if got := later(all.Of, all.Last); got.ids() != "" || got.Last != all.Last {
		t.Errorf("nothing has changed, and the answer is %+v", got)
	}
	if got := later("another", all.Last); got.ids() != "ba" {
		t.Errorf("to who knows another server: %+v", got)
	}
	fill(t, store, "b", &track.Batch{Metrics: []track.Metric{{Name: "accuracy", Points: []series.Point{{Step: 3, Value: 1}}}}})
	if got := later(all.Of, all.Last); got.ids() != "b" || got.Runs[0].Points != 4 {
		t.Errorf("a run has grown, and the answer is %+v", got)
	}
	all = later(all.Of, all.Last)
	gone, err := store.Run(t.Context(), "a")
	if err == nil {
		err = store.PurgeRun(t.Context(), gone)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := later(all.Of, all.Last); got.ids() != "a" || !got.Runs[0].Gone {
		t.Errorf("a run was deleted, and the answer is %+v", got)
	}
}

// TestClosedRuns asks a server whose runs were closed, as they are when it ends.
func TestClosedRuns(t *testing.T) {
	b, store := newRunBench(t)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := b.do("GET", "/api/runs", ""); status != 503 || !strings.Contains(body, "Tomo is being closed") || strings.Contains(body, "bug") {
		t.Errorf("it answers %d: %s", status, body)
	}
}

// TestFirstRun begins with no runs at all.
func TestFirstRun(t *testing.T) {
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := newBench(t, func(o *Options) { o.Runs = store })
	stream := b.stream("/api/runs/events")
	expect(t, stream, "event: from", "data: 0")
	fill(t, store, "a", &track.Batch{})
	expect(t, stream, "event: grown", `"runs":{"a":1}`)
}

// TestRunEvents tells of a run that grows, and of no other.
func TestRunEvents(t *testing.T) {
	b, store := newRunBench(t)
	stream := b.stream("/api/runs/events")
	expect(t, stream, "event: from", "data: 2")
	fill(t, store, "b", &track.Batch{Metrics: []track.Metric{{Name: "accuracy", Points: []series.Point{{Step: 3, Value: 1}}}}})
	expect(t, stream, "event: grown", `"runs":{"b":3}`)
}

func TestCurveNames(t *testing.T) {
	b, _ := newRunBench(t)
	for _, c := range []struct{ ask, want string }{
		{`{"runs":["a","b"]}`, `{"names":[{"name":"accuracy","runs":1},{"name":"loss/train","runs":1}],"of":2,"reach":{`},
		{`{"runs":["a","b"]}`, `"step":[0,4999],"wall":[1,5000]},"total":2}`},
		{`{"runs":["a","b"],"pattern":"cc"}`, `"step":[0,2],"wall":[1,3]},"total":1}`},
		{`{"runs":["a","b"],"most":1}`, `{"names":[{"name":"accuracy","runs":1}],"of":2,"reach":{`},
		{`{"runs":["a","b"],"pattern":"^loss/.*n$"}`, `{"names":[{"name":"loss/train","runs":1}],"of":2,"reach":{"relative":[`},
		{`{"runs":[]}`, `{"names":[],"of":0,"reach":{},"total":0}`},
		{`{"runs":["a"],"pattern":"("}`, `"kind":"user"`},
		{`{"runs":["absent"]}`, `"kind":"notfound"`},
	} {
		if _, body, _ := b.do("POST", "/api/curves/names", c.ask); !strings.Contains(body, c.want) {
			t.Errorf("%s: %s, want %s", c.ask, body, c.want)
		}
	}
}

func TestCurveSums(t *testing.T) {
	b, _ := newRunBench(t)
	_, body, _ := b.do("POST", "/api/curves/sums", `{"runs":["a","b"],"names":["loss/train"]}`)
	if want := `[[{"points":5000,"bad":1,"last":0.0002,"min":0.0002,"max":99}],[null]]`; body != want {
		t.Errorf("%s, want %s", body, want)
	}
}

// TestLoggedAnew reads the values of a run that was cut and logged again with as
// many points.
func TestLoggedAnew(t *testing.T) {
	b, store := newRunBench(t)
	ask := func() string {
		_, body, _ := b.do("POST", "/api/curves/sums", `{"runs":["b"],"names":["accuracy"]}`)
		return body
	}
	var before, after runAnswer
	b.read("/api/runs", &before)
	old := ask()
	run, err := store.Run(t.Context(), "b")
	if err == nil {
		err = store.Cut(t.Context(), run, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	again := []series.Point{{Step: 0, Value: 7}, {Step: 1, Value: 8}, {Step: 2, Value: 9}}
	fill(t, store, "b", &track.Batch{Metrics: []track.Metric{{Name: "accuracy", Points: again}}})
	if got, want := ask(), `[[{"points":3,"last":9,"min":7,"max":9}]]`; got != want {
		t.Errorf("%s, want %s; before, it was %s", got, want, old)
	}
	if b.read("/api/runs", &after); after.Last == before.Last {
		t.Error("the run was logged anew, and nobody is told")
	}
}

// TestRecordsAreNews tells watchers of a run to which only a text was added.
func TestRecordsAreNews(t *testing.T) {
	b, store := newRunBench(t)
	var before, after runAnswer
	b.read("/api/runs", &before)
	fill(t, store, "b", &track.Batch{Records: []track.Record{{Kind: track.Text, Name: "sample", Body: []byte("a word")}}})
	if b.read("/api/runs", &after); after.Last == before.Last {
		t.Error("a text was logged, and nobody is told")
	}
}

// TestLookIsRepeated lists the runs again after a request that ended too early.
func TestLookIsRepeated(t *testing.T) {
	_, store := newRunBench(t)
	c := newCatalog(nil, func(ctx context.Context) (out []viz.Run, err error) {
		runs, err := store.Runs(ctx, "")
		for _, r := range runs {
			out = append(out, viz.Run{Store: store, Run: r})
		}
		return out, err
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.refresh(gone); err == nil {
		t.Fatal("a request that has ended reads the runs")
	}
	if err := c.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if cards, _ := c.since(0); len(cards) != 2 {
		t.Errorf("%d runs, want 2", len(cards))
	}
}

// TestWindowsOfGreatSteps draws what can be drawn beside a curve that reaches
// further than numbers do.
func TestWindowsOfGreatSteps(t *testing.T) {
	b, store := newRunBench(t)
	fill(t, store, "b", &track.Batch{Metrics: []track.Metric{{Name: "far", Points: []series.Point{{Step: -1e308}, {Step: 1e308}}}}})
	got := b.windows(`{"axis":"step","columns":10,"curves":[{"run":"b","name":"far"},{"run":"b","name":"accuracy"},{"run":"b","name":"far","low":-8e307,"high":9e307}]}`)
	if got[0].kind != 0 || got[1].kind != 1 || got[1].n != 3 || got[2].n != 0 {
		t.Errorf("%+v", got)
	}
}

// A seen is a curve as the app reads it.
type seen struct {
	kind, n int
	head    [8]float64
	columns [][]float64
}

func (b *bench) windows(ask string) map[int]seen { return b.curves("/api/curves/windows", ask) }

func (b *bench) curves(path, ask string) map[int]seen {
	b.t.Helper()
	status, body, _ := b.do("POST", path, ask)
	if status != 200 {
		b.t.Fatalf("%s: %d %s", ask, status, body)
	}
	all := make([]float64, len(body)/8)
	if _, err := binary.Decode([]byte(body), binary.LittleEndian, all); err != nil {
		b.t.Fatal(err)
	}
	out := map[int]seen{}
	for len(all) > 0 {
		var s seen
		copy(s.head[:], all)
		s.kind, s.n, all = int(all[1]), int(all[2]), all[8:]
		for range []int{0, 2, 8, 2, 5}[s.kind] {
			s.columns, all = append(s.columns, all[:s.n]), all[s.n:]
		}
		out[int(s.head[0])] = s
	}
	return out
}

// TestWindows looks at a spike from afar and at the points around it.
func TestWindows(t *testing.T) {
	b, _ := newRunBench(t)
	got := b.windows(`{"axis":"step","columns":100,"curves":[{"run":"a","name":"loss/train"},{"run":"b","name":"accuracy"},{"run":"b","name":"absent"},{"run":"absent","name":"x"}]}`)
	if len(got) != 4 || got[2].kind != 0 || got[3].kind != 0 {
		t.Fatalf("%d curves", len(got))
	}
	far := got[0]
	if far.kind != 2 || far.n > 200 || far.head[3] != 5000 {
		t.Fatalf("from afar: kind %d, %d buckets, %v points", far.kind, far.n, far.head[3])
	}
	count, bad, most := 0.0, 0.0, 0.0
	for i := range far.n {
		count, bad, most = count+far.columns[2][i], bad+far.columns[3][i], max(most, far.columns[5][i])
	}
	if count != 5000 || bad != 1 || most != 99 {
		t.Errorf("from afar: %v points, %v of them bad, the greatest %v", count, bad, most)
	}
	if short := got[1]; short.kind != 1 || fmt.Sprint(short.columns) != "[[0 1 2] [1 0.5 0.3333333333333333]]" {
		t.Errorf("three points: %+v", short)
	}
	near := b.windows(`{"axis":"step","columns":100,"curves":[{"run":"a","name":"loss/train","low":1233,"high":1235.5}]}`)[0]
	if fmt.Sprint(near.columns) != fmt.Sprint([][]float64{{1233, 1234, 1235}, {1 / 1234.0, 99, 1 / 1236.0}}) {
		t.Errorf("around the spike: %v", near.columns)
	}
	if near.head[4] != 1232 || near.head[5] != 1/1233.0 || near.head[6] != 1236 || near.head[7] != 1/1237.0 {
		t.Errorf("the points outside: %v", near.head)
	}
	wall := b.windows(`{"axis":"wall","columns":100,"curves":[{"run":"a","name":"loss/train","low":3,"high":4}]}`)[0]
	if fmt.Sprint(wall.columns) != fmt.Sprint([][]float64{{3, 4}, {1 / 3.0, 1 / 4.0}}) {
		t.Errorf("by time: %v", wall.columns)
	}
}

func TestWindowsRefused(t *testing.T) {
	b, _ := newRunBench(t)
	for _, ask := range []string{
		`{"axis":"depth","columns":10}`, `{"axis":"step","columns":0}`, `{"axis":"step","columns":100000}`, `{"axis":"step","columns":10,"more":1}`, `[`,
		`{"axis":"step","columns":10,"curves":[{"run":"a","name":"loss/train","low":-1e308,"high":1e308}]}`,
		`{"axis":"wall","columns":10,"curves":[{"run":"a","name":"loss/train","low":-1e303,"high":1e303}]}`,
	} {
		status, body, _ := b.do("POST", "/api/curves/windows", ask)
		var f failure
		if err := json.Unmarshal([]byte(body), &f); err != nil || status != 400 || f.Kind != "user" {
			t.Errorf("%s: %d %s", ask, status, body)
		}
	}
}
