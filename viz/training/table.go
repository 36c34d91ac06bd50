package training

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/training/findings"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// mostSettings is how many settings a table shows that were not asked for.
const mostSettings = 8

// showTable tells of each run in a row.
func showTable(ctx context.Context, s *session) (figure.Figure, error) {
	descending := strings.HasPrefix(s.p.Sort, "-")
	order := strings.TrimPrefix(s.p.Sort, "-")
	if order != "" {
		if err := s.known([]string{order}); err != nil {
			return nil, err
		}
	}
	metrics := s.chosenMetrics()
	if len(s.p.Metric) > 0 && len(metrics) == 0 {
		return nil, s.noMetric()
	}
	settings, err := s.settings()
	if err != nil {
		return nil, err
	}
	read, err := s.measure(ctx, s.runs, union(metrics, s.metricsIn([]string{order})))
	if err != nil && len(read.of) == 0 {
		return nil, err
	}
	runs := slices.DeleteFunc(slices.Clone(s.runs), func(r *subject) bool { return read.of[r] == nil })
	if order != "" {
		sortRuns(runs, read, order, descending)
	}
	t := &figure.Table{}
	t.Title = "Runs"
	t.Columns = append(t.Columns, figure.Column{Name: "run"}, figure.Column{Name: "state"}, figure.Column{Name: "took"})
	for _, key := range settings {
		t.Columns = append(t.Columns, figure.Column{Name: key, Number: allNumbers(runs, key)})
	}
	for _, m := range metrics {
		t.Columns = append(t.Columns, metricColumns(m)...)
	}
	for _, r := range runs {
		t.Rows = append(t.Rows, figure.Row{Cells: cellsOf(r, read, settings, metrics)})
	}
	if order != "" {
		t.Add("sorted by", s.p.Sort)
	}
	if s.p.Where != "" {
		t.Add("where", s.p.Where)
	}
	return t, err
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// settings are those that are asked for, or the first that differ between runs.
func (s *session) settings() ([]string, error) {
	if len(s.p.Config) > 0 {
		return s.p.Config, s.known(s.p.Config)
	}
	texts := map[string]map[string]bool{}
	has := map[string]int{}
	for _, r := range s.runs {
		for key, v := range r.Config {
			if texts[key] == nil {
				texts[key] = map[string]bool{}
			}
			texts[key][settingText(v)] = true
			has[key]++
		}
	}
	var out []string
	for key, values := range texts {
		if len(s.runs) == 1 || len(values) > 1 || has[key] < len(s.runs) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), mostSettings)], nil
}

func allNumbers(runs []*subject, key string) bool {
	some := false
	for _, r := range runs {
		if text, ok := r.setting(key); ok {
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				return false
			}
			some = true
		}
	}
	return some
}

// metricColumns are the last value of a metric, and the best with its step; where
// it is not known which way is better, the ends.
func metricColumns(name string) []figure.Column {
	column := func(what string) figure.Column { return figure.Column{Name: name + what, Number: true} }
	switch role.Of(name).Kind {
	case role.Loss:
		return []figure.Column{column(" last"), column(" least"), column(" at step")}
	case role.Score:
		return []figure.Column{column(" last"), column(" greatest"), column(" at step")}
	}
	return []figure.Column{column(" last"), column(" least"), column(" greatest")}
}

func cellsOf(r *subject, read *reading, settings, metrics []string) []figure.Cell {
	cells := []figure.Cell{figure.Text(r.name), figure.Text(string(r.State)), figure.Text(r.took())}
	for _, key := range settings {
		text, _ := r.setting(key)
		cell := figure.Text(text)
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			cell.Value = v
		}
		cells = append(cells, cell)
	}
	for _, m := range metrics {
		st, ok := read.of[r][m]
		what := []string{"last", "best", "step"}
		if k := role.Of(m).Kind; k != role.Loss && k != role.Score {
			what = []string{"last", "min", "max"}
		}
		for _, w := range what {
			if !ok {
				cells = append(cells, figure.Cell{Value: math.NaN()})
				continue
			}
			v := valueOf(st, m, w)
			cells = append(cells, figure.Cell{Text: findings.Figure(v), Value: v})
		}
	}
	return cells
}

// took is how long the run was, up to now if it goes on.
func (r *subject) took() string {
	if r.Ended.IsZero() || r.Ended.Before(r.Created) {
		return ""
	}
	d := r.Ended.Sub(r.Created)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.1f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// sortRuns orders runs by a key; those that lack it come last.
func sortRuns(runs []*subject, read *reading, key string, descending bool) {
	slices.SortStableFunc(runs, func(a, b *subject) int {
		x, okX := a.lookup(key, read.of[a])
		y, okY := b.lookup(key, read.of[b])
		switch {
		case !okX && !okY:
			return 0
		case !okX:
			return 1
		case !okY:
			return -1
		case descending:
			return compareSettings(y, x)
		}
		return compareSettings(x, y)
	})
}
