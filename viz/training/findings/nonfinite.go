package findings

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// A broken metric holds values that are not finite.
type broken struct {
	Metric
	total series.Summary
	first series.Summary // of the first such value
}

// lookForNonFinite finds which metric is the first that is not finite, and what
// the loss, the gradient and the learning rate were before.
func (j *judge) lookForNonFinite(ctx context.Context) error {
	var found []broken
	for _, m := range j.metrics {
		if err := ctx.Err(); err != nil {
			return err
		}
		total, ok, err := m.Store.Sum(ctx, m.Curve)
		if err != nil {
			return err
		}
		if !ok || total.NonFinite == 0 {
			continue
		}
		first, _, err := curve.FirstNonFinite(ctx, m.Store, m.Curve)
		if err != nil {
			return err
		}
		found = append(found, broken{m, total, first})
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b broken) int {
		return cmp.Or(cmp.Compare(a.first.MinStep, b.first.MinStep), cmp.Compare(causes(a.Role.Kind), causes(b.Role.Kind)))
	})
	b := found[0]
	text := fmt.Sprintf("%s is %s at step %s", b.Curve.Name, curve.NonFiniteValue(b.first), Figure(b.first.MinStep))
	text += ofAll(b) + "."
	if others := len(found) - 1; others > 0 {
		text += fmt.Sprintf(" %s not finite later or at the same step: %s.", isAre(others, "further metric"), names(found[1:]))
	}
	before, err := j.before(ctx, b)
	if err != nil {
		return err
	}
	j.add(KindNonFinite, severityOf(found), b.Curve.Name, b.first.MinStep, text+before)
	return nil
}

// causes orders metrics that break at one step by what breaks first in a step of a
// training.
func causes(k role.Kind) int {
	return slices.Index([]role.Kind{role.LearningRate, role.Loss, role.GradientNorm, role.Score, role.Other, role.Progress}, k)
}

// severityOf is a failure where a loss ends in values that are not finite.
func severityOf(found []broken) Severity {
	for _, b := range found {
		if last := b.total.Last; b.Role.Kind == role.Loss && (math.IsNaN(last) || math.IsInf(last, 0)) {
			return Failure
		}
	}
	return Warning
}

func ofAll(b broken) string {
	n, all := b.total.NonFinite, b.total.Count
	switch {
	case n == all:
		return fmt.Sprintf(", as are all of its %s", Plural(int(all), "value"))
	case n > 1:
		return fmt.Sprintf(", the first of %s that are not finite, of %s", Plural(int(n), "value"), Figure(float64(all)))
	}
	return fmt.Sprintf(", and finite at all other steps of %s", Figure(float64(all)))
}

func names(found []broken) string {
	var out []string
	for _, b := range found[:min(len(found), 5)] {
		out = append(out, fmt.Sprintf("%s (step %s)", b.Curve.Name, Figure(b.first.MinStep)))
	}
	if len(found) > 5 {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// before tells what was last seen before a step, and what was usual.
func (j *judge) before(ctx context.Context, b broken) (string, error) {
	var parts []string
	for _, kind := range []role.Kind{role.Loss, role.GradientNorm, role.LearningRate} {
		for _, i := range j.find(kind, role.Training, role.Unsaid) {
			buckets, err := curve.Read(ctx, j.metrics[i].Store, j.metrics[i].Curve, series.ByStep, curve.Span{Low: math.Inf(-1), High: b.first.MinStep}, resolution)
			if err != nil {
				return "", err
			}
			s := FromBuckets(j.metrics[i].Curve.Name, buckets)
			if s.Len() == 0 {
				continue
			}
			last := s.Len() - 1
			value, step := s.Mean[last], s.Step[last]
			w, err := j.metrics[i].Store.Look(ctx, j.metrics[i].Curve, series.ByStep, b.first.MinStep, b.first.MinStep, 1)
			if err != nil {
				return "", err
			}
			if p := w.Before; p != nil && !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) { // the point itself, where steps grow
				value, step = p.Value, p.Step
			}
			part := fmt.Sprintf("%s was %s at step %s", s.Name, Figure(value), Figure(step))
			if window := s.Mean[max(0, last-100):last]; len(window) > 0 && kind != role.LearningRate {
				usual := curve.Quantile(window, 0.5)
				part += fmt.Sprintf(" (usual before: %s)", Figure(usual))
			}
			parts = append(parts, part)
			break
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return " Just before, " + strings.Join(parts, ", ") + ".", nil
}
