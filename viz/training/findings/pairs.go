package findings

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/viz/training/curve"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// lookAtPairs compares validation with training: losses, and scores of runs that
// have no loss of validation.
func (j *judge) lookAtPairs(ctx context.Context) error {
	kind := role.Loss
	places := j.evaluations(kind, role.Validation)
	if len(places) == 0 {
		kind = role.Score
		places = j.evaluations(kind, role.Validation)
	}
	if len(places) == 0 { // some hold out but a test set
		kind = role.Loss
		places = j.evaluations(kind, role.Test)
	}
	for _, i := range places[:min(len(places), mostPairs)] {
		val, err := j.read(ctx, i)
		if err != nil {
			return err
		}
		if val.Len() == 0 {
			continue
		}
		p := Pair{Thing: j.metrics[i].Role.Thing, Kind: kind, Val: val}
		if at, ok := j.trainingOf(kind, p.Thing); ok {
			if p.Train, err = j.read(ctx, at); err != nil {
				return err
			}
		}
		best, _, err := curve.Extreme(ctx, j.metrics[i].Store, j.metrics[i].Curve, kind == role.Score)
		if err != nil {
			return err
		}
		p.BestStep, p.Best = best.MinStep, best.Min
		if kind == role.Score {
			p.Best = best.Max
		}
		j.compare(&p)
		j.out.Pairs = append(j.out.Pairs, p)
	}
	return nil
}

// evaluations finds metrics of a split, without those that Keras logs a second
// time over its iterations (evaluation_loss_vs_iterations).
func (j *judge) evaluations(kind role.Kind, split role.Split) []int {
	places := j.find(kind, split)
	again := func(i int) bool { return strings.HasSuffix(j.metrics[i].Role.Thing, "_vs_iterations") }
	if once := slices.DeleteFunc(slices.Clone(places), again); len(once) > 0 {
		return once
	}
	return places
}

func (j *judge) compare(p *Pair) {
	train, val := p.Train, p.Val
	sign := 1.0
	if p.Kind == role.Score { // from here on less is better
		train, val, sign = train.flipped(), val.flipped(), -1
	}
	for _, rule := range []Rule{Patience, GL, PQ, UP} {
		if s, ok := StopBy(rule, train, val, j.patience(val)); ok {
			s.Best *= sign
			p.Stops = append(p.Stops, s)
		}
	}
	if o, ok := Overfit(train, val); ok {
		valName, trainName := val.Name, train.Name
		if valName == trainName { // of sibling runs
			valName, trainName = "validation "+valName, "training "+trainName
		}
		o.Best, o.End, o.TrainBest, o.TrainEnd = sign*o.Best, sign*o.End, sign*o.TrainBest, sign*o.TrainEnd
		p.Overfitting = &o
		j.add(KindOverfitting, Warning, val.Name, o.BestStep, fmt.Sprintf("%s %s since step %s, from %s to %s (%s, %s standard errors), while %s goes on from %s to %s.",
			valName, worse(p.Kind), Figure(o.BestStep), Figure(o.Best), Figure(o.End), percent(math.Abs(o.End-o.Best)/math.Abs(o.Best)), errors(o.Errors), trainName, Figure(o.TrainBest), Figure(o.TrainEnd)))
		return
	}
	if w, ok := worsening(val); ok && train.Len() < leastPoints {
		j.add(KindWorsening, Warning, val.Name, val.Step[w.at], fmt.Sprintf("%s %s since step %s, from %s to %s; there is no training curve of it to compare with.",
			val.Name, worse(p.Kind), Figure(val.Step[w.at]), Figure(sign*w.best), Figure(sign*w.end)))
	}
	if before, end, ok := StillFalling(val); ok && !j.Running {
		j.add(KindStillFalling, Note, val.Name, val.Step[val.Len()-1], fmt.Sprintf("%s was still getting better when the run ended: from %s to %s over the last fifth of the steps. More training may help.", val.Name, Figure(sign*before), Figure(sign*end)))
	}
}

// patience is that of the rule in places of the series, which may each stand for
// several evaluations.
func (j *judge) patience(val Series) int {
	each := max(1, curve.Mean(val.Count))
	return max(1, int(math.Ceil(float64(j.Patience)/each)))
}

func worse(k role.Kind) string {
	if k == role.Score {
		return "falls"
	}
	return "rises"
}

// Suggested is the stop of a rule, if it ends the training.
func (p *Pair) Suggested(rule Rule) (Stop, bool) {
	i := slices.IndexFunc(p.Stops, func(s Stop) bool { return s.Rule == rule })
	if i < 0 {
		return Stop{}, false
	}
	return p.Stops[i], true
}
