package client_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/tomo-viz/tomo/track"
)

// TestDocs runs the program that docs/logging.md shows.
func TestDocs(t *testing.T) {
	if testing.Short() {
		t.Skip("it is compiled first")
	}
	page, err := os.ReadFile("../../docs/logging.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(page)
	if block == nil {
		t.Fatal("the page has no program")
	}
	program := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(program, block[1], 0o644); err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	run := exec.Command("go", "run", program)
	run.Env = append(os.Environ(), "TOMO_SERVER="+s.URL)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	runs, err := s.store.Runs(t.Context(), "")
	if err != nil || len(runs) != 1 || runs[0].Title != "from Go" || runs[0].State != track.Finished {
		t.Fatalf("%+v, %v", runs, err)
	}
	points := s.points(t, runs[0].ID, "loss/train")
	if len(points) != 1000 {
		t.Fatalf("%d points", len(points))
	}
	for i, p := range points {
		if p.Step != float64(i) || p.Value != math.Exp(-float64(i)/100) {
			t.Fatalf("point %d is %+v", i, p)
		}
	}
	if points := s.points(t, runs[0].ID, "gradients/layer.weight/norm"); len(points) != 1000 {
		t.Errorf("%d points", len(points))
	}
}
