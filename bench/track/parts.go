package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// A part is one kind of call that is measured.
type part struct {
	name, about string
	// calls are those of a round and client, to Tomo and to MLflow, that the
	// rounds of both take about as long.
	calls [2]int
	// request is that of the i-th call, to the run of a client.
	request func(s server, run string, i int) (method, path, body string)
}

const (
	api           = "/api/2.0/mlflow/"
	batchPoints   = 1000
	searchedRuns  = 500
	historyPoints = 10_000
	now           = 1_764_000_000_000 // milliseconds since 1970
)

var parts = []part{
	{"metric", "log_metric, one point", [2]int{200, 40}, func(_ server, run string, i int) (string, string, string) {
		return http.MethodPost, api + "runs/log-metric", fmt.Sprintf(`{"run_uuid":%q,"run_id":%q,"key":"loss","value":%g,"timestamp":%d,"step":%d}`, run, run, 1/float64(i+1), now+i, i)
	}},
	{"batch", "log_batch, 1,000 points", [2]int{40, 8}, func(_ server, run string, i int) (string, string, string) {
		return http.MethodPost, api + "runs/log-batch", points(run, "batch", i*batchPoints)
	}},
	{"search", "search_runs, 500 runs of 20 metrics, filtered to 250", [2]int{6, 2}, func(s server, _ string, _ int) (string, string, string) {
		return http.MethodPost, api + "runs/search", fmt.Sprintf(`{"experiment_ids":[%q],"filter":"metrics.m0 < 250","order_by":["metrics.m1 DESC"],"max_results":1000}`, s.Searched)
	}},
	{"history", "get_metric_history, 10,000 points", [2]int{10, 4}, func(s server, _ string, _ int) (string, string, string) {
		return http.MethodGet, api + "metrics/get-history?" + url.Values{"run_id": {s.History}, "run_uuid": {s.History}, "metric_key": {"long"}, "max_results": {"25000"}}.Encode(), ""
	}},
}

func partNames() []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return names
}

func partNamed(name string) (part, error) {
	for _, p := range parts {
		if p.name == name {
			return p, nil
		}
	}
	return part{}, fmt.Errorf("there is no part %q; there are %s", name, strings.Join(partNames(), ", "))
}

// points is the body of a batch of one metric, from a step on.
func points(run, key string, from int) string {
	type metric struct {
		Key       string  `json:"key"`
		Value     float64 `json:"value"`
		Timestamp int     `json:"timestamp"`
		Step      int     `json:"step"`
	}
	batch := struct {
		Run     string   `json:"run_id"`
		Metrics []metric `json:"metrics"`
	}{Run: run}
	for i := from; i < from+batchPoints; i++ {
		batch.Metrics = append(batch.Metrics, metric{key, 1 / float64(i+3), now + i, i})
	}
	raw, err := json.Marshal(batch)
	if err != nil {
		panic(err) // finite numbers and texts can be written
	}
	return string(raw)
}
