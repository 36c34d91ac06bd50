package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// A request asks for one figure.
type request struct {
	Method string            `json:"method"`
	Model  string            `json:"model,omitempty"`
	Images []string          `json:"images,omitempty"`
	Masks  map[string]string `json:"masks,omitempty"` // dropped in for pictures, by the picture's ID
	Runs   []string          `json:"runs,omitempty"`
	Input  map[string]string `json:"input,omitempty"` // settings of the preparation
	Params viz.Values        `json:"params,omitempty"`
	Seed   int64             `json:"seed,omitempty"`
}

// Bounds of one request: its pictures, and the combinations of pictures and
// values of lists, each of which may be a map.
const (
	maxPictures     = 10_000
	maxCombinations = 20_000
)

func (s *Server) startJob(r *http.Request) (any, error) {
	var q request
	if err := readJSON(r, 1<<20, &q); err != nil {
		return nil, err
	}
	if err := s.workspace.scan(r.Context(), false); err != nil {
		return nil, err
	}
	m, err := s.method(q.Method)
	if err != nil {
		return nil, err
	}
	if err := affordable(q); err != nil {
		return nil, err
	}
	q = onlyNeeded(m, q)
	found, err := s.resolve(r.Context(), m, q)
	if err != nil {
		return nil, err
	}
	return s.jobs.start(s.key(q, found), func(ctx context.Context, report func(viz.Progress)) (figure.Figure, error) {
		return s.run(ctx, m, q, found, report)
	})
}

func affordable(q request) error {
	n := max(1, len(q.Images))
	for _, texts := range q.Params {
		if n *= max(1, len(texts)); n > maxCombinations {
			return fault.Userf("this asks for more than %d combinations of pictures and parameters; ask for fewer at a time", maxCombinations)
		}
	}
	return nil
}

// onlyNeeded drops from a request what makes no difference: what the technique
// does not look at, and parameters at their defaults.
func onlyNeeded(m *viz.Method, q request) request {
	if !m.Needs.Has(viz.NeedsModel) {
		q.Model, q.Input = "", nil
	}
	if !m.Needs.Has(viz.NeedsImage) {
		q.Images = nil
	}
	if !m.Masks {
		q.Masks = nil
	}
	if !m.Takes(viz.NeedsRuns) {
		q.Runs = nil
	}
	if m.Instead.Has(viz.NeedsRuns) && len(q.Runs) > 0 {
		q.Model, q.Input, q.Images = "", nil, nil
	}
	q.Params = onlyChanged(m, q.Params)
	return q
}

func onlyChanged(m *viz.Method, given viz.Values) viz.Values {
	out := viz.Values{}
	for name, texts := range given {
		out[name] = texts
	}
	for _, p := range m.Params() {
		if texts, ok := out[p.Name]; ok && slices.Equal(texts, p.Default) {
			delete(out, p.Name)
		}
	}
	return out
}

// A resolved request is what its IDs stand for.
type resolved struct {
	model  *modelFile // nil if none is needed
	images []*imageFile
	masks  map[*imageFile]*imageFile
	// classes are those of the folder in which all pictures were found.
	classes []string
	runs    []viz.Run
	// grown tells of each run how far it had grown when it was asked for.
	grown []string
}

// resolve finds what a request names.
func (s *Server) resolve(ctx context.Context, m *viz.Method, q request) (out resolved, err error) {
	if m.Needs.Has(viz.NeedsModel) && !(m.Instead.Has(viz.NeedsRuns) && len(q.Runs) > 0) {
		if q.Model == "" {
			return out, fault.Userf("%s needs a model: choose one", m.Name)
		}
		if out.model, err = s.workspace.modelByID(q.Model); err != nil {
			return out, err
		}
	}
	if len(q.Images) > maxPictures {
		return out, fault.Userf("%d pictures are too many for one view; take at most %d", len(q.Images), maxPictures)
	}
	for _, id := range q.Images {
		img, err := s.workspace.imageByID(id)
		if err != nil {
			return out, err
		}
		if img.Array && !m.Arrays {
			return out, fault.Userf("%s looks at pictures, and %s is an array", m.Name, img.Name)
		}
		out.images = append(out.images, img)
		if mask := q.Masks[id]; mask != "" {
			if out.masks == nil {
				out.masks = map[*imageFile]*imageFile{}
			}
			if out.masks[img], err = s.workspace.imageByID(mask); err != nil {
				return out, err
			}
		}
	}
	out.classes = classesOf(out.images)
	return out, s.resolveRuns(ctx, q.Runs, &out)
}

// classesOf returns the classes of pictures in their order: nil where the
// pictures come from folders with others, in which a class has other numbers.
func classesOf(images []*imageFile) []string {
	for _, img := range images {
		if !slices.Equal(img.classes, images[0].classes) {
			return nil
		}
	}
	if len(images) == 0 {
		return nil
	}
	return images[0].classes
}

// key names the figure that a request leads to: the same request on the same
// files has the same key. A file counts by its path, size and time of change; so
// do the program itself, whose next version may draw otherwise, the executor,
// and the settings and labels that lie beside a model. A run counts by what had
// been logged.
func (s *Server) key(q request, found resolved) string {
	facts := struct {
		Version, Executor string
		Request           request
		Files             []string
	}{Version: s.options.Version + s.build, Executor: s.options.Executor.Name(), Request: q}
	if f := found.model; f != nil {
		facts.Files = append(facts.Files, f.Path, s.workspace.stamp(f))
	}
	for _, img := range found.images {
		facts.Files = append(facts.Files, img.stamp())
	}
	facts.Files = append(facts.Files, found.classes...)
	facts.Files = append(facts.Files, found.grown...)
	raw, _ := json.Marshal(facts) // maps are written in the order of their keys
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}

func (s *Server) run(ctx context.Context, m *viz.Method, q request, found resolved, report func(viz.Progress)) (figure.Figure, error) {
	in := &viz.Input{Seed: q.Seed, Progress: report, Runs: found.runs}
	if f := found.model; f != nil {
		var err error
		if in.Model, err = s.workspace.open(f, q.Input); err != nil {
			return nil, err
		}
	}
	for _, file := range found.images {
		if file.Array {
			arrays, err := file.arrays()
			if err != nil {
				return nil, err
			}
			in.Images = append(in.Images, arrays...)
			continue
		}
		in.Images = append(in.Images, viz.Image{
			Name: file.Name, Label: file.Label,
			Picture: s.workspace.source(file), Mask: s.workspace.maskOf(file, found.masks[file]),
		})
	}
	in.Classes = found.classes
	return m.Run(ctx, in, q.Params)
}

func (s *Server) showJob(r *http.Request) (any, error) {
	j, err := s.jobs.find(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return j.now(), nil
}

func (s *Server) cancelJob(r *http.Request) (any, error) {
	j, err := s.jobs.find(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	j.cancel()
	return j.now(), nil
}

func (s *Server) watchJob(w http.ResponseWriter, r *http.Request) {
	j, err := s.jobs.find(r.PathValue("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	j.feed.ServeHTTP(w, r)
}

// sendFigure sends KEY as JSON for the app, and KEY.png, KEY.svg, ... as files.
// While its job runs, or after it was stopped, that is what there is so far.
func (s *Server) sendFigure(w http.ResponseWriter, r *http.Request) {
	key, format, isFile := strings.Cut(r.PathValue("key"), ".")
	fig, err := s.figures.get(key)
	if err != nil {
		if fig = s.jobs.partial(key); fig == nil {
			s.fail(w, err)
			return
		}
	}
	if !isFile {
		format = "json"
	}
	if fig, err = restyle(fig, r.URL.Query()); err != nil {
		s.fail(w, err)
		return
	}
	var b bytes.Buffer
	opt := render.Options{Theme: render.Theme(r.URL.Query().Get("theme"))}
	if err := render.Write(&b, fig, format, opt); err != nil {
		s.fail(w, fault.AsUser(err))
		return
	}
	w.Header().Set("Content-Type", mimeType(format))
	w.Header().Set("Cache-Control", "private, no-cache")
	if isFile {
		name := fileName(fig.Caption().Title, format)
		w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	}
	_, _ = io.Copy(w, &b)
}

func mimeType(format string) string {
	switch format {
	case "npz":
		return "application/zip"
	case "dot":
		return "text/vnd.graphviz; charset=utf-8"
	}
	return mime.TypeByExtension("." + format)
}
