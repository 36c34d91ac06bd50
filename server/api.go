package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// A methodForm is a technique as the app's forms and help need it.
type methodForm struct {
	Name     string        `json:"name"`
	Doc      string        `json:"doc"`
	About    string        `json:"about"`
	Phases   []viz.Phase   `json:"phases"`
	Needs    []string      `json:"needs"`
	Instead  []string      `json:"instead"` // of what it needs
	Params   []viz.Param   `json:"params"`
	Examples []viz.Example `json:"examples"`
	Masks    bool          `json:"masks,omitempty"`
	Arrays   bool          `json:"arrays,omitempty"`
	Verdict  viz.Values    `json:"verdict,omitempty"`
}

func (s *Server) listMethods(*http.Request) (any, error) {
	forms := make([]methodForm, len(s.methods))
	for i, m := range s.methods {
		forms[i] = methodForm{m.Name, m.Doc, m.About, m.Phases, m.Needs.Names(), m.Instead.Names(), m.Params(), m.Examples, m.Masks, m.Arrays, m.Verdict}
	}
	return forms, nil
}

// listWorkspace tells what is open. The pictures come in pages:
// ?from=100&count=50; ?again=1 looks for new files.
func (s *Server) listWorkspace(r *http.Request) (any, error) {
	q := r.URL.Query()
	if err := s.workspace.scan(r.Context(), q.Get("again") != ""); err != nil {
		return nil, err
	}
	problems, err := s.problems(r.Context())
	if err != nil {
		return nil, err
	}
	from, count := number(q.Get("from"), 0, maxImages), number(q.Get("count"), 200, 10_000)
	w := s.workspace
	w.mu.Lock()
	defer w.mu.Unlock()
	images := slices.DeleteFunc(slices.Clone(w.uploads), func(f *imageFile) bool { return f.isMask })
	images = append(images, w.images...)
	first := min(from, len(images))
	return map[string]any{
		"version":  s.options.Version,
		"models":   nonNil(w.models),
		"images":   nonNil(images[first:min(first+count, len(images))]),
		"total":    len(images),
		"problems": nonNil(problems),
		"demo":     s.options.Training != nil,
	}, nil
}

// problems tells what could not be read of the paths. One that holds nothing but
// logs is none.
func (s *Server) problems(ctx context.Context) ([]string, error) {
	s.workspace.mu.Lock()
	problems, bare := s.workspace.problems, s.workspace.bare
	s.workspace.mu.Unlock()
	if s.options.Logs != nil {
		if runs, err := s.options.Logs.Runs(ctx); err != nil || len(runs) > 0 {
			return problems, err
		}
	}
	return append(slices.Clip(problems), bare...), nil
}

// nonNil makes an empty list of none, since JSON tells them apart.
func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// number reads a number from 0; def is for what is none, and most is the limit.
func number(text string, def, most int) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return min(n, most)
	}
	return def
}

// A modelCard is what the app shows of a model before any technique.
type modelCard struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Path     string        `json:"path"`
	Producer string        `json:"producer,omitempty"`
	Params   int64         `json:"params"`
	Nodes    int           `json:"nodes"`
	Input    *inputCard    `json:"input,omitempty"`
	Classes  int           `json:"classes"`
	Labels   string        `json:"labels,omitempty"` // where they are from
	Layers   []model.Layer `json:"layers"`
	Modules  []string      `json:"modules"`
	// Problem says why the model cannot run, if it cannot.
	Problem string `json:"problem,omitempty"`
}

// An inputCard is how pictures are prepared.
type inputCard struct {
	Shape    string      `json:"shape"`
	Summary  string      `json:"summary"`
	Source   string      `json:"source"`
	Guessed  bool        `json:"guessed"`
	Settings []inputForm `json:"settings"`
}

type inputForm struct {
	Name    string   `json:"name"`
	Help    string   `json:"help"`
	Value   string   `json:"value"`
	Choices []string `json:"choices,omitempty"`
}

func (s *Server) describeModel(r *http.Request) (any, error) {
	f, err := s.workspace.modelByID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	m, err := s.workspace.open(f, nil)
	if err != nil {
		return nil, err
	}
	card := modelCard{
		ID: f.ID, Name: m.Name, Path: f.Path, Producer: m.File.Meta["producer_name"],
		Params: m.Params(), Nodes: len(m.File.Nodes), Classes: m.Classes(), Labels: m.Labels.Source,
		Layers: nonNil(m.Layers()), Modules: nonNil(m.Modules()), Input: describeInput(m),
	}
	if err := m.Runnable(); err != nil {
		card.Problem = err.Error()
	}
	return card, nil
}

func describeInput(m *model.Model) *inputCard {
	if m.Prep == nil || m.Input == ir.None {
		return nil
	}
	card := &inputCard{
		Shape: m.Net.Values[m.Input].Shape.String(), Summary: m.Prep.String(),
		Source: m.Prep.Source, Guessed: m.Prep.Guessed,
	}
	for _, f := range model.PrepFields() {
		card.Settings = append(card.Settings, inputForm{f.Name, f.Help, f.Get(m.Prep), f.Choices})
	}
	return card
}

// listClasses finds classes by a part of their label: ?q=zeb. At most fifty.
func (s *Server) listClasses(r *http.Request) (any, error) {
	f, err := s.workspace.modelByID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	m, err := s.workspace.open(f, nil)
	if err != nil {
		return nil, err
	}
	return nonNil(m.FindClasses(r.URL.Query().Get("q"), 50)), nil
}

func (s *Server) listColormaps(*http.Request) (any, error) { return render.Colormaps(), nil }

func (s *Server) showTheme(*http.Request) (any, error) { return render.Palette(), nil }

func (s *Server) watchTraining(w http.ResponseWriter, r *http.Request) {
	if s.options.Training == nil {
		s.fail(w, notFound{"nothing is being trained here; `tomo demo` trains two small networks"})
		return
	}
	s.options.Training.ServeHTTP(w, r)
}
