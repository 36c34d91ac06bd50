package mlflow

import "context"

// runSubject is what runs are searched for and sorted by.
var runSubject = subject{
	texts:   []string{"run_id", "run_name", "status", "user_id", "artifact_uri"},
	numbers: []string{"start_time", "end_time"},
	aliases: map[string]string{
		"created": "start_time", "Created": "start_time",
		"run name": "run_name", "Run name": "run_name", "Run Name": "run_name",
	},
	entities: []string{"metric", "param", "tag", "dataset"},
}

var datasetKeys = []string{"name", "digest", "context"}

// Limits of pages, as MLflow has them.
const (
	runsOnPage = 1_000
	maxOnPage  = 50_000

	maxExperiments = 10_000
)

// A search is what searches for runs and experiments have in common.
type search struct {
	Filter string   `json:"filter"`
	Order  []string `json:"order_by"`
	Most   whole    `json:"max_results"`
	Page   string   `json:"page_token"`
}

func (h *Handler) searchRuns(ctx context.Context, q *struct {
	search
	Experiments []string `json:"experiment_ids"`
	View        viewType `json:"run_view_type"`
}) (any, error) {
	most, err := atMost(q.Most, runsOnPage, maxOnPage)
	if err != nil {
		return nil, err
	}
	t := &runTable{h: h, ctx: ctx}
	if err := t.list(q.Experiments, q.View); err != nil {
		return nil, err
	}
	found, next, err := q.over(ctx, runSubject, len(t.runs), most, t.column)
	if err != nil {
		return nil, err
	}
	runs, err := t.show(found)
	return struct {
		Runs []run  `json:"runs"`
		Next string `json:"next_page_token,omitempty"`
	}{runs, next}, err
}

// over returns the indices of the page that is asked for, of those of n things
// that the filter lets pass, sorted, and the token of the next page.
func (q search) over(ctx context.Context, s subject, n int, most int64, of lookup) (found []int, next string, err error) {
	clauses, err := s.parseFilter(q.Filter)
	if err != nil {
		return nil, "", err
	}
	orders, err := s.parseOrder(q.Order)
	if err != nil {
		return nil, "", err
	}
	if found, err = find(ctx, n, clauses, of); err != nil {
		return nil, "", err
	}
	if err := s.sortBy(found, orders, of); err != nil {
		return nil, "", err
	}
	from, to, next, err := page(int64(len(found)), q.Page, most)
	return found[from:to], next, err
}
