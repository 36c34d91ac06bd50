package mlflow

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/tomo-viz/tomo/track"
)

type createExperiment struct {
	Name string     `json:"name"`
	Home string     `json:"artifact_location"`
	Tags []keyValue `json:"tags"`
}

type experimentID struct {
	ID string `json:"experiment_id"`
}

func (h *Handler) createExperiment(ctx context.Context, q *createExperiment) (any, error) {
	if q.Name == "" {
		return nil, invalid("an experiment needs a name")
	}
	tags := tagsOf(q.Tags)
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	p, err := h.store.CreateProject(ctx, track.Project{Name: q.Name, Home: q.Home})
	if err != nil {
		return nil, err
	}
	for key, value := range tags {
		if err := h.store.SetProjectNote(ctx, p.ID, track.TagNote, key, value); err != nil {
			return nil, err
		}
	}
	return experimentID{idOf(p)}, nil
}

func (h *Handler) getExperiment(ctx context.Context, q *experimentID) (any, error) {
	p, err := h.project(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	return h.showExperiment(ctx, p)
}

func (h *Handler) getExperimentByName(ctx context.Context, q *struct {
	Name string `json:"experiment_name"`
}) (any, error) {
	p, err := h.store.ProjectNamed(ctx, q.Name)
	if err != nil {
		return nil, err
	}
	return h.showExperiment(ctx, p)
}

func (h *Handler) showExperiment(ctx context.Context, p *track.Project) (any, error) {
	all, err := h.experiments(ctx, []*track.Project{p})
	if err != nil {
		return nil, err
	}
	return map[string]experiment{"experiment": all[0]}, nil
}

func (h *Handler) updateExperiment(ctx context.Context, q *struct {
	ID   string `json:"experiment_id"`
	Name string `json:"new_name"`
}) (any, error) {
	p, err := h.activeProject(ctx, q.ID)
	if err != nil || q.Name == "" {
		return nil, err
	}
	return nil, h.store.RenameProject(ctx, p, q.Name)
}

func (h *Handler) deleteExperiment(ctx context.Context, q *experimentID) (any, error) {
	p, err := h.activeProject(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	if p.ID == 0 {
		return nil, invalid("the experiment %q is where runs go that name none, and cannot be deleted", p.Name)
	}
	return nil, h.store.DeleteProject(ctx, p)
}

func (h *Handler) restoreExperiment(ctx context.Context, q *experimentID) (any, error) {
	p, err := h.project(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	if p.Deleted.IsZero() {
		return nil, absent("there is no deleted experiment %s", q.ID)
	}
	return nil, h.store.RestoreProject(ctx, p)
}

type experimentTag struct {
	ID    string `json:"experiment_id"`
	Key   string `json:"key"`
	Value string `json:"value"`
}

func (h *Handler) setExperimentTag(ctx context.Context, q *experimentTag) (any, error) {
	p, err := h.activeProject(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	return nil, h.store.SetProjectNote(ctx, p.ID, track.TagNote, q.Key, q.Value)
}

func (h *Handler) deleteExperimentTag(ctx context.Context, q *experimentTag) (any, error) {
	p, err := h.activeProject(ctx, q.ID)
	if err != nil {
		return nil, err
	}
	return nil, h.store.DeleteProjectNote(ctx, p.ID, track.TagNote, q.Key)
}

func idOf(p *track.Project) string { return strconv.FormatInt(p.ID, 10) }

// project finds an experiment, which may be deleted.
func (h *Handler) project(ctx context.Context, id string) (*track.Project, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, absent("there is no experiment %q", id)
	}
	return h.store.Project(ctx, n)
}

func (h *Handler) activeProject(ctx context.Context, id string) (*track.Project, error) {
	p, err := h.project(ctx, id)
	if err == nil && !p.Deleted.IsZero() {
		err = invalid("the experiment %q (%s) is deleted; restore it first", p.Name, id)
	}
	return p, err
}

// experiments are projects as clients see them, with their tags.
func (h *Handler) experiments(ctx context.Context, projects []*track.Project) ([]experiment, error) {
	notes, err := h.store.ProjectNotes(ctx, track.TagNote, "")
	if err != nil {
		return nil, err
	}
	tags := map[int64][]keyValue{}
	for _, n := range notes {
		tags[n.Project] = append(tags[n.Project], keyValue{n.Key, plain(n.Value)})
	}
	out := make([]experiment, len(projects))
	for i, p := range projects {
		out[i] = experiment{
			ID: idOf(p), Name: p.Name, Home: homeOf(p), Stage: stageOf(!p.Deleted.IsZero()),
			Changed: millis(p.Changed), Created: millis(p.Created), Tags: tags[p.ID],
		}
	}
	return out, nil
}

// homeOf is where the artifacts of an experiment lie: here, if it does not say.
func homeOf(p *track.Project) string {
	if p.Home != "" {
		return p.Home
	}
	return fmt.Sprintf("mlflow-artifacts:/%d", p.ID)
}

func millis(t time.Time) whole {
	if t.IsZero() {
		return 0
	}
	return whole(t.UnixMilli())
}

// plain is the text that stands for a value of JSON: that of a string itself.
func plain(value json.RawMessage) string {
	var s string
	if len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}
