package track

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

func TestProjects(t *testing.T) {
	ctx := context.Background()
	s := open(t, filepath.Join(t.TempDir(), "runs"))
	defer s.Close()
	p, err := s.CreateProject(ctx, Project{Name: "digits", Home: "s3://elsewhere"})
	if err != nil || p.ID == 0 || p.Home != "s3://elsewhere" {
		t.Fatalf("made %+v, %v", p, err)
	}
	if _, err := s.CreateProject(ctx, Project{Name: "digits"}); !errors.Is(err, ErrProjectExists) {
		t.Errorf("made twice: %v", err)
	}
	start(t, s, "r") // of the project p, which it makes
	q, err := s.ProjectNamed(ctx, "p")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RenameProject(ctx, q, "digits"); !errors.Is(err, ErrProjectExists) {
		t.Errorf("renamed to a name that is taken: %v", err)
	}
	if err := s.RenameProject(ctx, q, "letters"); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Run(ctx, "r"); err != nil || r.Project != "letters" {
		t.Errorf("the run is of %+v, %v", r, err)
	}
	if err := s.DeleteProject(ctx, q); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Runs(ctx, "letters"); err != nil || len(runs) != 0 {
		t.Errorf("a deleted project has runs: %v, %v", runs, err)
	}
	if runs, err := s.AllRuns(ctx, "letters"); err != nil || len(runs) != 1 || runs[0].Deleted.IsZero() {
		t.Errorf("the runs of a deleted project: %v, %v", runs, err)
	}
	if err := s.RestoreProject(ctx, q); err != nil {
		t.Fatal(err)
	}
	if runs, err := s.Runs(ctx, "letters"); err != nil || len(runs) != 1 {
		t.Errorf("the runs of a restored project: %v, %v", runs, err)
	}
	all, err := s.Projects(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	if want := []string{DefaultProject, "digits", "letters"}; !slices.Equal(names, want) {
		t.Errorf("projects %v, want %v", names, want)
	}
}

func TestTableOfRuns(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "runs")
	s := open(t, path)
	a, b := start(t, s, "a"), start(t, s, "b")
	batch := &Batch{
		Config:  map[string]any{"lr": json.RawMessage("1e-3")},
		Tags:    map[string]string{"host": "x"},
		Metrics: []Metric{{Name: "loss", Points: []series.Point{{Step: 5, Time: 7, Value: 1}, {Step: 9, Time: 8, Value: 2}, {Step: 3, Time: 9, Value: 3}}}},
	}
	if err := s.Log(ctx, a, batch); err != nil {
		t.Fatal(err)
	}
	if err := s.Log(ctx, b, &Batch{Metrics: []Metric{{Name: "loss", Points: ramp(0, 10_000)}}}); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"in memory", "in the file"} {
		rows, err := s.Rows(ctx, []*Run{b, a})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(rows[1].Notes[ConfigNote]["lr"]); got != "1e-3" {
			t.Errorf("%s: the learning rate is %q; a number is kept as it was written", when, got)
		}
		if got, want := rows[1].Latest, (Latest{"loss", series.Point{Step: 9, Time: 8, Value: 2}}); len(got) != 1 || got[0].Step != want.Step || got[0].Value != want.Value {
			t.Errorf("%s: the latest of a is %+v, want %+v", when, got, want)
		}
		latest, err := s.LatestOf(ctx, []*Run{a, b}, "loss")
		if err != nil || latest[1] == nil || latest[1].Step != 9999 || latest[1].Value != valueAt(9999) {
			t.Errorf("%s: the latest of b is %+v, %v", when, latest, err)
		}
		notes, err := s.NoteOf(ctx, []*Run{b, a}, TagNote, "host")
		if err != nil || notes[0] != nil || string(notes[1]) != `"x"` {
			t.Errorf("%s: tags %q, %v", when, notes, err)
		}
		c, err := s.Curve(ctx, b, "loss")
		if err != nil || c.Points != 10_000 {
			t.Fatalf("%s: %+v, %v", when, c, err)
		}
		if got, err := s.Points(ctx, c, 4000, 5000); err != nil || !slices.Equal(got, ramp(4000, 5000)) {
			t.Errorf("%s: points are others, %v", when, err)
		}
		if got, err := s.Points(ctx, c, 9990, 100); err != nil || !slices.Equal(got, ramp(9990, 10)) {
			t.Errorf("%s: %d points at the end, %v", when, len(got), err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, path)
	}
	defer s.Close()
	if err := s.DeleteNote(ctx, a, TagNote, "host"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteNote(ctx, a, TagNote, "host"); !errors.Is(err, ErrNoNote) {
		t.Errorf("a tag was deleted twice: %v", err)
	}
	a.Title, a.State, a.Ended = "another", Failed, time.UnixMicro(5)
	if err := s.UpdateRun(ctx, a); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Run(ctx, "a"); err != nil || *got != *a {
		t.Errorf("the run is %+v, %v; want %+v", got, err, a)
	}
	if err := s.SetProjectNote(ctx, 0, "model", "m-1", map[string]int{"a": 1}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.ProjectNotes(ctx, "model", "m-1"); err != nil || len(got) != 1 || string(got[0].Value) != `{"a":1}` {
		t.Errorf("notes %+v, %v", got, err)
	}
}
