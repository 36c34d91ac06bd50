package mlflow

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/tomo-viz/tomo/track"
)

// A runTable is the runs of some experiments, of which columns are read as they
// are needed.
type runTable struct {
	h        *Handler
	ctx      context.Context
	runs     []*track.Run
	projects map[string]*track.Project // by name
}

// list finds the runs of experiments, the latest first.
func (t *runTable) list(experiments []string, view viewType) error {
	if len(experiments) > maxExperiments {
		return invalid("the request names %d experiments; at most %d are taken at a time", len(experiments), maxExperiments)
	}
	t.projects = map[string]*track.Project{}
	for _, id := range experiments {
		p, err := t.h.project(t.ctx, id)
		if err != nil {
			if told(err).Code == "RESOURCE_DOES_NOT_EXIST" {
				continue // there are no runs of what is not there
			}
			return err
		}
		if t.projects[p.Name] != nil {
			continue
		}
		t.projects[p.Name] = p
		runs, err := t.h.store.AllRuns(t.ctx, p.Name)
		if err != nil {
			return err
		}
		for _, r := range runs {
			shown, err := view.shows(!r.Deleted.IsZero())
			if err != nil {
				return err
			}
			if shown {
				t.runs = append(t.runs, r)
			}
		}
	}
	slices.SortFunc(t.runs, func(a, b *track.Run) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	return nil
}

// column implements lookup.
func (t *runTable) column(f field) ([]value, error) {
	out := make([]value, len(t.runs))
	switch f.entity {
	case "metric":
		points, err := t.h.store.LatestOf(t.ctx, t.runs, f.key)
		if err != nil {
			return nil, err
		}
		for i, p := range points {
			if p != nil {
				out[i] = value{known: true, number: p.Value}
			}
		}
		return out, nil
	case "param":
		return out, t.notes(out, track.ConfigNote, f.key)
	case "tag":
		return out, t.notes(out, track.TagNote, f.key)
	case "dataset":
		return out, t.datasets(out, f.key)
	}
	if f.key == "user_id" {
		return out, t.notes(out, track.TagNote, userTag)
	}
	for i, r := range t.runs {
		info := infoOf(r, t.projects[r.Project], "")
		out[i] = map[string]value{
			"run_id":       {known: true, text: info.ID},
			"run_name":     {known: true, text: info.Name},
			"status":       {known: true, text: info.Status},
			"artifact_uri": {known: true, text: info.Artifacts},
			"start_time":   {known: true, number: float64(info.Start)},
			"end_time":     {known: !r.Ended.IsZero(), number: float64(info.End)},
		}[f.key]
	}
	return out, nil
}

func (t *runTable) notes(out []value, kind, key string) error {
	notes, err := t.h.store.NoteOf(t.ctx, t.runs, kind, key)
	for i, n := range notes {
		if n != nil {
			out[i] = value{known: true, text: plain(n)}
		}
	}
	return err
}

// datasets are of each run as many values as it has datasets, or contexts.
func (t *runTable) datasets(out []value, key string) error {
	notes, err := t.h.store.NoteOf(t.ctx, t.runs, datasetsNote, "all")
	if err != nil {
		return err
	}
	for i, n := range notes {
		if n == nil {
			continue
		}
		var inputs []datasetInput
		if err := json.Unmarshal(n, &inputs); err != nil {
			return err
		}
		v := &out[i]
		for _, in := range inputs {
			switch key {
			case "name":
				v.any = append(v.any, in.Dataset.Name)
			case "digest":
				v.any = append(v.any, in.Dataset.Digest)
			case "context":
				v.any = append(v.any, contextsOf(in)...)
			}
		}
	}
	return nil
}

func contextsOf(in datasetInput) []string {
	var out []string
	for _, tag := range in.Tags {
		if tag.Key == "mlflow.data.context" {
			out = append(out, tag.Value)
		}
	}
	return out
}

// show reads all of the runs that were found.
func (t *runTable) show(found []int) ([]run, error) {
	runs := make([]*track.Run, len(found))
	for i, k := range found {
		runs[i] = t.runs[k]
	}
	rows, err := t.h.store.Rows(t.ctx, runs)
	if err != nil {
		return nil, err
	}
	out := make([]run, len(rows))
	for i := range rows {
		if out[i], err = runOf(&rows[i], t.projects[rows[i].Project]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
