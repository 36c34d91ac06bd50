package gradients

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// logRun writes norms by layer and step, named by a function, into a store.
func logRun(t *testing.T, title string, layers, steps int, name func(layer int) string, norm func(layer, step int) float64) viz.Run {
	t.Helper()
	store, err := track.Open(t.Context(), filepath.Join(t.TempDir(), "runs.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	run, err := store.CreateRun(t.Context(), track.Run{Project: "tests", Title: title})
	if err != nil {
		t.Fatal(err)
	}
	b := &track.Batch{}
	for l := range layers {
		m := track.Metric{Name: name(l)}
		for s := range steps {
			m.Points = append(m.Points, series.Point{Step: float64(s), Time: 1, Value: norm(l, s)})
		}
		b.Metrics = append(b.Metrics, m)
	}
	if err := store.Log(t.Context(), run, b); err != nil {
		t.Fatal(err)
	}
	return viz.Run{Store: store, Run: run}
}

func own(l int) string       { return gradlog.Name(fmt.Sprintf("layers.%d.weight", l), gradlog.Norm) }
func lightning(l int) string { return fmt.Sprintf("grad_2.0_norm/layers.%d.weight", l) }

// steady is a healthy norm that goes up and down a little.
func steady(l, s int) float64 { return 0.5 + 0.2*math.Sin(float64(3*l+s)) }

// verdictOf is the text of the report on runs.
func verdictOf(t *testing.T, runs ...viz.Run) string {
	t.Helper()
	fig, err := Method.Run(t.Context(), &viz.Input{Runs: runs}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(fig.(*figure.Report).Sections[0].Text, "\n")
}

// TestLoggedVerdicts: what is wrong is found at the very step and layer, whatever
// the length of the log.
func TestLoggedVerdicts(t *testing.T) {
	const layers = 20
	for _, steps := range []int{100, 8_000} {
		at := steps * 5 / 8
		step := figure.Thousands(int64(at))
		for _, c := range []struct {
			what string
			norm func(l, s int) float64
			want []string
		}{
			{"steady", steady, []string{"Healthy"}},
			{"vanishing", func(l, s int) float64 { return steady(l, s) * math.Pow(10, 0.3*float64(l-layers)) },
				[]string{"Vanishing", "10^-", "between layers.17.weight and layers.2.weight"}},
			{"vanishing since a step", func(l, s int) float64 {
				if s < at {
					return steady(l, s)
				}
				return steady(l, s) * math.Pow(10, 0.3*float64(l-layers))
			}, []string{"Vanishing", "since step"}},
			{"exploding", func(l, s int) float64 {
				if s < at || s == at && l != 11 {
					return steady(l, s)
				}
				return steady(l, s) * 1e4
			}, []string{"Exploding", "At step " + step + " ", "first in layers.11.weight"}},
			{"a spike", func(l, s int) float64 {
				if s == at && l == 11 {
					return 1e4
				}
				return steady(l, s)
			}, []string{"Spiking", "At step " + step + " ", "first in layers.11.weight"}},
			{"NaN from a layer on", func(l, s int) float64 {
				if s > at || s == at && l <= 7 {
					return math.NaN()
				}
				return steady(l, s)
			}, []string{"Not finite", "first in layers.7.weight at step " + step, "8 of 20"}},
			{"infinite everywhere", func(l, s int) float64 {
				if s >= at {
					return math.Inf(1)
				}
				return steady(l, s)
			}, []string{"Not finite", "at step " + step, "came with the loss"}},
		} {
			for _, name := range []func(int) string{own, lightning} {
				got := verdictOf(t, logRun(t, "it", layers, steps, name, c.norm))
				for _, want := range c.want {
					if !strings.Contains(got, want) {
						t.Errorf("%s, %d steps, as %s: %q does not say %q", c.what, steps, name(0), got, want)
					}
				}
			}
		}
	}
}

// TestTotalAlone: of a run that logs one number, as Hugging Face's trainer does,
// the same is found as far as it can be.
func TestTotalAlone(t *testing.T) {
	for want, norm := range map[string]func(l, s int) float64{
		"Healthy": func(_, s int) float64 { return steady(0, s) },
		"Exploding: At step 700 the norm jumps, first in all gradients together": func(_, s int) float64 {
			if s < 700 {
				return steady(0, s)
			}
			return 1e3
		},
		"Not finite: The norm of all gradients is not finite at step 700": func(_, s int) float64 {
			if s < 700 {
				return steady(0, s)
			}
			return math.NaN()
		},
		"Clipped: The norm of all gradients is 1 in": func(_, s int) float64 { return min(1, 3*steady(0, s)) },
	} {
		run := logRun(t, "it", 1, 1000, func(int) string { return "train/grad_norm" }, norm)
		if got := verdictOf(t, run); !strings.Contains(got, want) {
			t.Errorf("%q does not say %q", got, want)
		}
		for _, view := range []string{"heatmap", "table"} {
			if _, err := Method.Run(t.Context(), &viz.Input{Runs: []viz.Run{run}}, viz.Values{"view": {view}}); !viz.IsUser(err) {
				t.Errorf("--view %s of one number gives %v", view, err)
			}
		}
	}
}

// TestHeatmapLosesNothing: the greatest norm of every step is in the heatmap,
// however few columns it has.
func TestHeatmapLosesNothing(t *testing.T) {
	const steps = 50_000
	run := logRun(t, "long", 3, steps, own, func(l, s int) float64 {
		if l == 1 && s == 31_415 {
			return 1e6
		}
		return steady(l, s)
	})
	fig, err := Method.Run(t.Context(), &viz.Input{Runs: []viz.Run{run}}, viz.Values{"view": {"heatmap"}})
	if err != nil {
		t.Fatal(err)
	}
	m := fig.(*figure.Matrix)
	if len(m.Columns) != mostColumns || len(m.Rows) != 3 {
		t.Fatalf("it has %d rows and %d columns", len(m.Rows), len(m.Columns))
	}
	k := 31_415 * mostColumns / (steps - 1)
	for r := range m.Rows {
		for c := range m.Columns {
			if spike := m.At(r, c) > 5; spike != (r == 1 && c == k) {
				t.Errorf("at row %d and column %d is %v", r, c, m.At(r, c))
			}
		}
	}
}

// TestOrder: rows are as they came, or as the run's settings list them.
func TestOrder(t *testing.T) {
	names := []string{"conv1.weight", "bn1.weight", "layer1.weight", "fc.weight"}
	run := logRun(t, "it", 4, 5, func(l int) string { return gradlog.Name(names[l], gradlog.Norm) }, steady)
	order := func() []string {
		j, err := openJournal(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range j.entries {
			got = append(got, e.parameter)
		}
		return got
	}
	if got := order(); !slices.Equal(got, names) {
		t.Errorf("as they came: %v", got)
	}
	list := func(names []string) {
		if err := run.Store.Log(t.Context(), run.Run, &track.Batch{Config: map[string]any{gradlog.OrderSetting: names}}); err != nil {
			t.Fatal(err)
		}
	}
	list([]string{"fc.weight", "layer1.weight"})
	if got, want := order(), []string{"fc.weight", "layer1.weight", "conv1.weight", "bn1.weight"}; !slices.Equal(got, want) {
		t.Errorf("where the settings list two of them: %v, want %v", got, want)
	}
	slices.Reverse(names)
	list(names)
	if got := order(); !slices.Equal(got, names) {
		t.Errorf("as the settings list them: %v, want %v", got, names)
	}
	j, err := openJournal(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range j.parameters() {
		if want := names[i] != "bn1.weight"; p.matrix != want {
			t.Errorf("%s is taken for the weights of a layer: %v", p.name, p.matrix)
		}
	}
}

// TestLoggedHistograms: norms and what is not finite are read off histograms, as
// wandb.watch and TensorBoard's users log them.
func TestLoggedHistograms(t *testing.T) {
	run := logRun(t, "it", 0, 0, own, steady)
	b := &track.Batch{}
	for s := range 30 {
		for l := range 6 {
			h := &track.HistogramBody{Edges: []float64{-2, -1, 0, 1, 2}, Counts: []float64{10, 0, 0, 10}}
			squares := 20 * 4.0
			if s == 20 && l < 3 {
				three := 3.0
				h.NonFinite = &three
			}
			if l == 5 {
				h.SumSquares = &squares
			}
			raw, err := h.Encode()
			if err != nil {
				t.Fatal(err)
			}
			b.Records = append(b.Records, track.Record{Kind: track.Histogram, Name: fmt.Sprintf("gradients/layers.%d.weight", l), Step: float64(10 * s), Body: raw})
		}
	}
	if err := run.Store.Log(t.Context(), run.Run, b); err != nil {
		t.Fatal(err)
	}
	if got := verdictOf(t, run); !strings.Contains(got, "first in layers.2.weight at step 200") {
		t.Errorf("the verdict is %q", got)
	}
	j, err := openJournal(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	h, err := j.read(t.Context(), func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	// in the middles of the bins lie 20 numbers of size 1.5; the last parameter
	// tells its squares
	if got, want := h.at(gradlog.Norm, 0, 3), math.Sqrt(20*1.5*1.5); math.Abs(got-want) > 1e-9 {
		t.Errorf("the norm is %v, want %v", got, want)
	}
	if got, want := h.at(gradlog.Norm, 5, 3), math.Sqrt(80); math.Abs(got-want) > 1e-9 {
		t.Errorf("the norm is %v, want %v", got, want)
	}
	fig, err := Method.Run(t.Context(), &viz.Input{Runs: []viz.Run{run}}, viz.Values{"view": {"histograms"}})
	if err != nil {
		t.Fatal(err)
	}
	if l := fig.(*figure.Lines); len(l.Plots) != 6 || len(l.Plots[0].Curves) != drawnSteps {
		t.Errorf("it has %d plots", len(l.Plots))
	}
}

// TestSeveralRuns: verdicts stand in one report; other views ask for one run.
func TestSeveralRuns(t *testing.T) {
	runs := []viz.Run{logRun(t, "one", 6, 50, own, steady), logRun(t, "two", 6, 50, own, func(l, s int) float64 { return math.NaN() }), logRun(t, "none", 0, 0, own, steady)}
	fig, err := Method.Run(t.Context(), &viz.Input{Runs: runs}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := fig.(*figure.Report)
	var titles []string
	for _, s := range r.Sections {
		titles = append(titles, s.Title)
	}
	if text := strings.Join(titles, "; "); !strings.Contains(text, "one: healthy") || !strings.Contains(text, "two: not finite") {
		t.Errorf("the sections are %s", text)
	}
	if f := r.Findings; len(f) != 1 || f[0].Subject != "two" || f[0].Kind != "not-finite" || f[0].Severity != "failure" || f[0].Step == nil || *f[0].Step != 0 {
		t.Errorf("the findings are %+v", f)
	}
	if _, err := Method.Run(t.Context(), &viz.Input{Runs: runs}, viz.Values{"view": {"flow"}}); !viz.IsUser(err) || !strings.Contains(err.Error(), "one, two") {
		t.Errorf("the flow of several runs gives %v", err)
	}
	if _, err := Method.Run(t.Context(), &viz.Input{Runs: runs[2:]}, nil); !viz.IsUser(err) || !strings.Contains(err.Error(), "gradients/NAME/norm") {
		t.Errorf("a run without gradients gives %v", err)
	}
}
