package viztest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

type params struct {
	Mode  mode `help:"how it counts"`
	Times int  `help:"how often it counts" min:"1" max:"9"`
}

type mode string

func (mode) Choices() []viz.Choice {
	return []viz.Choice{{Name: "up", Help: "from one"}, {Name: "down", Help: "to one"}}
}

type spec = viz.Spec[params]

// sound is a technique that passes: it puts the logits in a table.
func sound() spec {
	return spec{
		Name: "count",
		Doc:  "a table that counts",
		About: "This technique is made for a test of the suite that techniques pass. It runs a network on a picture a number of times and puts what comes out in a table, " +
			"in which nobody should believe more than in any other table.",
		Phases:   []viz.Phase{viz.After},
		Needs:    viz.NeedsModel | viz.NeedsWeights | viz.NeedsImage,
		Examples: []viz.Example{{Line: "count model.onnx 'a photo.jpg' --times 3 -o out.csv", Remark: "three times"}},
		Terminal: viz.Values{"times": {"2"}},
		Defaults: params{Mode: "up", Times: 3},
		Run:      count,
	}
}

func count(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
	if _, err := in.Model.Classifier(); err != nil {
		return nil, err
	}
	if in.Model.Prep == nil {
		return nil, viz.Userf("%s takes no picture", in.Model.Name)
	}
	t := &figure.Table{Columns: []figure.Column{{Name: "logit", Number: true}}}
	t.Title = "Counts"
	t.Add("mode", string(p.Mode))
	for i := range p.Times {
		in.Progress(viz.Progress{Done: i, Total: p.Times})
		picture, err := in.Images[0].Picture(ctx)
		if err != nil {
			return nil, err
		}
		ready, err := in.Model.Prep.Prepare(picture)
		if err != nil {
			return nil, err
		}
		feeds := map[ir.ValueID]*tensor.Tensor{in.Model.Input: ready.Tensor}
		out, err := in.Model.Session().Run(ctx, feeds, in.Model.Head.Logits)
		if err != nil {
			return nil, err
		}
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{figure.Count(int64(1000 * out[0].F32()[0]))}})
	}
	in.Progress(viz.Progress{Done: p.Times, Total: p.Times})
	return t, nil
}

func TestSoundTechniquePasses(t *testing.T) { Run(t, []*viz.Method{viz.Define(sound())}) }

// TestTechniqueOnRunsPasses is given runs, those too that nobody would make.
func TestTechniqueOnRunsPasses(t *testing.T) {
	s := sound()
	s.Needs = viz.NeedsRuns
	s.Examples = []viz.Example{{Line: "count logs more/logs --run adam", Remark: "some of the runs"}}
	s.Run = countPoints
	Run(t, []*viz.Method{viz.Define(s)})
}

// TestTechniqueInsteadPasses is given a model and a picture, and runs in place of
// them; where it fails on these alone, that is found.
func TestTechniqueInsteadPasses(t *testing.T) {
	s := sound()
	s.Instead = viz.NeedsRuns
	s.Run = func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
		if len(in.Runs) > 0 {
			return countPoints(ctx, in, p)
		}
		return count(ctx, in, p)
	}
	Run(t, []*viz.Method{viz.Define(s)})
	s.Run = func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
		if len(in.Runs) > 0 {
			return nil, errors.New("not today")
		}
		return count(ctx, in, p)
	}
	for _, c := range insteadChecks {
		if guarded(c, instead(viz.Define(s))) == nil {
			t.Errorf("a technique that fails on runs passes %q", c.name)
		}
	}
}

// countPoints is a technique that puts the lengths of curves in a table.
func countPoints(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
	t := &figure.Table{Columns: []figure.Column{{Name: "points", Number: true}}}
	t.Title = "Points"
	t.Add("mode", string(p.Mode))
	for i, r := range in.Runs {
		in.Progress(viz.Progress{Done: i, Total: len(in.Runs)})
		curves, err := r.Store.Curves(ctx, r.Run)
		if err != nil {
			return nil, err
		}
		for _, c := range curves {
			t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{figure.Count(c.Points)}})
		}
	}
	in.Progress(viz.Progress{Done: len(in.Runs), Total: len(in.Runs)})
	return t, nil
}

// TestFlawsAreFound breaks the sound technique in one place at a time.
func TestFlawsAreFound(t *testing.T) {
	around := func(f func(context.Context, *viz.Input, params) (figure.Figure, error)) func(*spec) {
		return func(s *spec) { s.Run = f }
	}
	for _, tt := range []struct {
		flaw, check string
		make        func(*spec)
	}{
		{"a name of two words", "describes itself", func(s *spec) { s.Name = "count up" }},
		{"no doc", "describes itself", func(s *spec) { s.Doc = "" }},
		{"a full stop", "describes itself", func(s *spec) { s.Doc += "." }},
		{"no about", "describes itself", func(s *spec) { s.About = "It counts." }},
		{"no phase", "describes itself", func(s *spec) { s.Phases = nil }},
		{"a default out of range", "describes its parameters", func(s *spec) { s.Defaults.Times = 10 }},
		{"a default that is no choice", "describes its parameters", func(s *spec) { s.Defaults.Mode = "sideways" }},
		{"a terminal value of no parameter", "describes its parameters", func(s *spec) { s.Terminal = viz.Values{"view": {"table"}} }},
		{"no example", "has examples that parse", func(s *spec) { s.Examples = nil }},
		{"an unknown flag", "has examples that parse", func(s *spec) { s.Examples[0].Line = "count model.onnx a.jpg --often 3" }},
		{"a bad value", "has examples that parse", func(s *spec) { s.Examples[0].Line = "count model.onnx a.jpg --times 30" }},
		{"an unknown format", "has examples that parse", func(s *spec) { s.Examples[0].Line += " -o a.docx" }},
		{"a missing picture", "has examples that parse", func(s *spec) { s.Examples[0].Line = "count model.onnx" }},
		{"no title", "captions its figure", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			fig, err := count(ctx, in, p)
			if fig != nil {
				fig.Caption().Title = ""
			}
			return fig, err
		})},
		{"no figure", "captions its figure", around(func(context.Context, *viz.Input, params) (figure.Figure, error) { return nil, nil })},
		{"no text for terminals", "can be kept and drawn", around(func(context.Context, *viz.Input, params) (figure.Figure, error) {
			return &figure.Graph{About: figure.About{Title: "A graph"}}, nil
		})},
		{"a figure by chance", "repeats itself", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			fig, err := count(ctx, in, p)
			if fig != nil {
				fig.Caption().Warn(string(rune('a' + rand.IntN(1<<16))))
			}
			return fig, err
		})},
		{"a choice that fails", "runs with every choice", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			if p.Mode == "down" {
				return nil, errors.New("not today")
			}
			return count(ctx, in, p)
		})},
		{"silence", "tells its progress", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			in.Progress = func(viz.Progress) {}
			return count(ctx, in, p)
		})},
		{"progress backwards", "tells its progress", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			in.Progress(viz.Progress{Done: 2, Total: p.Times})
			return count(ctx, in, p)
		})},
		{"a deaf start", "stops before it starts", around(deaf)},
		{"deafness", "stops at a report", around(deaf)},
		{"deafness within a step", "stops within a step", around(deaf)},
		{"a bug for a mistake", "refuses what it cannot serve", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			if in.Model.Head == nil {
				return nil, errors.New("no head")
			}
			return count(ctx, in, p)
		})},
		{"a panic", "refuses what it cannot serve", around(func(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
			_ = in.Model.Head.Classes
			return count(ctx, in, p)
		})},
	} {
		s := sound()
		tt.make(&s)
		i := slices.IndexFunc(checks, func(c check) bool { return c.name == tt.check })
		if err := guarded(checks[i], viz.Define(s)); err == nil {
			t.Errorf("%q passes %q", tt.flaw, tt.check)
		}
	}
}

// TestOrdinaryRuns holds the first trainings to what they are for: all that a run
// may hold.
func TestOrdinaryRuns(t *testing.T) {
	t.Cleanup(forgetRuns)
	for _, r := range runs(trainings[0].name, trainings[ordinary-1].name) {
		curves, err := r.Store.Curves(t.Context(), r.Run)
		if err != nil || len(curves) != 6 || curves[0].Points == 0 {
			t.Errorf("%s has the curves %v, %v", r.Name(), curves, err)
		}
		if config, err := r.Store.Config(t.Context(), r.Run); err != nil || len(config) == 0 {
			t.Errorf("%s is configured with %v, %v", r.Name(), config, err)
		}
	}
}

func deaf(ctx context.Context, in *viz.Input, p params) (figure.Figure, error) {
	return count(context.WithoutCancel(ctx), in, p)
}

func TestDistinct(t *testing.T) {
	m := viz.Define(sound())
	if distinct([]*viz.Method{m, m}) == nil || distinct(nil) == nil {
		t.Error("a list with a name twice, or an empty one, passes")
	}
}
