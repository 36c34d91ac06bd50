package track

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/track/series"
)

// closable is what stores hold that TestClosed asks for.
type closable struct {
	*Store
	run, fork *Run
	curves    map[string]Curve
	head      RecordHead
	project   *Project
}

// newClosable logs metrics that are in memory and one that has chunks in the file.
func newClosable(t *testing.T) *closable {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "runs.tomo"))
	c := &closable{Store: s, run: start(t, s, "one"), curves: map[string]Curve{}}
	batch := &Batch{Metrics: []Metric{{"short", ramp(0, 3)}, {"long", ramp(0, 2*series.ChunkPoints+5)}},
		Records: []Record{{Kind: Text, Name: "log", Body: []byte("hello")}}}
	err := s.Log(t.Context(), c.run, batch)
	if err == nil {
		c.fork, err = s.CreateRun(t.Context(), Run{ID: "two", Project: "p", Parent: "one", Forked: 2})
	}
	if err == nil {
		c.project, err = s.ProjectNamed(t.Context(), "p")
	}
	if err != nil {
		t.Fatal(err)
	}
	heads, err := s.Records(t.Context(), c.run, Text, "log", 0, 0)
	if err != nil || len(heads) != 1 {
		t.Fatalf("%d records, %v", len(heads), err)
	}
	c.head = heads[0]
	c.curves["short"], c.curves["long"], c.curves["fork"] = curve(t, s, c.run, "short"), curve(t, s, c.run, "long"), curve(t, s, c.fork, "long")
	return c
}

// TestClosed asks a closed store for everything: all that can fail says so,
// whatever was in memory. A method that is new and missing here fails, too.
func TestClosed(t *testing.T) {
	c := newClosable(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{"Close": true, "Path": true, "Changed": true}
	for name, ask := range c.questions(t.Context()) {
		asked[name] = true
		if err := ask(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s says %v", name, err)
		}
	}
	for store, i := reflect.TypeFor[*Store](), 0; i < store.NumMethod(); i++ {
		if name := store.Method(i).Name; !asked[name] {
			t.Errorf("%s is not asked of a closed store", name)
		}
	}
}

// questions are all methods of a store that can fail.
func (c *closable) questions(ctx context.Context) map[string]func() error {
	runs := []*Run{c.run, c.fork}
	return map[string]func() error{
		"Run":          func() error { return of(c.Run(ctx, "one")) },
		"Runs":         func() error { return of(c.Runs(ctx, "p")) },
		"AllRuns":      func() error { return of(c.AllRuns(ctx, "")) },
		"Project":      func() error { return of(c.Project(ctx, c.project.ID)) },
		"ProjectNamed": func() error { return of(c.ProjectNamed(ctx, "p")) },
		"Projects":     func() error { return of(c.Projects(ctx)) },
		"Rows":         func() error { return of(c.Rows(ctx, runs)) },
		"Overviews":    func() error { return of(c.Overviews(ctx, runs)) },
		"NoteOf":       func() error { return of(c.NoteOf(ctx, runs, TagNote, "x")) },
		"LatestOf":     func() error { return of(c.LatestOf(ctx, runs, "short")) },
		"Notes":        func() error { return of(c.Notes(ctx, c.run, TagNote)) },
		"ProjectNotes": func() error { return of(c.ProjectNotes(ctx, TagNote, "")) },
		"Config":       func() error { return of(c.Config(ctx, c.run)) },
		"Tags":         func() error { return of(c.Tags(ctx, c.run)) },
		"RecordLists":  func() error { return of(c.RecordLists(ctx, c.run, "")) },
		"Records":      func() error { return of(c.Records(ctx, c.fork, Text, "log", 0, 0)) },
		"RecordBody":   func() error { return of(c.RecordBody(ctx, c.head)) },
		"SourceState":  func() error { return of(c.SourceState(ctx, "x")) },
		"Curves":       func() error { return of(c.Curves(ctx, c.run)) },
		"Curve":        func() error { return of(c.Curve(ctx, c.fork, "long")) },
		"Wait":         func() error { return of(c.Wait(ctx, c.run, c.Changed(c.run))) },
		"Look":         c.each(func(a Curve) error { _, err := c.Look(ctx, a, series.ByStep, 0, 9, 100); return err }),
		"Sum":          c.each(func(a Curve) error { _, _, err := c.Sum(ctx, a); return err }),
		"Points":       c.each(func(a Curve) error { _, err := c.Points(ctx, a, 0, 1); return err }),
		"EachPoints":   c.each(func(a Curve) error { return c.EachPoints(ctx, a, func([]series.Point) error { return nil }) }),

		"CreateProject":     func() error { return of(c.CreateProject(ctx, Project{Name: "q"})) },
		"RenameProject":     func() error { return c.RenameProject(ctx, c.project, "q") },
		"DeleteProject":     func() error { return c.DeleteProject(ctx, c.project) },
		"RestoreProject":    func() error { return c.RestoreProject(ctx, c.project) },
		"SetProjectNote":    func() error { return c.SetProjectNote(ctx, c.project.ID, TagNote, "x", 1) },
		"DeleteProjectNote": func() error { return c.DeleteProjectNote(ctx, c.project.ID, TagNote, "x") },
		"CreateRun":         func() error { return of(c.CreateRun(ctx, Run{Project: "p"})) },
		"StartRun":          func() error { return of(c.StartRun(ctx, Run{Project: "p"}, &Batch{})) },
		"EndRun":            func() error { return c.EndRun(ctx, c.run, Finished, time.Now()) },
		"UpdateRun":         func() error { return c.UpdateRun(ctx, c.run) },
		"PurgeRun":          func() error { return c.PurgeRun(ctx, c.run) },
		"SetNote":           func() error { return c.SetNote(ctx, c.run, TagNote, "x", 1) },
		"DeleteNote":        func() error { return c.DeleteNote(ctx, c.run, TagNote, "x") },
		"Log":               func() error { return c.Log(ctx, c.run, &Batch{Metrics: []Metric{{"short", ramp(3, 1)}}}) },
		"Cut":               func() error { return c.Cut(ctx, c.run, 1) },
		"Import":            func() error { return c.Import(ctx, &Piece{Run: c.run}) },
	}
}

// of is the error of an answer.
func of(_ any, err error) error { return err }

// each asks for every curve; the error is one that does not say that the store is
// closed, if there is such a one.
func (c *closable) each(ask func(Curve) error) func() error {
	return func() error {
		var err error
		for name, curve := range c.curves {
			if err = ask(curve); !errors.Is(err, ErrClosed) {
				return fmt.Errorf("of curve %s: %w", name, err)
			}
		}
		return err
	}
}
