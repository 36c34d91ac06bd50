package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A link is one connection, which is kept.
type link struct {
	client *http.Client
	url    string
}

func dial(url string) *link {
	return &link{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}, url}
}

func (l *link) ask(ctx context.Context, method, path, body string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, l.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header["Idempotency-Key"] = []string{} // sent again if the server closes an idle connection meanwhile
	resp, err := l.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %.300s", method, path, resp.Status, raw)
	}
	return raw, err
}

// newRun makes a run of an experiment.
func (l *link) newRun(ctx context.Context, experiment string) (string, error) {
	raw, err := l.ask(ctx, http.MethodPost, api+"runs/create", fmt.Sprintf(`{"experiment_id":%q,"start_time":%d}`, experiment, now))
	if err != nil {
		return "", err
	}
	var answer struct {
		Run struct {
			Info struct {
				ID string `json:"run_id"`
			}
		}
	}
	err = json.Unmarshal(raw, &answer)
	return answer.Run.Info.ID, err
}

// byHTTP returns the seconds of calls without MLflow's client, each to the last
// byte of its answer, of several connections at a time.
func byHTTP(ctx context.Context, s server, p part, calls, clients int) ([]float64, error) {
	var mu sync.Mutex
	var all []float64
	err := together(clients, func() error {
		l := dial(s.URL)
		defer l.client.CloseIdleConnections()
		run, err := l.newRun(ctx, "0")
		if err != nil {
			return err
		}
		var own []float64
		for i := range calls + 1 {
			method, path, body := p.request(s, run, i)
			start := time.Now()
			if _, err := l.ask(ctx, method, path, body); err != nil {
				return err
			}
			if i > 0 { // the first warms up
				own = append(own, time.Since(start).Seconds())
			}
		}
		mu.Lock()
		all = append(all, own...)
		mu.Unlock()
		return nil
	})
	return all, err
}

// together runs n of the same at a time and returns the first error.
func together(n int, do func() error) error {
	errs := make(chan error, n)
	for range n {
		go func() { errs <- do() }()
	}
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
