package mlflow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// modelNote is the kind of notes of a project that tell of logged models, by
// their IDs.
const modelNote = "mlflow.model"

// A keptModel is what a note holds.
type keptModel struct {
	loggedModel
	Deleted bool `json:"deleted,omitempty"`
}

// A modelID names a logged model in the address.
type modelID struct {
	ID string `json:"-"`
}

func (q *modelID) fromPath(r *http.Request) { q.ID = r.PathValue("model") }

type modelAnswer struct {
	Model loggedModel `json:"model"`
}

func (h *Handler) createModel(ctx context.Context, q *struct {
	Experiment string     `json:"experiment_id"`
	Name       string     `json:"name"`
	Type       string     `json:"model_type"`
	Run        string     `json:"source_run_id"`
	Params     []keyValue `json:"params"`
	Tags       []keyValue `json:"tags"`
}) (any, error) {
	p, err := h.activeProject(ctx, q.Experiment)
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails
	id, now := "m-"+hex.EncodeToString(raw), millis(time.Now())
	if q.Name == "" {
		q.Name = "model-" + id[2:10]
	}
	m := keptModel{loggedModel: loggedModel{
		Info: modelInfo{
			ID: id, Experiment: idOf(p), Name: q.Name, Created: now, Changed: now,
			Artifacts: homeOf(p) + "/models/" + id + "/artifacts",
			Status:    "LOGGED_MODEL_PENDING", Type: q.Type, Run: q.Run, Tags: q.Tags,
		},
		Data: modelData{Params: q.Params},
	}}
	return modelAnswer{m.loggedModel}, h.store.SetProjectNote(ctx, p.ID, modelNote, id, m)
}

// model finds a logged model that is not deleted, and its project.
func (h *Handler) model(ctx context.Context, id string) (*keptModel, int64, error) {
	notes, err := h.store.ProjectNotes(ctx, modelNote, id)
	if err != nil {
		return nil, 0, err
	}
	m := &keptModel{}
	if id != "" && len(notes) > 0 {
		err = json.Unmarshal(notes[0].Value, m)
	}
	if err == nil && (m.Info.ID == "" || m.Deleted) {
		err = absent("there is no logged model %q", id)
	}
	if err != nil {
		return nil, 0, err
	}
	return m, notes[0].Project, nil
}

// changeModel changes a logged model.
func (h *Handler) changeModel(ctx context.Context, id string, change func(*keptModel) error) (any, error) {
	defer h.models.hold(id)()
	m, project, err := h.model(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := change(m); err != nil {
		return nil, err
	}
	m.Info.Changed = millis(time.Now())
	return modelAnswer{m.loggedModel}, h.store.SetProjectNote(ctx, project, modelNote, id, m)
}

func (h *Handler) getModel(ctx context.Context, q *modelID) (any, error) {
	m, _, err := h.model(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	return modelAnswer{m.loggedModel}, nil
}

// A modelStatus is how far a model is.
type modelStatus struct{ name }

func (s *modelStatus) UnmarshalJSON(raw []byte) error {
	return s.from(raw, map[string]string{"1": "LOGGED_MODEL_PENDING", "2": "LOGGED_MODEL_READY", "3": "LOGGED_MODEL_UPLOAD_FAILED"})
}

func (h *Handler) finalizeModel(ctx context.Context, q *struct {
	modelID
	Status modelStatus `json:"status"`
}) (any, error) {
	if !slices.Contains([]name{"LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"}, q.Status.name) {
		return nil, invalid("there is no status %q of a logged model", q.Status.name)
	}
	return h.changeModel(ctx, q.ID, func(m *keptModel) error {
		m.Info.Status = string(q.Status.name)
		return nil
	})
}

func (h *Handler) deleteModel(ctx context.Context, q *modelID) (any, error) {
	_, err := h.changeModel(ctx, q.ID, func(m *keptModel) error {
		m.Deleted = true
		return nil
	})
	return nil, err
}

func (h *Handler) logModelParams(ctx context.Context, q *struct {
	modelID
	Params []keyValue `json:"params"`
}) (any, error) {
	_, err := h.changeModel(ctx, q.ID, func(m *keptModel) error {
		m.Data.Params = merge(m.Data.Params, q.Params)
		return nil
	})
	return nil, err
}

func (h *Handler) setModelTags(ctx context.Context, q *struct {
	modelID
	Tags []keyValue `json:"tags"`
}) (any, error) {
	return h.changeModel(ctx, q.ID, func(m *keptModel) error {
		m.Info.Tags = merge(m.Info.Tags, q.Tags)
		return nil
	})
}

// merge sets pairs, each key once.
func merge(list, more []keyValue) []keyValue {
	for _, pair := range more {
		i := slices.IndexFunc(list, func(old keyValue) bool { return old.Key == pair.Key })
		if i < 0 {
			list = append(list, pair)
			continue
		}
		list[i] = pair
	}
	return list
}

type modelTag struct {
	ID, Key string `json:"-"`
}

func (q *modelTag) fromPath(r *http.Request) { q.ID, q.Key = r.PathValue("model"), r.PathValue("key") }

func (h *Handler) deleteModelTag(ctx context.Context, q *modelTag) (any, error) {
	_, err := h.changeModel(ctx, q.ID, func(m *keptModel) error {
		n := len(m.Info.Tags)
		m.Info.Tags = slices.DeleteFunc(m.Info.Tags, func(tag keyValue) bool { return tag.Key == q.Key })
		if len(m.Info.Tags) == n {
			return absent("the logged model %s has no tag %q", q.ID, q.Key)
		}
		return nil
	})
	return nil, err
}
