package mlflow

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/track"
)

// Kinds of notes that are kept of runs besides their configuration and tags.
const (
	datasetsNote = "mlflow.datasets"
	inputsNote   = "mlflow.model_inputs"
	outputsNote  = "mlflow.model_outputs"
)

// Tags that clients set and read.
const (
	nameTag    = "mlflow.runName"
	userTag    = "mlflow.user"
	historyTag = "mlflow.log-model.history"
)

// A status is what becomes of a run.
type status struct{ name }

var statusNumbers = map[string]string{"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}

func (s *status) UnmarshalJSON(raw []byte) error { return s.from(raw, statusNumbers) }

// stateOf is how the store calls a status: the same in small letters.
func stateOf(s status) (track.State, error) {
	switch state := track.State(strings.ToLower(string(s.name))); state {
	case track.Running, track.Scheduled, track.Finished, track.Failed, track.Killed:
		return state, nil
	}
	return "", invalid("there is no status %q of a run", s.name)
}

type createRun struct {
	Experiment string     `json:"experiment_id"`
	User       string     `json:"user_id"`
	Name       string     `json:"run_name"`
	Start      whole      `json:"start_time"`
	Tags       []keyValue `json:"tags"`
}

func (h *Handler) createRun(ctx context.Context, q *createRun) (any, error) {
	if q.Experiment == "" {
		q.Experiment = "0"
	}
	p, err := h.activeProject(ctx, q.Experiment)
	if err != nil {
		return nil, err
	}
	tags := tagsOf(q.Tags)
	if q.User != "" && tags[userTag] == "" {
		tags[userTag] = q.User
	}
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	title := q.Name
	if title == "" {
		title = tags[nameTag]
	}
	started := time.Now()
	if q.Start > 0 {
		started = time.UnixMilli(int64(q.Start))
	}
	r, err := h.store.CreateRun(ctx, track.Run{Project: p.Name, Title: title, Created: started})
	if err != nil {
		return nil, err
	}
	if title == "" {
		r.Title = "run-" + r.ID[:8]
		if err := h.store.UpdateRun(ctx, r); err != nil {
			return nil, err
		}
	}
	tags[nameTag] = r.Title
	if err := h.store.Log(ctx, r, &track.Batch{Tags: tags}); err != nil {
		return nil, err
	}
	return h.showRun(ctx, r)
}

func tagsOf(list []keyValue) map[string]string {
	tags := map[string]string{}
	for _, tag := range list {
		tags[tag.Key] = tag.Value
	}
	return tags
}

// A runID names a run, under one of two names.
type runID struct {
	ID   string `json:"run_id"`
	UUID string `json:"run_uuid"`
}

func (q runID) id() string { return cmp.Or(q.ID, q.UUID) }

// find returns the run, which may be deleted.
func (q runID) find(ctx context.Context, h *Handler) (*track.Run, error) {
	if q.id() == "" {
		return nil, invalid("the request names no run: run_id is missing")
	}
	return h.store.Run(ctx, q.id())
}

// findActive returns the run if it may be changed.
func (q runID) findActive(ctx context.Context, h *Handler) (*track.Run, error) {
	r, err := q.find(ctx, h)
	if err == nil && !r.Deleted.IsZero() {
		err = invalid("the run %s is deleted; restore it first", r.ID)
	}
	return r, err
}

func (h *Handler) getRun(ctx context.Context, q *runID) (any, error) {
	r, err := q.find(ctx, h)
	if err != nil {
		return nil, err
	}
	return h.showRun(ctx, r)
}

func (h *Handler) showRun(ctx context.Context, r *track.Run) (any, error) {
	p, err := h.store.ProjectNamed(ctx, r.Project)
	if err != nil {
		return nil, err
	}
	rows, err := h.store.Rows(ctx, []*track.Run{r})
	if err != nil {
		return nil, err
	}
	shown, err := runOf(&rows[0], p)
	return map[string]run{"run": shown}, err
}

func (h *Handler) updateRun(ctx context.Context, q *struct {
	runID
	Status status `json:"status"`
	End    whole  `json:"end_time"`
	Name   string `json:"run_name"`
}) (any, error) {
	defer h.runs.hold(q.id())()
	r, err := q.findActive(ctx, h)
	if err != nil {
		return nil, err
	}
	if q.Status.name != "" {
		if r.State, err = stateOf(q.Status); err != nil {
			return nil, err
		}
		r.Ended = time.Time{} // where it goes on
	}
	if q.End > 0 {
		r.Ended = time.UnixMilli(int64(q.End))
	}
	if err := checkTitle(q.Name); err != nil {
		return nil, err
	}
	if q.Name != "" && q.Name != r.Title {
		r.Title = q.Name
		if err := h.store.Log(ctx, r, &track.Batch{Tags: map[string]string{nameTag: q.Name}}); err != nil {
			return nil, err
		}
	}
	if err := h.store.UpdateRun(ctx, r); err != nil {
		return nil, err
	}
	p, err := h.store.ProjectNamed(ctx, r.Project)
	if err != nil {
		return nil, err
	}
	user, err := h.store.NoteOf(ctx, []*track.Run{r}, track.TagNote, userTag)
	if err != nil {
		return nil, err
	}
	return map[string]runInfo{"run_info": infoOf(r, p, plain(user[0]))}, nil
}

func (h *Handler) deleteRun(ctx context.Context, q *runID) (any, error) {
	return nil, h.markRun(ctx, q, time.Now())
}

func (h *Handler) restoreRun(ctx context.Context, q *runID) (any, error) {
	return nil, h.markRun(ctx, q, time.Time{})
}

func (h *Handler) markRun(ctx context.Context, q *runID, at time.Time) error {
	defer h.runs.hold(q.id())()
	r, err := q.find(ctx, h)
	if err != nil {
		return err
	}
	r.Deleted = at
	return h.store.UpdateRun(ctx, r)
}
