package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/tomo-viz/tomo/internal/fault"
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
