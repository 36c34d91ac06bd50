package training

import (
	"context"
	"slices"

	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/findings"
	"github.com/tomo-viz/tomo/viz/training/query"
)

// filter keeps the runs for which the condition holds.
func (s *session) filter(ctx context.Context) error {
	if s.p.Where == "" {
		return nil
	}
	e, err := query.Parse(s.p.Where)
	if err != nil {
		return viz.Userf("where %q: %w", s.p.Where, err)
	}
	if err := s.known(query.Keys(e)); err != nil {
		return err
	}
	metrics := s.metricsIn(query.Keys(e))
	read, err := s.measure(ctx, s.runs, metrics)
	if err != nil {
		return err
	}
	before := len(s.runs)
	s.runs = slices.DeleteFunc(s.runs, func(r *subject) bool {
		return !query.Holds(e, func(key string) (string, bool) { return r.lookup(key, read.of[r]) })
	})
	if len(s.runs) == 0 {
		return viz.Userf("where %q holds for none of %s", s.p.Where, findings.Plural(before, "run"))
	}
	return nil
}

// known refuses keys that no run has, which are mistakes.
func (s *session) known(keys []string) error {
	always := []string{"name", "run", "id", "created", "project", "state"}
	for _, key := range keys {
		if slices.Contains(always, key) {
			continue
		}
		names := slices.Clone(always)
		if !slices.ContainsFunc(s.runs, func(r *subject) bool {
			_, set := r.setting(key)
			_, _, measured := quantity(key, r.Curves)
			names = append(names, r.keys()...)
			return set || measured
		}) {
			return viz.Userf("no run has %q%s", key, viz.Hint(key, names))
		}
	}
	return nil
}

func (r *subject) keys() []string {
	var out []string
	for k := range r.Config {
		out = append(out, k)
	}
	for k := range r.Tags {
		out = append(out, k)
	}
	for _, c := range r.Curves {
		out = append(out, c.Name)
	}
	return out
}

// metricsIn lists the metrics that keys ask about.
func (s *session) metricsIn(keys []string) []string {
	var out []string
	for _, key := range keys {
		for _, r := range s.runs {
			metric, _, ok := quantity(key, r.Curves)
			if _, set := r.setting(key); ok && !set && !slices.Contains(out, metric) {
				out = append(out, metric)
			}
		}
	}
	return out
}
