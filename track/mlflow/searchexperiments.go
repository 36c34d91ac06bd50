package mlflow

import (
	"context"

	"github.com/tomo-viz/tomo/track"
)

// experimentSubject is what experiments are searched for and sorted by.
var experimentSubject = subject{
	texts:    []string{"name", "experiment_id"},
	numbers:  []string{"creation_time", "last_update_time"},
	entities: []string{"tag"},
}

func (h *Handler) searchExperiments(ctx context.Context, q *struct {
	search
	View viewType `json:"view_type"`
}) (any, error) {
	most, err := atMost(q.Most, runsOnPage, maxOnPage)
	if err != nil {
		return nil, err
	}
	projects, err := h.store.Projects(ctx)
	if err != nil {
		return nil, err
	}
	var shown []*track.Project
	for _, p := range projects {
		if ok, err := q.View.shows(!p.Deleted.IsZero()); err != nil {
			return nil, err
		} else if ok {
			shown = append(shown, p)
		}
	}
	all, err := h.experiments(ctx, shown)
	if err != nil {
		return nil, err
	}
	found, next, err := q.over(ctx, experimentSubject, len(all), most, func(f field) ([]value, error) {
		out := make([]value, len(all))
		for i := range all {
			out[i] = all[i].value(f)
		}
		return out, nil
	})
	answer := struct {
		Experiments []experiment `json:"experiments"`
		Next        string       `json:"next_page_token,omitempty"`
	}{[]experiment{}, next}
	for _, i := range found {
		answer.Experiments = append(answer.Experiments, all[i])
	}
	return answer, err
}

func (e *experiment) value(f field) value {
	switch {
	case f.entity == "tag":
		return valueOf(e.Tags, f.key)
	case f.key == "name":
		return value{known: true, text: e.Name}
	case f.key == "experiment_id":
		return value{known: true, text: e.ID}
	case f.key == "creation_time":
		return value{known: true, number: float64(e.Created)}
	}
	return value{known: true, number: float64(e.Changed)}
}

// valueOf finds a key among pairs.
func valueOf(list []keyValue, key string) value {
	for _, pair := range list {
		if pair.Key == key {
			return value{known: true, text: pair.Value}
		}
	}
	return value{}
}
