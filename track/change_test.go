package track

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/track/series"
)

// A wanted is what the metrics of a run should be, kept as plain slices.
type wanted map[string][]series.Point

func (w wanted) add(b *Batch) {
	for _, m := range b.Metrics {
		w[m.Name] = append(w[m.Name], m.Points...)
	}
}

func (w wanted) cut(step float64, names ...string) {
	for name, points := range w {
		if len(names) == 0 || slices.Contains(names, name) {
			w[name] = slices.DeleteFunc(slices.Clone(points), func(p series.Point) bool { return p.Step >= step })
		}
	}
}

// check compares points, summaries, and what charts show.
func (w wanted) check(t *testing.T, s *Store, run *Run, r *rand.Rand) {
	t.Helper()
	curves, err := s.Curves(t.Context(), run)
	if err != nil || len(curves) != len(w) {
		t.Fatalf("%d metrics, want %d: %v", len(curves), len(w), err)
	}
	for _, c := range curves {
		want := w[c.Name]
		if got := points(t, s, c); !slices.EqualFunc(got, want, same) {
			t.Fatalf("%s has %d points, want %d, or others", c.Name, len(got), len(want))
		}
		total, _, err := s.Sum(t.Context(), c)
		if err != nil || !alike(total, series.Summarize(want)) || !alike(c.Total, total) || c.Points != int64(len(want)) {
			t.Fatalf("%s in sum is %+v and %+v, want %+v: %v", c.Name, total, c.Total, series.Summarize(want), err)
		}
		for range 5 {
			low := r.Float64() * 50_000
			high := low + r.Float64()*r.Float64()*50_000
			columns := 1 + r.IntN(300)
			window, err := s.Look(t.Context(), c, series.ByStep, low, high, columns)
			if err != nil {
				t.Fatal(err)
			}
			inside := slices.DeleteFunc(slices.Clone(want), func(p series.Point) bool { return p.Step < low || p.Step > high })
			if !inOrder(window.Buckets, inside) && !sideBySide(window.Buckets, inside, (high-low)/float64(columns)) {
				t.Fatalf("%s from %v to %v in %d columns: %d buckets do not sum up %d points", c.Name, low, high, columns, len(window.Buckets), len(inside))
			}
		}
	}
}

// inOrder reports whether buckets sum up points as they came.
func inOrder(buckets []series.Summary, points []series.Point) bool {
	for _, b := range buckets {
		if b.Count > int64(len(points)) || !alike(b, series.Summarize(points[:b.Count])) {
			return false
		}
		points = points[b.Count:]
	}
	return len(points) == 0
}

// sideBySide reports whether buckets are what a chart shows of points that jump
// to and fro: one after the other along the axis, none wider than a column, all
// together of all points. Each has those that lie between its ends; where they
// lie between the ends of a neighbour too, either may have them.
func sideBySide(buckets []series.Summary, points []series.Point, width float64) bool {
	if slices.IsSortedFunc(points, func(a, b series.Point) int { return cmp.Compare(a.Step, b.Step) }) {
		return false
	}
	all, whole := series.Summary{}, series.Summarize(points)
	for i, b := range buckets {
		if i > 0 && b.MinStep <= buckets[i-1].MinStep || b.MaxStep-b.MinStep > width {
			return false
		}
		between := slices.DeleteFunc(slices.Clone(points), func(p series.Point) bool { return p.Step < b.MinStep || p.Step > b.MaxStep })
		alone := slices.DeleteFunc(slices.Clone(between), func(p series.Point) bool {
			return i > 0 && p.Step <= buckets[i-1].MaxStep || i+1 < len(buckets) && p.Step >= buckets[i+1].MinStep
		})
		if most, least := series.Summarize(between), series.Summarize(alone); !lies(b, most) || !lies(least, b) || b.MinStep != most.MinStep || b.MaxStep != most.MaxStep {
			return false
		}
		all.Count, all.NonFinite, all.Sum = all.Count+b.Count, all.NonFinite+b.NonFinite, all.Sum+b.Sum
	}
	return all.Count == whole.Count && all.NonFinite == whole.NonFinite && math.Abs(all.Sum-whole.Sum) <= 1e-9*float64(1+whole.Count)
}

// lies reports whether a may be of some of the points of b.
func lies(a, b series.Summary) bool {
	return a.Count == 0 || a.Count <= b.Count && a.NonFinite <= b.NonFinite && a.Min >= b.Min && a.Max <= b.Max
}

func same(a, b series.Point) bool {
	return a.Step == b.Step && a.Time == b.Time && math.Float64bits(a.Value) == math.Float64bits(b.Value)
}

// alike compares all but the last digits of the sum, whose order differs. NaN is
// like NaN.
func alike(a, b series.Summary) bool {
	if math.Abs(a.Sum-b.Sum) > 1e-9*float64(1+b.Count) {
		return false
	}
	if math.IsNaN(a.First) != math.IsNaN(b.First) || math.IsNaN(a.Last) != math.IsNaN(b.Last) {
		return false
	}
	for _, s := range []*series.Summary{&a, &b} {
		s.Sum = 0
		for _, v := range []*float64{&s.First, &s.Last} {
			if math.IsNaN(*v) {
				*v = 0
			}
		}
	}
	return a == b
}

// portion is points that go on behind those of a metric, and now and then back.
func portion(r *rand.Rand, have []series.Point) []series.Point {
	out := make([]series.Point, 1+r.IntN(1+r.IntN(1+r.IntN(12_000))))
	step := 0.0
	if len(have) > 0 {
		step = have[len(have)-1].Step + 1
	}
	for i := range out {
		switch r.IntN(2000) {
		case 0:
			step = r.Float64() * 50_000
		case 1:
			out[i].Value = math.NaN()
		default:
			out[i].Value = r.NormFloat64()
		}
		out[i].Step, out[i].Time = step, int64(1e15)+r.Int64N(1e9)
		step++
	}
	return out
}

// TestChanges logs, imports, cuts, writes and opens again in any order, and
// compares with slices.
func TestChanges(t *testing.T) {
	seeds, rounds := uint64(4), 60
	if testing.Short() {
		seeds, rounds = 2, 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 9))
			path := filepath.Join(t.TempDir(), "runs.tomo")
			s := open(t, path)
			defer func() { s.Close() }()
			run, want := start(t, s, "one"), wanted{}
			for range rounds {
				b := &Batch{}
				for m := range 1 + r.IntN(3) {
					name := fmt.Sprint("metric ", m)
					b.Metrics = append(b.Metrics, Metric{name, portion(r, want[name])})
				}
				var err error
				step := r.Float64() * 50_000
				switch r.IntN(8) {
				case 0, 1, 2:
					err = s.Log(t.Context(), run, b)
					want.add(b)
				case 3:
					err = s.Import(t.Context(), &Piece{Run: run, Batch: *b}, &Piece{Run: run, Batch: Batch{Metrics: slices.Clone(b.Metrics)}})
					want.add(b)
					want.add(b)
				case 4:
					err = s.Import(t.Context(), &Piece{Run: run, Batch: *b}, &Piece{Run: run, Cut: &step})
					want.add(b)
					want.cut(step)
				case 5:
					err = s.Cut(t.Context(), run, step, "metric 1")
					want.cut(step, "metric 1")
				case 6:
					err = s.submit(t.Context(), &entry{change: func(t *transaction) error { t.flush = true; return nil }})
				case 7:
					err = s.Close()
					s = open(t, path)
				}
				if err != nil {
					t.Fatal(err)
				}
				want.check(t, s, run, r)
			}
		})
	}
}

// TestCutRecords takes those at and after a step.
func TestCutRecords(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.tomo"))
	defer s.Close()
	r := start(t, s, "one")
	b := &Batch{}
	for i := range 10 {
		b.Records = append(b.Records, Record{Kind: Text, Name: "log", Step: float64(i), Body: fmt.Append(nil, i)})
	}
	if err := s.Log(t.Context(), r, b); err != nil {
		t.Fatal(err)
	}
	for _, cut := range []struct {
		step  float64
		names []string
		left  int
	}{{20, nil, 10}, {3, []string{"loss"}, 10}, {7, nil, 7}, {-1, nil, 0}} {
		if err := s.Cut(t.Context(), r, cut.step, cut.names...); err != nil {
			t.Fatal(err)
		}
		if heads, err := s.Records(t.Context(), r, Text, "log", 0, 0); err != nil || len(heads) != cut.left {
			t.Errorf("cut at %v: %d records, %v", cut.step, len(heads), err)
		}
	}
}

// TestSources keeps the state of an importer with its piece, or neither.
func TestSources(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.tomo")
	s, err := OpenIndex(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, s, "one")
	if state, err := s.SourceState(t.Context(), "a file"); state != nil || err != nil {
		t.Errorf("%q, %v", state, err)
	}
	good := &Piece{Run: r, Batch: Batch{Metrics: []Metric{{"loss", ramp(0, 5000)}}}, Source: "a file", State: []byte("to 5000")}
	bad := &Piece{Run: r, Batch: Batch{Config: map[string]any{"f": func() {}}}}
	if err := s.Import(t.Context(), good, bad); !errors.Is(err, ErrRefused) {
		t.Errorf("a bad piece: %v", err)
	}
	if state, _ := s.SourceState(t.Context(), "a file"); state != nil {
		t.Errorf("a refused piece left %q", state)
	}
	if err := s.Import(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	if state, err := s.SourceState(t.Context(), "a file"); string(state) != "to 5000" || err != nil {
		t.Errorf("%q, %v", state, err)
	}
	checkRamp(t, s, curve(t, s, r, "loss"), 5000)
}

// TestTwice keeps a batch once, however often it is sent.
func TestTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.tomo")
	s := open(t, path)
	r, other := start(t, s, "one"), start(t, s, "other")
	for round := range 3 {
		for _, run := range []*Run{r, other} {
			b := &Batch{ID: "first", Metrics: []Metric{{"loss", ramp(0, 10)}}, Records: []Record{{Kind: Text, Name: "log", Body: []byte("x")}}}
			if err := s.Log(t.Context(), run, b); err != nil {
				t.Fatal(err)
			}
			checkRamp(t, s, curve(t, s, run, "loss"), 10)
			if heads, err := s.Records(t.Context(), run, Text, "log", 0, 0); len(heads) != 1 || err != nil {
				t.Errorf("round %d: %d records, %v", round, len(heads), err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, path)
	}
	defer s.Close()
	if err := s.Log(t.Context(), r, &Batch{ID: "second", Metrics: []Metric{{"loss", ramp(10, 10)}}}); err != nil {
		t.Fatal(err)
	}
	checkRamp(t, s, curve(t, s, r, "loss"), 20)
}

// TestWait wakes who waits for a run, and for any.
func TestWait(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "runs.tomo"))
	defer s.Close()
	r, other := start(t, s, "one"), start(t, s, "other")
	ofRun, ofAny := s.Changed(r), s.Changed(nil)
	woken := make(chan uint64, 2)
	wait := func(run *Run, since uint64) {
		n, err := s.Wait(context.Background(), run, since)
		if err != nil {
			t.Error(err)
		}
		woken <- n
	}
	go wait(nil, ofAny)
	if err := s.Log(t.Context(), other, &Batch{Metrics: []Metric{{"loss", ramp(0, 1)}}}); err != nil {
		t.Fatal(err)
	}
	<-woken
	if s.Changed(r) != ofRun {
		t.Error("a run changed when another did")
	}
	go wait(r, ofRun)
	if err := s.Log(t.Context(), r, &Batch{Metrics: []Metric{{"loss", ramp(0, 1)}}}); err != nil {
		t.Fatal(err)
	}
	if n := <-woken; n != s.Changed(r) || n == ofRun {
		t.Errorf("woken by %d, and it is %d", n, s.Changed(r))
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := s.Wait(ended, r, s.Changed(r)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
