package training

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/findings"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// A session is one request: the runs, what is known of them, and how far it is.
type session struct {
	in      *viz.Input
	p       Params
	runs    []*subject
	metrics patterns

	finished, total int
}

// A subject is a run as the views need it.
type subject struct {
	track.Overview
	store *track.Store
	name  string // no other subject's
	split role.Split
	base  string // what it has in common with the runs of the other splits
}

func newSession(ctx context.Context, in *viz.Input, p Params) (*session, error) {
	s := &session{in: in, p: p}
	var err error
	if s.metrics, err = compile("metric", p.Metric); err != nil {
		return nil, err
	}
	if p.To != 0 && p.To < p.From {
		return nil, viz.Userf("from-step is %v and to-step %v: nothing lies between", p.From, p.To)
	}
	if s.runs, err = subjects(ctx, in.Runs); err != nil {
		return nil, err
	}
	return s, s.filter(ctx)
}

// subjects asks each store once about all its runs, and keeps their order.
func subjects(ctx context.Context, runs []viz.Run) ([]*subject, error) {
	out := make([]*subject, len(runs))
	places := map[*track.Store][]int{}
	var stores []*track.Store
	for i, r := range runs {
		if places[r.Store] == nil {
			stores = append(stores, r.Store)
		}
		places[r.Store] = append(places[r.Store], i)
	}
	for _, store := range stores {
		var list []*track.Run
		for _, i := range places[store] {
			list = append(list, runs[i].Run)
		}
		seen, err := store.Overviews(ctx, list)
		if err != nil {
			return nil, err
		}
		for k, i := range places[store] {
			out[i] = &subject{Overview: seen[k], store: store, name: runs[i].Name()}
		}
	}
	out = distinct(out)
	var names []string
	for _, r := range out {
		names = append(names, r.name)
	}
	for i, short := range shorten(names) {
		out[i].name = short
		out[i].split, out[i].base = role.OfRun(short)
	}
	return out, nil
}

// distinct leaves out runs that were given twice, and tells runs of one name
// apart by their projects, or else by their IDs.
func distinct(runs []*subject) []*subject {
	type key struct {
		store *track.Store
		id    string
	}
	seen, names := map[key]bool{}, map[string]int{}
	runs = slices.DeleteFunc(runs, func(r *subject) bool {
		k := key{r.store, r.ID}
		again := seen[k]
		seen[k] = true
		return again
	})
	// What tells them apart stands before their names, whose ends tell the splits.
	for _, apart := range []func(*subject) string{
		func(r *subject) string { return r.Project },
		func(r *subject) string { return r.ID[:min(len(r.ID), 8)] },
		func(r *subject) string { return r.ID },
	} {
		clear(names)
		for _, r := range runs {
			names[r.name]++
		}
		for _, r := range runs {
			if names[r.name] > 1 {
				r.name = apart(r) + "/" + r.name
			}
		}
	}
	return runs
}

// shorten leaves out the folders that all names begin with.
func shorten(names []string) []string {
	if len(names) < 2 {
		return names
	}
	common := names[0][:strings.LastIndexByte(names[0], '/')+1]
	for _, name := range names {
		for !strings.HasPrefix(name, common) {
			common = common[:strings.LastIndexByte(common[:len(common)-1], '/')+1]
		}
	}
	if slices.ContainsFunc(names, func(name string) bool { _, base := role.OfRun(name[len(common):]); return base == "" }) {
		common = common[:strings.LastIndexByte(strings.TrimSuffix(common, "/"), '/')+1] // the folder of the splits is the training's name
	}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name[len(common):]
	}
	return out
}

// step tells that a part of the work is done.
func (s *session) step(what string) {
	s.in.Progress(viz.Progress{Done: s.finished, Total: s.total, What: what})
	s.finished++
}

func (s *session) done() { s.in.Progress(viz.Progress{Done: max(s.total, 1), Total: max(s.total, 1)}) }

// describe completes a figure's caption.
func (s *session) describe(about *figure.About) {
	if about.Subtitle == "" {
		about.Subtitle = findings.Plural(len(s.runs), "run")
		if len(s.runs) == 1 {
			about.Subtitle = s.runs[0].name
		}
	}
	about.Add("runs", fmt.Sprint(len(s.runs)))
}

// span is the part of the steps that is shown.
func (s *session) span() curve.Span {
	span := curve.Everything
	if s.p.From != 0 {
		span.Low = s.p.From
	}
	if s.p.To != 0 {
		span.High = s.p.To
	}
	return span
}

// patterns find names; none find all.
type patterns []*regexp.Regexp

func compile(param string, texts []string) (patterns, error) {
	var out patterns
	for _, text := range texts {
		p, err := regexp.Compile(text) // RE2: its time is bounded whatever it is
		if err != nil {
			return nil, viz.Userf("%s %q is no regular expression: %w", param, text, err)
		}
		out = append(out, p)
	}
	return out, nil
}

func (l patterns) find(name string) bool {
	return len(l) == 0 || slices.ContainsFunc(l, func(p *regexp.Regexp) bool { return p.MatchString(name) })
}

// noMetric says that the patterns find nothing, with what there is.
func (s *session) noMetric() error {
	var names []string
	for _, r := range s.runs {
		for _, c := range r.Curves {
			if !slices.Contains(names, c.Name) && len(names) < 12 {
				names = append(names, c.Name)
			}
		}
	}
	if len(names) == 0 {
		return viz.Userf("these runs have logged no metric")
	}
	return viz.Userf("no metric is called %s; there are %s", strings.Join(s.p.Metric, " or "), strings.Join(names, ", "))
}
