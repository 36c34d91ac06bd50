package findings

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/logs"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// metricsOf logs curves and returns them as a run's metrics.
func metricsOf(t *testing.T, curves map[string][]float64) []Metric {
	t.Helper()
	s, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	r, err := s.CreateRun(t.Context(), track.Run{Project: "trial"})
	if err != nil {
		t.Fatal(err)
	}
	b := &track.Batch{}
	for name, values := range curves {
		m := track.Metric{Name: name}
		for i, v := range values {
			m.Points = append(m.Points, series.Point{Step: float64(10 * i), Time: int64(i + 1), Value: v})
		}
		b.Metrics = append(b.Metrics, m)
	}
	if err := s.Log(t.Context(), r, b); err != nil {
		t.Fatal(err)
	}
	return metricsIn(t, s, r)
}

func metricsIn(t *testing.T, s *track.Store, r *track.Run) []Metric {
	t.Helper()
	list, err := s.Curves(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var out []Metric
	for _, c := range list {
		out = append(out, Metric{s, c, role.Of(c.Name)})
	}
	return out
}

func judged(t *testing.T, metrics []Metric) *Verdict {
	t.Helper()
	v, err := Judge(t.Context(), metrics, Options{Patience: 5})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *Verdict) find(k Kind) *Finding {
	for i := range v.Findings {
		if v.Findings[i].Kind == k {
			return &v.Findings[i]
		}
	}
	return nil
}

// TestNonFiniteOrigin names the first metric that breaks, its step, and what came
// before it.
func TestNonFiniteOrigin(t *testing.T) {
	const n = 300
	loss, norm, lr, acc := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		loss[i], norm[i], lr[i], acc[i] = 2/(1+float64(i)/50), 1, 0.1, float64(i)/n
		switch {
		case i >= 200:
			loss[i], norm[i], acc[i] = math.NaN(), math.NaN(), 0.1
		case i == 199:
			norm[i] = 5000
		}
	}
	f := judged(t, metricsOf(t, map[string][]float64{"train/loss": loss, "train/grad_norm": norm, "train/lr": lr, "val/acc": acc})).find(KindNonFinite)
	if f == nil {
		t.Fatal("it is not found")
	}
	if f.Severity != Failure || f.Metric != "train/loss" || f.Step != 2000 {
		t.Errorf("%+v", f)
	}
	for _, want := range []string{"train/loss is NaN at step 2,000", "first of 100 values", "of 300", "train/grad_norm (step 2,000)", "train/grad_norm was 5,000 at step 1,990 (usual before: 1)", "train/lr was 0.1"} {
		if !strings.Contains(f.Text, want) {
			t.Errorf("%q lacks %q", f.Text, want)
		}
	}
	loss[200] = math.Inf(1) // and comes back
	for i := 201; i < n; i++ {
		loss[i] = 0.5
	}
	f = judged(t, metricsOf(t, map[string][]float64{"loss": loss})).find(KindNonFinite)
	if f == nil || f.Severity != Warning || !strings.Contains(f.Text, "∞ at step 2,000, and finite at all other steps") {
		t.Errorf("one infinite value: %+v", f)
	}
}

// TestTrainersSummary: the one train_loss that Hugging Face's Trainer logs when it
// ends does not stand in for the loss that it logged all along.
func TestTrainersSummary(t *testing.T) {
	var loss, val []float64
	for i := range 60 {
		x := float64(i)
		loss = append(loss, 2*math.Exp(-x/15))
		val = append(val, 2*math.Exp(-x/8)+x/40)
	}
	v := judged(t, metricsOf(t, map[string][]float64{"loss": loss, "eval_loss": val, "train_loss": {0.7}}))
	if f := v.find(KindOverfitting); f == nil || !strings.Contains(f.Text, "loss goes on") {
		t.Errorf("the findings are %+v", v.Findings)
	}
}

// TestSpikeOfMany tells the step of a spike among a hundred thousand points, and
// the value just before a loss breaks.
func TestSpikeOfMany(t *testing.T) {
	loss := make([]float64, 100_000)
	for i := range loss {
		loss[i] = 1 + 0.01*math.Sin(float64(i*i)) + float64(i)/1e7
	}
	loss[60_007], loss[99_997], loss[99_998] = 50, 7.25, math.NaN()
	v := judged(t, metricsOf(t, map[string][]float64{"loss": loss}))
	if f := v.find(KindSpikes); f == nil || f.Step != 600_070 || !strings.Contains(f.Text, "50 at step 600,070") {
		t.Errorf("the spike: %+v", f)
	}
	if f := v.find(KindNonFinite); f == nil || !strings.Contains(f.Text, "loss was 7.25 at step 999,970") {
		t.Errorf("before it broke: %+v", f)
	}
}

func TestWarmUp(t *testing.T) {
	var warm, cosine, flat []float64
	for i := range 100 {
		x := float64(i)
		warm = append(warm, math.Min(x/20, 1)*1e-3)
		cosine = append(cosine, 1e-3*(1+math.Cos(x/100*math.Pi))/2)
		flat = append(flat, 1e-3)
	}
	if f := judged(t, metricsOf(t, map[string][]float64{"lr": warm})).find(KindWarmUp); f == nil || f.Step != 200 {
		t.Errorf("%+v", f)
	}
	for name, lr := range map[string][]float64{"falling": cosine, "flat": flat} {
		if f := judged(t, metricsOf(t, map[string][]float64{"lr": lr})).find(KindWarmUp); f != nil {
			t.Errorf("a rate that is %s warms up: %+v", name, f)
		}
	}
	if f := judged(t, metricsOf(t, map[string][]float64{"lr": warm[:15]})).find(KindWarmUp); f == nil || !strings.Contains(f.Text, "within its warm-up") {
		t.Errorf("not over: %+v", f)
	}
}

func seriesOf(y ...float64) Series {
	s := Series{Name: "loss", Mean: y, Max: y}
	for i := range y {
		s.Step, s.Count = append(s.Step, float64(i)), append(s.Count, 1)
	}
	return s
}

// TestStops follows the rules by hand: the smoothed validation falls up to
// evaluation 4 and then rises by a tenth of the best each time.
func TestStops(t *testing.T) {
	var val, train []float64
	for i := range 40 {
		x := float64(i)
		train = append(train, 1/(1+x))
		if i <= 4 {
			val = append(val, 2-0.2*x)
		} else {
			val = append(val, 1.2+0.12*(x-4))
		}
	}
	v := make([]float64, len(val))
	sum, mass := 0.0, 0.0
	best := 0
	for i, y := range val {
		sum, mass = sum/2+y, mass/2+1
		if v[i] = sum / mass; v[i] < v[best] {
			best = i
		}
	}
	first := func(stop func(i int) bool) float64 {
		for i := range v {
			if stop(i) {
				return float64(i)
			}
		}
		return -1
	}
	least := func(i int) float64 { return v[argmin(v[:i+1])] }
	for rule, want := range map[Rule]float64{
		Patience: float64(best + 7),
		GL:       first(func(i int) bool { return v[i] > 1.05*least(i) }),
		UP: first(func(i int) bool {
			return i >= 15 && (i+1)%5 == 0 && v[i] > v[i-5] && v[i-5] > v[i-10] && v[i-10] > v[i-15]
		}),
		PQ: first(func(i int) bool {
			if (i+1)%5 != 0 {
				return false
			}
			strip := train[i-4 : i+1]
			progress := 1000 * (curve.Mean(strip)/strip[4] - 1)
			return 100*(v[i]/least(i)-1)/progress > 1
		}),
	} {
		got, ok := StopBy(rule, seriesOf(train...), seriesOf(val...), 7)
		if ok != (want >= 0) || ok && (got.Step != want || got.BestStep != float64(argmin(v[:int(want)+1]))) {
			t.Errorf("%s stops at %+v, %v; want %v", rule, got, ok, want)
		}
	}
	if s, ok := StopBy(Patience, Series{}, seriesOf(5, 4, 3, 2, 1), 2); ok {
		t.Errorf("what gets better is stopped: %+v", s)
	}
}

func TestSpikesAreFoundExactly(t *testing.T) {
	y := make([]float64, 1000)
	for i := range y {
		y[i] = 1 + 0.01*math.Sin(float64(i*i))
	}
	y[300], y[301], y[700] = 5, 4, 2.5
	for i := 900; i < 1000; i++ {
		y[i] = 6 // a level that stays is no spike
	}
	got := FindSpikes(seriesOf(y...))
	if len(got) != 2 || got[0].Step != 300 || got[0].Value != 5 || got[1].Step != 700 {
		t.Errorf("%+v", got)
	}
}

// TestRealLogs: trainings of others, whose curves were looked at by eye.
func TestRealLogs(t *testing.T) {
	for _, tt := range []struct {
		log   string
		found Kind // "" for none above a note
		low   float64
		high  float64 // the steps at which it may begin
	}{
		{"keras-csvlogger", KindOverfitting, 1, 4},
		{"hf-trainer", KindOverfitting, 401, 1203},
		{"tb-wandb-testassets", "", 0, 0},
	} {
		path := shared.Dir(t, "data/training-logs/"+tt.log)
		l, err := logs.Open(t.Context(), []string{path}, logs.Options{Folder: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		runs, err := l.Runs(t.Context())
		if err != nil || len(runs) != 1 {
			t.Fatalf("%s: %d runs, %v", tt.log, len(runs), err)
		}
		v := judged(t, metricsIn(t, runs[0].Store, runs[0].Run))
		if tt.found == "" {
			if v.Severity() > Note {
				t.Errorf("%s: %+v", tt.log, v.Findings)
			}
		} else if f := v.find(tt.found); f == nil || f.Severity != Warning || f.Step < tt.low || f.Step > tt.high {
			t.Errorf("%s: %+v of %+v", tt.log, f, v.Findings)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
