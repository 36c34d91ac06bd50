package mlflow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/tomo-viz/tomo/track"
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
	defer h.changing(id)()
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

// logModelMetrics keeps, with the models that metrics of a run are said to be
// of, their latest values.
func (h *Handler) logModelMetrics(ctx context.Context, r *track.Run, metrics []metric) error {
	of := map[string][]runMetric{}
	for _, m := range metrics {
		if m.Model != "" {
			of[m.Model] = append(of[m.Model], runMetric{m, r.ID})
		}
	}
	for id, own := range of {
		_, err := h.changeModel(ctx, id, func(model *keptModel) error {
			for _, m := range own {
				list := &model.Data.Metrics
				i := slices.IndexFunc(*list, func(old runMetric) bool {
					return old.Key == m.Key && old.Run == m.Run && old.Dataset == m.Dataset && old.Digest == m.Digest
				})
				switch {
				case i < 0:
					*list = append(*list, m)
				case m.Step >= (*list)[i].Step:
					(*list)[i] = m
				}
			}
			return nil
		})
		if err != nil && told(err).Code != "RESOURCE_DOES_NOT_EXIST" { // the run has them in any case
			return err
		}
	}
	return nil
}

// modelSubject is what logged models are searched for and sorted by.
var modelSubject = subject{
	texts:   []string{"model_id", "name", "model_type", "status", "source_run_id", "experiment_id"},
	numbers: []string{"creation_timestamp", "last_updated_timestamp"},
	aliases: map[string]string{
		"creation_time": "creation_timestamp", "creation_timestamp_ms": "creation_timestamp",
		"last_updated_timestamp_ms": "last_updated_timestamp",
	},
	entities: []string{"metric", "param", "tag"},
}

func (h *Handler) searchModels(ctx context.Context, q *struct {
	Experiments []string `json:"experiment_ids"`
	Filter      string   `json:"filter"`
	Most        whole    `json:"max_results"`
	Page        string   `json:"page_token"`
	Order       []struct {
		Field     string `json:"field_name"`
		Ascending *bool  `json:"ascending"`
	} `json:"order_by"`
}) (any, error) {
	most, err := atMost(q.Most, 100, maxOnPage)
	if err != nil {
		return nil, err
	}
	notes, err := h.store.ProjectNotes(ctx, modelNote, "")
	if err != nil {
		return nil, err
	}
	all := []loggedModel{}
	for _, n := range notes {
		var m keptModel
		if err := json.Unmarshal(n.Value, &m); err != nil {
			return nil, err
		}
		if !m.Deleted && slices.Contains(q.Experiments, m.Info.Experiment) {
			all = append(all, m.loggedModel)
		}
	}
	slices.SortStableFunc(all, func(a, b loggedModel) int { return int(b.Info.Created - a.Info.Created) })
	s := search{Filter: q.Filter, Page: q.Page}
	for _, o := range q.Order {
		direction := " ASC"
		if o.Ascending != nil && !*o.Ascending {
			direction = " DESC"
		}
		s.Order = append(s.Order, o.Field+direction)
	}
	found, next, err := s.over(modelSubject, len(all), most, func(f field) ([]value, error) {
		out := make([]value, len(all))
		for i := range all {
			out[i] = all[i].value(f)
		}
		return out, nil
	})
	answer := struct {
		Models []loggedModel `json:"models"`
		Next   string        `json:"next_page_token,omitempty"`
	}{[]loggedModel{}, next}
	for _, i := range found {
		answer.Models = append(answer.Models, all[i])
	}
	return answer, err
}

func (m *loggedModel) value(f field) value {
	switch f.entity {
	case "tag":
		return valueOf(m.Info.Tags, f.key)
	case "param":
		return valueOf(m.Data.Params, f.key)
	case "metric":
		for _, metric := range m.Data.Metrics {
			if metric.Key == f.key && metric.Value != nil {
				return value{known: true, number: float64(*metric.Value)}
			}
		}
		return value{}
	}
	return map[string]value{
		"model_id":               {known: true, text: m.Info.ID},
		"name":                   {known: true, text: m.Info.Name},
		"model_type":             {known: m.Info.Type != "", text: m.Info.Type},
		"status":                 {known: true, text: m.Info.Status},
		"source_run_id":          {known: m.Info.Run != "", text: m.Info.Run},
		"experiment_id":          {known: true, text: m.Info.Experiment},
		"creation_timestamp":     {known: true, number: float64(m.Info.Created)},
		"last_updated_timestamp": {known: true, number: float64(m.Info.Changed)},
	}[f.key]
}
