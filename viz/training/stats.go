package training

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// A reading is the statistics of some metrics of each run.
type reading struct {
	metrics []string
	of      map[*subject]map[string]curve.Stats
}

// measure reads the statistics of metrics of all runs, several runs at a time.
// What was read before an error is returned with it.
func (s *session) measure(ctx context.Context, runs []*subject, metrics []string) (*reading, error) {
	out := &reading{metrics: metrics, of: map[*subject]map[string]curve.Stats{}}
	s.total += len(runs)
	var mu sync.Mutex
	work, working := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, r := range runs {
		if working.Err() != nil {
			break
		}
		work.Go(func() error {
			values, err := measureRun(working, r, metrics)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			out.of[r] = values
			s.step(r.name)
			return nil
		})
	}
	err := work.Wait()
	if err == nil {
		err = ctx.Err()
	}
	return out, err
}

func measureRun(ctx context.Context, r *subject, metrics []string) (map[string]curve.Stats, error) {
	out := map[string]curve.Stats{}
	for _, c := range r.Curves {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !slices.Contains(metrics, c.Name) {
			continue
		}
		st, ok, err := curve.Measure(ctx, r.store, c)
		if err != nil {
			return nil, err
		}
		if ok {
			out[c.Name] = st
		}
	}
	return out, nil
}

// usualMetrics is how many metrics a table has if none is asked for.
const usualMetrics = 4

// chosenMetrics are those that are asked for, or the first losses and scores.
func (s *session) chosenMetrics() []string {
	seen := map[string]bool{}
	var names []string
	for _, r := range s.runs {
		for _, c := range r.Curves {
			if !seen[c.Name] && s.metrics.find(c.Name) {
				seen[c.Name] = true
				names = append(names, c.Name)
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		ra, rb := role.Of(a), role.Of(b)
		if d := rank(ra.Kind) - rank(rb.Kind); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	if len(s.p.Metric) == 0 && len(names) > usualMetrics {
		names = names[:usualMetrics]
	}
	return names
}

// A measured quantity is a metric with what of it is meant: "val_loss.min".
var quantities = []string{"last", "min", "max", "best", "step"}

// quantity reads a key such as val_loss.min, or val_loss for its best value.
func quantity(key string, c []track.Curve) (metric, what string, ok bool) {
	has := func(name string) bool {
		return slices.ContainsFunc(c, func(c track.Curve) bool { return c.Name == name })
	}
	if has(key) {
		return key, "best", true
	}
	at := strings.LastIndexByte(key, '.')
	if at < 0 || !slices.Contains(quantities, key[at+1:]) || !has(key[:at]) {
		return "", "", false
	}
	return key[:at], key[at+1:], true
}

// valueOf is a quantity of a metric. The best is the greatest of a score, the
// least of a loss, and the last of what is neither.
func valueOf(st curve.Stats, name, what string) float64 {
	kind := role.Of(name).Kind
	switch {
	case what == "min" || what == "best" && kind == role.Loss:
		return st.Min
	case what == "max" || what == "best" && kind == role.Score:
		return st.Max
	case what == "step" && kind == role.Loss:
		return st.MinStep
	case what == "step" && kind == role.Score:
		return st.MaxStep
	case what == "step":
		return st.LastStep
	}
	return st.Last
}

// lookup finds what a condition or an order may ask of a run.
func (r *subject) lookup(key string, values map[string]curve.Stats) (string, bool) {
	switch key {
	case "name", "run":
		return r.name, true
	case "id":
		return r.ID, true
	case "created":
		return r.Created.UTC().Format("2006-01-02T15:04:05Z"), true
	}
	if text, ok := r.setting(key); ok {
		return text, true
	}
	metric, what, ok := quantity(key, r.Curves)
	if !ok {
		return "", false
	}
	st, ok := values[metric]
	v := valueOf(st, metric, what)
	return fmt.Sprint(v), ok && !math.IsNaN(v)
}
