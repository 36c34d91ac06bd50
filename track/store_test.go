package track

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t testing.TB, s *Store, id string) *Run {
	t.Helper()
	r, err := s.CreateRun(context.Background(), Run{ID: id, Project: "p", Title: "a run"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ramp is n points from a step on, whose values follow from their steps.
func ramp(from, n int) []series.Point {
	out := make([]series.Point, n)
	for i := range out {
		out[i] = series.Point{Step: float64(from + i), Time: int64(1e15) + int64(from+i), Value: valueAt(from + i)}
	}
	return out
}

func valueAt(step int) float64 { return math.Sin(float64(step)) }

// points returns all points of a curve.
func points(t testing.TB, s *Store, c Curve) []series.Point {
	t.Helper()
	var out []series.Point
	err := s.EachPoints(context.Background(), c, func(some []series.Point) error {
		out = append(out, some...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func curve(t testing.TB, s *Store, r *Run, name string) Curve {
	t.Helper()
	c, err := s.Curve(context.Background(), r, name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkRamp expects the points of a ramp from step 0 on.
func checkRamp(t testing.TB, s *Store, c Curve, n int) {
	t.Helper()
	got := points(t, s, c)
	if len(got) != n || c.Points != int64(n) {
		t.Fatalf("%s has %d points and says %d, want %d", c.Name, len(got), c.Points, n)
	}
	for i, p := range got {
		if p.Step != float64(i) || p.Value != valueAt(i) {
			t.Fatalf("point %d of %s is %v", i, c.Name, p)
		}
	}
	total, ok, err := s.Sum(context.Background(), c)
	if err != nil || ok != (n > 0) || total.Count != int64(n) {
		t.Fatalf("%s in sum is %+v, %v", c.Name, total, err)
	}
}

// TestKept logs in portions of all sizes, with the store closed and opened in
// between, and reads while points lie in memory and after.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "runs.tomo")
	n := 0
	for round, portion := range []int{1, 255, 5000, 3, 20_000} {
		s := open(t, path)
		r := start(t, s, "one")
		for range 3 {
			b := &Batch{Metrics: []Metric{{"loss", ramp(n, portion)}, {"train/acc", ramp(n, portion)}}}
			if err := s.Log(t.Context(), r, b); err != nil {
				t.Fatal(err)
			}
			n += portion
			checkRamp(t, s, curve(t, s, r, "loss"), n)
		}
		checkRamp(t, s, curve(t, s, r, "train/acc"), n)
		w, err := s.Look(t.Context(), curve(t, s, r, "loss"), series.ByStep, 0, float64(n), 100)
		if err != nil || len(w.Buckets) == 0 || w.Before != nil || w.After != nil {
			t.Errorf("round %d: %+v, %v", round, w, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Log(t.Context(), r, &Batch{Metrics: []Metric{{"loss", ramp(n, 1)}}}); !errors.Is(err, ErrClosed) {
			t.Errorf("a closed store says %v", err)
		}
	}
}

// TestSettings keeps configurations, tags and records of a run.
func TestSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	r := start(t, s, "")
	if len(r.ID) != 32 || r.State != Running {
		t.Errorf("a new run is %+v", r)
	}
	for _, lr := range []float64{0.1, 0.01} {
		b := &Batch{Config: map[string]any{"lr": lr, "layers": []int{1, 2}}, Tags: map[string]string{"note": "日本語\n\"quoted\""},
			Records: []Record{{Kind: Text, Name: "log", Step: 3, Body: []byte("hello")}}}
		if err := s.Log(t.Context(), r, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.EndRun(t.Context(), r, Failed, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	again, err := s.Run(t.Context(), r.ID)
	if err != nil || again.State != Failed || again.Ended.IsZero() || again.Title != "a run" {
		t.Fatalf("%+v, %v", again, err)
	}
	config, err := s.Config(t.Context(), again)
	if err != nil || config["lr"] != 0.01 || fmt.Sprint(config["layers"]) != "[1 2]" {
		t.Errorf("the configuration is %v, %v", config, err)
	}
	tags, err := s.Tags(t.Context(), again)
	if err != nil || tags["note"] != "日本語\n\"quoted\"" {
		t.Errorf("the tags are %v, %v", tags, err)
	}
	if _, err := s.Run(t.Context(), "other"); !errors.Is(err, ErrNoRun) {
		t.Errorf("a run that is not there: %v", err)
	}
	if runs, err := s.Runs(t.Context(), "p"); err != nil || len(runs) != 1 {
		t.Errorf("%v, %v", runs, err)
	}
}

// TestAbsurd is what a training may log that nobody foresaw.
func TestAbsurd(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "odd ?&#% name.tomo"))
	defer s.Close()
	r := start(t, s, "one")
	odd := []series.Point{
		{Step: 5, Time: 100, Value: math.NaN()}, {Step: 5, Time: 50, Value: math.Inf(1)}, // twice a step, the clock going back
		{Step: -3.25, Value: math.Inf(-1)}, {Step: 1e300, Value: math.Copysign(0, -1)},
	}
	for _, name := range []string{"loss", " ", "a/b/../c", "'; DROP TABLE run; --", strings.Repeat("x", MaxName), "損失\t\n"} {
		if err := s.Log(t.Context(), r, &Batch{Metrics: []Metric{{name, odd}}}); err != nil {
			t.Errorf("%.20q: %v", name, err)
		}
		if got := points(t, s, curve(t, s, r, name)); len(got) != 4 || got[2].Time == 0 || !math.IsInf(got[1].Value, 1) {
			t.Errorf("%.20q: %v", name, got)
		}
	}
	if odd[2].Time != 0 {
		t.Error("the caller's points were changed")
	}
	for what, b := range map[string]*Batch{
		"no name":        {Metrics: []Metric{{"", odd}}},
		"a long name":    {Metrics: []Metric{{strings.Repeat("x", MaxName+1), odd}}},
		"no UTF-8":       {Metrics: []Metric{{"a\xff", odd}}},
		"no step":        {Metrics: []Metric{{"fine", odd}, {"loss", []series.Point{{Step: math.NaN()}}}}},
		"unknown kind":   {Records: []Record{{Kind: "smell", Name: "x"}}},
		"no JSON":        {Config: map[string]any{"f": func() {}}},
		"a nameless tag": {Tags: map[string]string{"": "x"}},
	} {
		if err := s.Log(t.Context(), r, b); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	curves, _ := s.Curves(t.Context(), r)
	if len(curves) != 6 {
		t.Errorf("a refused batch left something: %d metrics", len(curves))
	}
}

// TestWriters are eight at a time on one run.
func TestWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	r := start(t, s, "one")
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 50 {
				own := Metric{fmt.Sprint("of ", w), ramp(i*10, 10)}
				common := Metric{"common", []series.Point{{Step: float64(i), Value: float64(w)}}}
				if err := s.Log(context.Background(), r, &Batch{Metrics: []Metric{own, common}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	for w := range 8 {
		checkRamp(t, s, curve(t, s, r, fmt.Sprint("of ", w)), 500)
	}
	if c := curve(t, s, r, "common"); c.Points != 400 {
		t.Errorf("the common metric has %d points, want 400", c.Points)
	}
}

// TestOneProcess keeps a second store off the file, until the first is closed.
func TestOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrInUse) {
		t.Errorf("a second store: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
}

// TestForeign leaves alone what other programs have written, however it is called.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	database := filepath.Join(dir, "other.db")
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE mine (a); INSERT INTO mine VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"other.db": raw, "short.db": []byte("x"), "long.db": []byte(strings.Repeat("a text\n", 1000))} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(t.Context(), path); !errors.Is(err, ErrForeign) {
			t.Errorf("%s opens: %v, %v", name, s, err)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 3 {
		t.Errorf("the folder holds %v", left)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrForeign) {
		t.Errorf("a folder opens: %v", err)
	}
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := open(t, empty).Close(); err != nil || !IsStore(empty) {
		t.Errorf("an empty file is made a store: %v, %v", IsStore(empty), err)
	}
}

// TestLater refuses a file of a later version.
func TestLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	if _, err := s.writes.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "later version") {
		t.Errorf("a file of format 99: %v", err)
	}
}
