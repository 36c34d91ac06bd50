package findings

import (
	"cmp"
	"context"
	"slices"

	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz/training/role"
)

// A Metric is one of a run, or of one of the sibling runs that hold a training's
// splits.
type Metric struct {
	Store *track.Store
	Curve track.Curve
	Role  role.Role
}

// A Pair is training and validation of one thing.
type Pair struct {
	Thing      string
	Kind       role.Kind
	Train, Val Series // Train is empty where there is none
	// Raw names the validation metric, and the step and value of its best single
	// evaluation.
	BestStep, Best float64
	Overfitting    *Overfitting
	Stops          []Stop // by every rule that ends the training
}

// A Verdict is all that was found in one training.
type Verdict struct {
	// Findings are in the order of their severity, the gravest first.
	Findings []Finding
	Pairs    []Pair
	// Losses are the training losses.
	Losses []Series
}

// Severity is that of the gravest finding.
func (v *Verdict) Severity() Severity {
	worst := Fine
	for _, f := range v.Findings {
		worst = max(worst, f.Severity)
	}
	return worst
}

// Options of a judgement.
type Options struct {
	// Patience is how many evaluations the rule of patience waits.
	Patience int
	// Running tells that the run goes on, so that its end is none.
	Running bool
}

// Bounds of what is judged of one run. Runs with more have per-layer metrics or
// tasks by the dozen, of which the first show what happens.
const (
	mostPairs  = 16
	mostLosses = 16
)

// Judge looks at all metrics of a training. It costs a summary for each metric,
// and a window of the pyramid for each loss, score and learning rate.
func Judge(ctx context.Context, metrics []Metric, o Options) (*Verdict, error) {
	j := &judge{Options: o, metrics: slices.Clone(metrics), series: map[int]Series{}, out: &Verdict{}}
	slices.SortStableFunc(j.metrics, func(a, b Metric) int { return cmp.Compare(a.Curve.Name, b.Curve.Name) })
	for _, part := range []func(context.Context) error{j.lookForNonFinite, j.lookAtPairs, j.lookAtLosses, j.lookAtRates} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	j.lookForLength()
	slices.SortStableFunc(j.out.Findings, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return j.out, nil
}

type judge struct {
	Options
	metrics []Metric
	series  map[int]Series // of metrics that were read, by their place
	out     *Verdict
}

func (j *judge) add(kind Kind, s Severity, metric string, step float64, text string) {
	j.out.Findings = append(j.out.Findings, Finding{kind, s, metric, step, text})
}

// read reads a metric, once.
func (j *judge) read(ctx context.Context, i int) (Series, error) {
	if s, ok := j.series[i]; ok {
		return s, nil
	}
	if err := ctx.Err(); err != nil {
		return Series{}, err
	}
	s, err := Read(ctx, j.metrics[i].Store, j.metrics[i].Curve)
	j.series[i] = s
	return s, err
}

// find returns the places of the metrics of a kind and a split.
func (j *judge) find(kind role.Kind, splits ...role.Split) []int {
	var out []int
	for i, m := range j.metrics {
		if m.Role.Kind == kind && slices.Contains(splits, m.Role.Split) {
			out = append(out, i)
		}
	}
	return out
}

// trainingOf finds the training metric of one thing: of a whole epoch rather than
// of a step, and one that says so rather than one without a split; one of too few
// points, such as the train_loss that some trainers log once at their end, only
// where there is no other. Where there is
// none, as with several sets of validation (eval_en_loss, eval_fr_loss), it is the
// training loss that is just called so.
func (j *judge) trainingOf(kind role.Kind, thing string) (int, bool) {
	best, rank := -1, 0
	for _, i := range j.find(kind, role.Training, role.Unsaid) {
		r := j.metrics[i].Role
		at := 10
		if r.Thing != thing {
			if at = 1; r.Thing != "loss" {
				continue
			}
		}
		if r.Split == role.Training {
			at += 2
		}
		if r.Every == "epoch" {
			at++
		}
		if j.metrics[i].Curve.Points >= leastPoints {
			at += 100
		}
		if at > rank {
			best, rank = i, at
		}
	}
	return best, best >= 0
}

// lookForLength says so where nothing could be told.
func (j *judge) lookForLength() {
	if len(j.out.Pairs)+len(j.out.Losses) == 0 {
		j.add(KindTooShort, Note, "", 0, "No metric is called like a loss or a score, so that only values that are not finite were looked for.")
		return
	}
	for _, s := range j.out.Losses {
		if s.Len() >= leastPoints {
			return
		}
	}
	for _, p := range j.out.Pairs {
		if p.Val.Len() >= leastPoints {
			return
		}
	}
	j.add(KindTooShort, Note, "", 0, "All losses have fewer than 6 points, of which nothing can be told.")
}
