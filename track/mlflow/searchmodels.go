package mlflow

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
)

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
	slices.SortStableFunc(all, func(a, b loggedModel) int { return cmp.Compare(b.Info.Created, a.Info.Created) })
	s := search{Filter: q.Filter, Page: q.Page}
	for _, o := range q.Order {
		direction := " ASC"
		if o.Ascending != nil && !*o.Ascending {
			direction = " DESC"
		}
		s.Order = append(s.Order, o.Field+direction)
	}
	found, next, err := s.over(ctx, modelSubject, len(all), most, func(f field) ([]value, error) {
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
