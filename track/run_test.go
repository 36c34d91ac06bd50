package track

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

// TestForks looks at runs that begin where others were, three deep.
func TestForks(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.tomo"))
	defer s.Close()
	r := rand.New(rand.NewPCG(4, 5))
	var want wanted
	parent := ""
	for depth, forked := range []float64{0, 9000, 15_500.5, 200} {
		run, err := s.CreateRun(t.Context(), Run{ID: fmt.Sprint("run ", depth), Project: "p", Parent: parent, Forked: forked})
		if err != nil {
			t.Fatal(err)
		}
		inherited := wanted{}
		for name, points := range want {
			kept := slices.DeleteFunc(slices.Clone(points), func(p series.Point) bool { return p.Step > forked })
			if len(kept) > 0 {
				inherited[name] = kept
			}
		}
		want, parent = inherited, run.ID
		b := &Batch{
			Metrics: []Metric{{"loss", portion(r, want["loss"])}, {fmt.Sprint("only ", depth), ramp(int(forked)+1, 5000)}},
			Records: []Record{{Kind: Text, Name: "log", Step: forked + 1, Body: []byte(run.ID)}},
		}
		for range 3 {
			b.Metrics = append(b.Metrics, Metric{"loss", portion(r, b.Metrics[len(b.Metrics)-1].Points)})
		}
		if err := s.Log(t.Context(), run, b); err != nil {
			t.Fatal(err)
		}
		want.add(b)
		want.check(t, s, run, r)
	}
	last, _ := s.Run(t.Context(), parent)
	heads, err := s.Records(t.Context(), last, Text, "log", 0, 0)
	if err != nil || len(heads) != 2 { // of the first run at step 1, and its own
		t.Errorf("%v, %v", heads, err)
	}
	first, _ := s.Run(t.Context(), "run 0")
	if err := s.PurgeRun(t.Context(), first); !errors.Is(err, ErrRefused) {
		t.Errorf("a run with forks was taken out: %v", err)
	}
	if _, err := s.CreateRun(t.Context(), Run{Project: "p", Parent: "nobody"}); !errors.Is(err, ErrNoRun) {
		t.Errorf("a fork of nothing: %v", err)
	}
}

// TestDeleted hides runs, shows them again, and takes them out.
func TestDeleted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	r, other := start(t, s, "one"), start(t, s, "other")
	for _, run := range []*Run{r, other} {
		if err := s.Log(t.Context(), run, &Batch{Metrics: []Metric{{"loss", ramp(0, 9000)}}}); err != nil {
			t.Fatal(err)
		}
	}
	count := func(inUse, all int) {
		t.Helper()
		runs, err := s.Runs(t.Context(), "p")
		both, err2 := s.AllRuns(t.Context(), "")
		if err := errors.Join(err, err2); err != nil || len(runs) != inUse || len(both) != all {
			t.Errorf("%d runs in use of %d, want %d of %d: %v", len(runs), len(both), inUse, all, err)
		}
	}
	hide := func(at time.Time) {
		t.Helper()
		r.Deleted = at
		if err := s.UpdateRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	hide(time.Now())
	count(1, 2)
	if again, err := s.Run(t.Context(), "one"); err != nil || again.Deleted.IsZero() {
		t.Errorf("%+v, %v", again, err)
	}
	hide(time.Time{})
	count(2, 2)
	if err := s.PurgeRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	count(1, 1)
	if err := s.Log(t.Context(), r, &Batch{Metrics: []Metric{{"loss", ramp(0, 1)}}}); !errors.Is(err, ErrNoRun) {
		t.Errorf("a run that was taken out was logged to: %v", err)
	}
	again := start(t, s, "one")
	if err := s.Log(t.Context(), again, &Batch{Metrics: []Metric{{"loss", ramp(0, 10)}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	checkRamp(t, s, curve(t, s, again, "loss"), 10)
	checkRamp(t, s, curve(t, s, other, "loss"), 9000)
	var parts int
	if err := s.db.QueryRow("SELECT count(*) FROM part").Scan(&parts); err != nil || parts != 3+4+1 { // three chunks below blocks of four levels; a chunk
		t.Errorf("%d parts are left, %v", parts, err)
	}
}

// TestUpdated changes what a run is called and belongs to.
func TestUpdated(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.tomo"))
	defer s.Close()
	r := start(t, s, "one")
	r.Project, r.Title, r.State = "q", "better", Killed
	if err := s.UpdateRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Run(t.Context(), "one"); err != nil || got.Project != "q" || got.Title != "better" || got.State != Killed {
		t.Errorf("%+v, %v", got, err)
	}
	r.State = "tired"
	if err := s.UpdateRun(t.Context(), r); !errors.Is(err, ErrRefused) {
		t.Errorf("an unknown state: %v", err)
	}
	if q, err := s.ProjectNamed(t.Context(), "q"); err != nil || q.ID == 0 {
		t.Errorf("%+v, %v", q, err)
	}
}

// TestManyNames lists thousands of metrics of one point each, by name.
func TestManyNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	r := start(t, s, "one")
	b, count := Batch{}, 12_345
	if testing.Short() {
		count = 1000
	}
	for i := range count {
		b.Metrics = append(b.Metrics, Metric{fmt.Sprintf("layer%d/weight", i), ramp(0, 1)})
	}
	if err := s.Import(t.Context(), &Piece{Run: r, Batch: b}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // from memory and from the file
		all, err := s.Curves(t.Context(), r)
		if len(all) != count || err != nil {
			t.Fatalf("%d metrics, %v", len(all), err)
		}
		if !slices.IsSortedFunc(all, func(a, b Curve) int { return strings.Compare(a.Name, b.Name) }) || all[3].Points != 1 {
			t.Errorf("not by name, or not of one point each: %+v", all[:4])
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, path)
	}
	s.Close()
}

// TestRecords lists names and steps, and reads bodies one at a time.
func TestRecords(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.tomo"))
	defer s.Close()
	r := start(t, s, "one")
	low, sum := -3.0, 4.0
	h := &HistogramBody{Edges: []float64{-1, 0, 0.5}, Counts: []float64{1, 7}, Min: &low, Sum: &sum}
	body, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b := &Batch{Records: []Record{
		{Kind: Image, Name: "input", Step: 2, Body: []byte{1, 2, 3}},
		{Kind: Text, Name: "log", Step: 5, Body: []byte("later")},
		{Kind: Text, Name: "log", Step: 1, Body: []byte("first \n\t line " + strings.Repeat("損失", 100))},
		{Kind: Histogram, Name: "weights", Step: 1, Body: body},
	}}
	if err := s.Log(t.Context(), r, b); err != nil {
		t.Fatal(err)
	}
	lists, err := s.RecordLists(t.Context(), r, "")
	if err != nil || fmt.Sprint(lists) != "[{histogram weights 1 1 1 4} {image input 1 2 2 1} {text log 2 1 5 2}]" {
		t.Errorf("%v, %v", lists, err)
	}
	heads, err := s.Records(t.Context(), r, Text, "log", 0, 0)
	if err != nil || len(heads) != 2 || heads[0].Step != 1 || heads[1].Brief != "later" || heads[1].Bytes != 5 {
		t.Fatalf("%v, %v", heads, err)
	}
	if brief := heads[0].Brief; !strings.HasPrefix(brief, "first line 損") || len([]rune(brief)) != briefRunes+1 {
		t.Errorf("in short %q", brief)
	}
	if text, err := s.RecordBody(t.Context(), heads[1]); string(text) != "later" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if some, err := s.Records(t.Context(), r, Text, "log", 1, 1); err != nil || len(some) != 1 || some[0] != heads[1] {
		t.Errorf("%v, %v", some, err)
	}
	weights, err := s.Records(t.Context(), r, Histogram, "weights", 0, 0)
	if err != nil || len(weights) != 1 || weights[0].Brief != "8 values from -3 to 0.5, mean 0.5" {
		t.Fatalf("%v, %v", weights, err)
	}
	raw, err := s.RecordBody(t.Context(), weights[0])
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseHistogram(raw); err != nil || *got.Min != low || got.Count() != 8 || got.Max != nil {
		t.Errorf("%+v, %v", got, err)
	}
	for what, body := range map[string]string{
		"no JSON": "x", "no edges": `{"counts":[1]}`, "backward": `{"edges":[1,0],"counts":[1]}`,
		"below zero": `{"edges":[0,1],"counts":[-1]}`, "too large": `{"edges":[0,1e999],"counts":[1]}`,
	} {
		if err := s.Log(t.Context(), r, &Batch{Records: []Record{{Kind: Histogram, Name: "h", Body: []byte(body)}}}); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := (&HistogramBody{Edges: []float64{0, math.Inf(1)}, Counts: []float64{1}}).Encode(); !errors.Is(err, ErrRefused) {
		t.Errorf("an edge that is not finite: %v", err)
	}
	if err := s.Log(t.Context(), r, &Batch{Records: []Record{{Kind: Text, Name: "t", Body: []byte("\xff")}}}); !errors.Is(err, ErrRefused) {
		t.Errorf("no UTF-8: %v", err)
	}
}

// TestUpdatesMeet: who changes one thing of a run leaves what others changed
// since it was read.
func TestUpdatesMeet(t *testing.T) {
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	defer s.Close()
	r := start(t, s, "r")
	p, err := s.ProjectNamed(ctx, r.Project)
	if err != nil {
		t.Fatal(err)
	}
	titled := *r
	titled.Title = "new"
	at := time.UnixMicro(5)
	if err := errors.Join(s.RenameProject(ctx, p, "renamed"), s.EndRun(ctx, r, Failed, at), s.UpdateRun(ctx, &titled)); err != nil {
		t.Fatal(err)
	}
	check := func(project, title string, state State) {
		t.Helper()
		now, err := s.Run(ctx, "r")
		if err != nil || now.Project != project || now.Title != title || now.State != state || !now.Ended.Equal(at) || !now.Deleted.IsZero() {
			t.Errorf("the run is %+v, %v; want %s, %s, %s", now, err, project, title, state)
		}
	}
	check("renamed", "new", Failed)
	titled.Title = r.Title // and back again
	if err := s.UpdateRun(ctx, &titled); err != nil {
		t.Fatal(err)
	}
	check("renamed", r.Title, Failed)
}

// TestRunsTell: whatever is changed of a run is told to who waits for it.
func TestRunsTell(t *testing.T) {
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	defer s.Close()
	r := start(t, s, "r")
	p, err := s.ProjectNamed(ctx, r.Project)
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func() error{
		"going on":         func() error { _, err := s.CreateRun(ctx, Run{ID: "r", Project: "p"}); return err },
		"another name":     func() error { return s.RenameProject(ctx, p, "renamed") },
		"deleted project":  func() error { return s.DeleteProject(ctx, p) },
		"restored project": func() error { return s.RestoreProject(ctx, p) },
	} {
		before := s.Changed(r)
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if s.Changed(r) == before {
			t.Errorf("%s: nothing is told", what)
		}
	}
}

// TestLineage forks as often as can be read again, and no oftener.
func TestLineage(t *testing.T) {
	ctx := t.Context()
	s, err := OpenIndex(ctx, filepath.Join(t.TempDir(), "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := start(t, s, "first")
	if err := s.Log(ctx, r, &Batch{Metrics: []Metric{{"x", ramp(0, 3)}}}); err != nil {
		t.Fatal(err)
	}
	forks := 0
	for ; forks < 2*maxLineage; forks++ {
		next, err := s.CreateRun(ctx, Run{Project: "p", Parent: r.ID, Forked: 5})
		if err != nil {
			if !errors.Is(err, ErrRefused) {
				t.Fatal(err)
			}
			break
		}
		r = next
	}
	checkRamp(t, s, curve(t, s, r, "x"), 3)
	if forks != maxLineage-1 {
		t.Errorf("%d forks, want %d", forks, maxLineage-1)
	}
}

// TestLockErrors tells a file in use from one that cannot be locked.
func TestLockErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	if err := os.Mkdir(path+".lock", 0o755); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), path); err == nil || errors.Is(err, ErrInUse) {
		t.Errorf("%v, %v", s, err)
	}
}

// TestForgottenBatches: IDs of batches without points are forgotten, too.
func TestForgottenBatches(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	defer s.Close()
	r := start(t, s, "r")
	old := func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO batch (id, run, name, at) VALUES (1, ?, 'old', 0), (?, ?, 'later', 0)", r.row, knownBatches+10, r.row)
		return err
	}
	if err := s.change(t.Context(), r.row, old); err != nil {
		t.Fatal(err)
	}
	if err := s.Log(t.Context(), r, &Batch{ID: "new", Tags: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	path := s.Path()
	if err := s.Close(); err != nil { // which flushes
		t.Fatal(err)
	}
	s = open(t, path)
	var known int
	if err := s.db.QueryRow("SELECT count(*) FROM batch").Scan(&known); err != nil || known != 2 {
		t.Errorf("%d batches are known, %v; want 2", known, err)
	}
}
