package cli_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
)

// overfitted writes a file of two runs, of which one overfits.
func overfitted(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "runs.db")
	s, err := track.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, run := range []struct {
		title string
		rise  float64
	}{{"good", 0}, {"bad", 0.02}} {
		r, err := s.CreateRun(t.Context(), track.Run{Title: run.title, Project: "trial"})
		if err != nil {
			t.Fatal(err)
		}
		metrics := []track.Metric{{Name: "loss"}, {Name: "val_loss"}}
		for i := range 50 {
			step := float64(i)
			metrics[0].Points = append(metrics[0].Points, series.Point{Step: step, Value: 2 / (1 + step)})
			metrics[1].Points = append(metrics[1].Points, series.Point{Step: step, Value: 0.1 + 2/(1+step) + run.rise*step})
		}
		if err := s.Log(t.Context(), r, &track.Batch{Metrics: metrics}); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestVerdict ends with 3 where something was found that is as grave as asked.
func TestVerdict(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	runs := overfitted(t)
	for _, tt := range []struct {
		args []string
		code int
	}{
		{nil, 3},
		{[]string{"--run", "bad"}, 3},
		{[]string{"--run", "good"}, 0},
		{[]string{"--run", "bad", "--fail-on", "failure"}, 0},
		{[]string{"--fail-on", "note"}, 3},
		{[]string{"--fail-on", "worst"}, 2},
		{[]string{"--view", "curves"}, 2}, // it is settled
		{[]string{"--run", "nobody"}, 2},
	} {
		if r := tomo(append([]string{"training", "verdict", runs}, tt.args...)...); r.code != tt.code {
			t.Errorf("%q ends with %d, want %d: %s%s", tt.args, r.code, tt.code, r.stdout, r.stderr)
		}
	}
	var found []figure.Finding
	r := tomo("training", "verdict", runs, "--json", "--run", "bad")
	if err := json.Unmarshal([]byte(r.stdout), &found); err != nil || r.code != 3 {
		t.Fatalf("%d %v: %s", r.code, err, r.stdout)
	}
	if len(found) == 0 || found[0].Kind != "overfitting" || found[0].Subject != "bad" || found[0].Severity != "warning" {
		t.Errorf("found %+v", found)
	}
	if r := tomo("training", "verdict", runs, "--json", "--run", "good", "--metric", "^loss$"); !strings.HasPrefix(r.stdout, "[") || r.code != 0 {
		t.Errorf("of a good run: %d %s", r.code, r.stdout)
	}
}
