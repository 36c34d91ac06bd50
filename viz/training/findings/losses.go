package findings

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// lookAtLosses judges each training loss on its own.
func (j *judge) lookAtLosses(ctx context.Context) error {
	places := j.find(role.Loss, role.Training, role.Unsaid)
	for _, i := range places[:min(len(places), mostLosses)] {
		s, err := j.read(ctx, i)
		if err != nil {
			return err
		}
		if s.Len() == 0 {
			continue
		}
		j.out.Losses = append(j.out.Losses, s)
		j.judgeLoss(s)
		if err := j.judgeSpikes(ctx, i, s); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) judgeLoss(s Series) {
	diverged, diverges := Diverge(s)
	if diverges {
		j.add(KindDivergence, Failure, s.Name, diverged.Since, fmt.Sprintf("%s rises again since step %s: it began at %s, was %s there, and is %s at the end (%s standard errors).",
			s.Name, Figure(diverged.Since), Figure(diverged.First), Figure(diverged.Best), Figure(diverged.End), errors(diverged.Errors)))
	} else if first, best, stuck := Stuck(s); stuck {
		j.add(KindNoProgress, Failure, s.Name, s.Step[0], fmt.Sprintf("%s never falls: it begins at %s, and the best part of it is at %s, which is within its noise or within 1 %%.", s.Name, Figure(first), Figure(best)))
	} else if p, ok := FindPlateau(s); ok {
		j.add(KindPlateau, Note, s.Name, p.Since, fmt.Sprintf("%s stays at %s ± %s since step %s, for %s of the steps, after a fall of %s.", s.Name, Figure(p.Level), Figure(p.Changes), Figure(p.Since), percent(p.Share), Figure(p.Fallen)))
	}
}

// manySpikes is how many spikes are more than a curiosity.
const manySpikes = 5

func (j *judge) judgeSpikes(ctx context.Context, metric int, s Series) error {
	spikes := FindSpikes(s)
	if len(spikes) == 0 {
		return nil
	}
	for i := range spikes {
		if err := j.locate(ctx, metric, s, &spikes[i]); err != nil {
			return err
		}
	}
	largest := slices.MaxFunc(spikes, func(a, b Spike) int {
		switch {
		case a.Value < b.Value:
			return -1
		case a.Value > b.Value:
			return 1
		}
		return 0
	})
	severity := Note
	if len(spikes) >= manySpikes {
		severity = Warning
	}
	var steps []string
	for _, sp := range spikes[:min(len(spikes), 6)] {
		steps = append(steps, Figure(sp.Step))
	}
	if len(spikes) > 6 {
		steps = append(steps, "…")
	}
	text := fmt.Sprintf("%s jumps up and comes back %s, at step %s; the highest is %s at step %s, where %s is usual.", s.Name, times(len(spikes)), strings.Join(steps, ", "), Figure(largest.Value), Figure(largest.Step), Figure(largest.Level))
	j.add(KindSpikes, severity, s.Name, largest.Step, text)
	return nil
}

// locate finds the step of a spike's highest point among those that its place in
// the series stands for.
func (j *judge) locate(ctx context.Context, metric int, s Series, spike *Spike) error {
	m, first, last := j.metrics[metric], s.First[spike.Place], s.Last[spike.Place]
	at, ok, err := curve.FindWithin(ctx, m.Store, m.Curve, first, last, func(b series.Summary) bool {
		return b.NonFinite < b.Count && b.Max >= spike.Value
	})
	if ok {
		spike.Step = at.MinStep
	}
	return err
}

// lookAtRates looks at the learning rates.
func (j *judge) lookAtRates(ctx context.Context) error {
	for _, i := range j.find(role.LearningRate, role.Training, role.Unsaid) {
		s, err := j.read(ctx, i)
		if err != nil {
			return err
		}
		w, ok := FindWarmUp(s)
		switch {
		case ok && w.Over:
			j.add(KindWarmUp, Note, s.Name, w.End, fmt.Sprintf("%s rises from %s to %s until step %s: its warm-up.", s.Name, Figure(w.First), Figure(w.Peak), Figure(w.End)))
		case ok && !j.Running:
			j.add(KindWarmUp, Note, s.Name, w.End, fmt.Sprintf("%s has risen from %s to %s and never fell: the training ended within its warm-up.", s.Name, Figure(w.First), Figure(w.Peak)))
		}
		if ok { // further ones are groups of parameters, warmed up together
			return nil
		}
	}
	return nil
}
