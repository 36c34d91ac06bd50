package training

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// mostLabels is how many values of a setting that are no numbers have a place on
// an axis.
const mostLabels = 100

// showParallel lays out settings and the best values of metrics as axes. Runs
// that are better in the last metric stand out.
func showParallel(ctx context.Context, s *session) (figure.Figure, error) {
	settings, err := s.settings()
	if err != nil {
		return nil, err
	}
	metrics, err := s.parallelMetrics()
	if err != nil {
		return nil, err
	}
	if len(settings)+len(metrics) < 2 {
		return nil, viz.Userf("parallel axes need two settings or metrics at least, and these runs have %d", len(settings)+len(metrics))
	}
	read, err := s.measure(ctx, s.runs, metrics)
	if err != nil {
		return nil, err
	}
	fig := &figure.Parallel{}
	fig.Title = "Settings and results"
	columns := [][]float64{}
	for _, key := range settings {
		scale, values := s.settingScale(key)
		fig.Scales, columns = append(fig.Scales, scale), append(columns, values)
	}
	for _, m := range metrics {
		values := make([]float64, len(s.runs))
		for i, r := range s.runs {
			values[i] = math.NaN()
			if st, ok := read.of[r][m]; ok {
				values[i] = valueOf(st, m, "best")
			}
		}
		fig.Scales, columns = append(fig.Scales, scaleOf(m, values)), append(columns, values)
	}
	strengths := make([]float64, len(s.runs))
	if n := len(metrics); n > 0 {
		strengths = ranks(columns[len(columns)-1], role.Of(metrics[n-1]).Kind == role.Score)
		fig.Add("standing out", fmt.Sprintf("runs that are better in %s than others", metrics[n-1]))
	}
	fig.Threads = s.threads(columns, strengths)
	return fig, nil
}

// parallelMetrics are those that were asked for, or else the two that matter most;
// the first of these stands last.
func (s *session) parallelMetrics() ([]string, error) {
	metrics := s.chosenMetrics()
	switch {
	case len(s.p.Metric) == 0:
		metrics = metrics[:min(len(metrics), 2)]
		slices.Reverse(metrics)
	case len(metrics) == 0:
		return nil, s.noMetric()
	}
	return metrics, nil
}

// threads are the runs with their values on each axis; the strongest, which are
// drawn last, come last.
func (s *session) threads(columns [][]float64, strengths []float64) []figure.Thread {
	var out []figure.Thread
	for i, r := range s.runs {
		t := figure.Thread{Name: r.name, Strength: strengths[i]}
		for _, values := range columns {
			t.Values = append(t.Values, values[i])
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b figure.Thread) int { return cmp.Compare(a.Strength, b.Strength) })
	return out
}

// settingScale is an axis of numbers, or of words in order.
func (s *session) settingScale(key string) (figure.Scale, []float64) {
	values := make([]float64, len(s.runs))
	if allNumbers(s.runs, key) {
		for i, r := range s.runs {
			text, ok := r.setting(key)
			v, err := strconv.ParseFloat(text, 64)
			if values[i] = v; !ok || err != nil {
				values[i] = math.NaN()
			}
		}
		return scaleOf(key, values), values
	}
	var labels []string
	for _, r := range s.runs {
		if text, ok := r.setting(key); ok && !slices.Contains(labels, text) && len(labels) < mostLabels {
			labels = append(labels, text)
		}
	}
	slices.SortFunc(labels, compareSettings)
	for i, r := range s.runs {
		text, _ := r.setting(key)
		if values[i] = float64(slices.Index(labels, text)); values[i] < 0 {
			values[i] = math.NaN()
		}
	}
	return figure.Scale{Name: key, High: float64(max(len(labels)-1, 0)), Labels: labels}, values
}

// manyTimes is how far apart positive numbers are that lie on a logarithmic axis.
const manyTimes = 50

func scaleOf(name string, values []float64) figure.Scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		low, high = 0, 1
	}
	return figure.Scale{Name: name, Low: low, High: high, Log: low > 0 && high/low >= manyTimes}
}

// ranks are the places of values in their order, from 0 for the worst to 1 for the
// best; 0 for what is missing.
func ranks(values []float64, greatest bool) []float64 {
	out := make([]float64, len(values))
	worse, all := func(a, b float64) bool { return a > b }, 0
	if greatest {
		worse = func(a, b float64) bool { return a < b }
	}
	for _, v := range values {
		if !math.IsNaN(v) {
			all++
		}
	}
	for i, v := range values {
		for _, o := range values {
			if !math.IsNaN(v) && worse(o, v) {
				out[i]++
			}
		}
		out[i] /= float64(max(all-1, 1))
	}
	return out
}
