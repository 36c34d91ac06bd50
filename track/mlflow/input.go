package mlflow

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tomo-viz/tomo/track"
)

// maxInputs bounds the datasets and models of a run.
const maxInputs = 1000

func (h *Handler) logInputs(ctx context.Context, q *struct {
	runID
	Datasets []datasetInput `json:"datasets"`
	Models   []modelInput   `json:"models"`
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	defer h.runs.hold(r.ID)()
	for i, d := range q.Datasets {
		if d.Dataset.Name == "" || d.Dataset.Digest == "" {
			return nil, invalid("dataset %d has no name, or no digest", i)
		}
	}
	if err := add(ctx, h, r, datasetsNote, q.Datasets, sameDataset); err != nil {
		return nil, err
	}
	return nil, add(ctx, h, r, inputsNote, q.Models, func(a, b modelInput) bool { return a == b })
}

func sameDataset(a, b datasetInput) bool {
	return a.Dataset.Name == b.Dataset.Name && a.Dataset.Digest == b.Dataset.Digest && slices.Equal(a.Tags, b.Tags)
}

func (h *Handler) logOutputs(ctx context.Context, q *struct {
	runID
	Models []modelOutput `json:"models"`
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	defer h.runs.hold(r.ID)()
	return nil, add(ctx, h, r, outputsNote, q.Models, func(a, b modelOutput) bool { return a == b })
}

// add adds to a list that is kept as one note of a run what it does not have
// yet.
func add[T any](ctx context.Context, h *Handler, r *track.Run, kind string, more []T, same func(a, b T) bool) error {
	if len(more) == 0 {
		return nil
	}
	notes, err := h.store.Notes(ctx, r, kind)
	if err != nil {
		return err
	}
	var list []T
	if raw := notes["all"]; raw != nil {
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
	}
	for _, m := range more {
		if !slices.ContainsFunc(list, func(other T) bool { return same(m, other) }) {
			list = append(list, m)
		}
	}
	if len(list) > maxInputs {
		return invalid("the run %s would have %d datasets or models; it can have %d", r.ID, len(list), maxInputs)
	}
	return h.store.SetNote(ctx, r, kind, "all", list)
}

// logModel takes what clients of MLflow 2 tell of a model that they have put
// among the artifacts: they read it back from a tag.
func (h *Handler) logModel(ctx context.Context, q *struct {
	runID
	Model string `json:"model_json"`
}) (any, error) {
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(q.Model)) {
		return nil, invalid("model_json is no JSON")
	}
	defer h.runs.hold(r.ID)()
	tags, err := h.store.Tags(ctx, r)
	if err != nil {
		return nil, err
	}
	var history []json.RawMessage
	if old := tags[historyTag]; old != "" {
		if err := json.Unmarshal([]byte(old), &history); err != nil {
			return nil, invalid("the tag %s is no list: %v", historyTag, err)
		}
	}
	raw, err := json.Marshal(append(history, json.RawMessage(q.Model)))
	if err != nil {
		return nil, err
	}
	return nil, h.store.Log(ctx, r, &track.Batch{Tags: map[string]string{historyTag: string(raw)}})
}

// searchDatasets lists the datasets of runs of experiments, each once.
func (h *Handler) searchDatasets(ctx context.Context, q *struct {
	Experiments []string `json:"experiment_ids"`
}) (any, error) {
	t := &runTable{h: h, ctx: ctx}
	if err := t.list(q.Experiments, viewType{"ACTIVE_ONLY"}); err != nil {
		return nil, err
	}
	type summary struct {
		Experiment string `json:"experiment_id"`
		Name       string `json:"name"`
		Digest     string `json:"digest"`
		Context    string `json:"context,omitempty"`
	}
	notes, err := h.store.NoteOf(ctx, t.runs, datasetsNote, "all")
	if err != nil {
		return nil, err
	}
	out := []summary{}
	for i, n := range notes {
		var inputs []datasetInput
		if n != nil {
			if err := json.Unmarshal(n, &inputs); err != nil {
				return nil, err
			}
		}
		for _, in := range inputs {
			s := summary{idOf(t.projects[t.runs[i].Project]), in.Dataset.Name, in.Dataset.Digest, ""}
			if contexts := contextsOf(in); len(contexts) > 0 {
				s.Context = contexts[0]
			}
			if len(out) < maxInputs && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return map[string][]summary{"dataset_summaries": out}, nil
}
