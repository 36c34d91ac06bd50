package gradients

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/viz"
)

// A sequence is checkpoints of one training, each with its gradient over the same
// data. It holds two at a time.
type sequence struct {
	in    *viz.Input
	p     Params
	steps []float64 // by checkpoint, NaN if its name tells none
	list  []viz.Checkpoint
	*history
	last *pass // over the checkpoint before
}

// ofSeries looks at checkpoints in the order of their steps.
func ofSeries(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	s := &sequence{in: in, p: p}
	s.list, s.steps = sorted(in.Checkpoints)
	done, total := 0, 0
	for k, c := range s.list {
		m, err := c.Open()
		if err != nil {
			return s.soFar(ctx), err
		}
		one, err := newPass(ctx, in, m, p)
		if err != nil {
			return s.soFar(ctx), fmt.Errorf("%s: %w", c.Name, err)
		}
		if total == 0 {
			total = len(s.list) * len(one.which)
		}
		var before figure.Figure
		if k > 0 && k&(k-1) == 0 {
			before = s.soFar(ctx)
		}
		err = one.run(ctx, func(batch int) {
			in.Progress(viz.Progress{Done: min(done+batch, total), Total: total, What: fmt.Sprintf("%s, batch %d of %d", c.Name, batch+1, len(one.which)), Partial: before})
		})
		if err != nil {
			return s.soFar(ctx), err
		}
		done += len(one.which)
		if err := s.take(k, one); err != nil {
			return s.soFar(ctx), err
		}
	}
	fig, err := show(ctx, s.history, p)
	in.Progress(viz.Progress{Done: total, Total: total})
	return fig, err
}

// soFar is the figure of the checkpoints that are done, nil without any.
func (s *sequence) soFar(ctx context.Context) figure.Figure {
	if s.history == nil {
		return nil
	}
	fig, err := show(context.WithoutCancel(ctx), s.history, s.p)
	if err != nil {
		return nil
	}
	return fig
}

// stepInName is the last whole number of a name: ckpt-01200, model.epoch=3.
var stepInName = regexp.MustCompile(`\d+`)

// sorted orders checkpoints by the steps in their names, if each has one of its
// own, and leaves them in the order given otherwise.
func sorted(list []viz.Checkpoint) ([]viz.Checkpoint, []float64) {
	list = slices.Clone(list)
	steps := make([]float64, len(list))
	byName := map[string]float64{}
	seen := map[float64]bool{}
	for i, c := range list {
		found := stepInName.FindAllString(c.Name, -1)
		steps[i] = math.NaN()
		if len(found) > 0 {
			step, err := strconv.ParseFloat(found[len(found)-1], 64)
			if err == nil && !seen[step] {
				steps[i], seen[step], byName[c.Name] = step, true, step
			}
		}
	}
	if len(seen) < len(list) || len(byName) < len(list) {
		for i := range steps {
			steps[i] = math.NaN()
		}
		return list, steps
	}
	slices.SortStableFunc(list, func(a, b viz.Checkpoint) int { return int(math.Copysign(1, byName[a.Name]-byName[b.Name])) })
	slices.Sort(steps)
	return list, steps
}

// take adds a checkpoint to the history.
func (s *sequence) take(k int, one *pass) error {
	whole := one.conclude()
	if s.history == nil {
		s.history = newHistory(s.list[0].Name+" to "+s.list[len(s.list)-1].Name, ofCheckpoints, whole.rows,
			gradlog.Norm, gradlog.Mean, gradlog.Std, gradlog.Min, gradlog.Max, gradlog.Zeros, gradlog.NonFinite, gradlog.WeightNorm, gradlog.Turn, gradlog.Update)
		s.flow = make([][]float64, len(whole.net.layers))
	}
	if err := s.match(whole); err != nil {
		return fmt.Errorf("%s: %w", s.list[k].Name, err)
	}
	h := s.history
	h.model, h.net = whole.model, whole.net
	name := s.list[k].Name
	if step := s.steps[k]; !math.IsNaN(step) {
		name = strconv.FormatFloat(step, 'f', -1, 64)
	}
	at := h.add(column{name: name, from: s.steps[k], to: s.steps[k]})
	var all gradlog.Stats
	for i := range h.rows {
		all = gradlog.Join(all, whole.whole[i])
		h.setStats(i, whole.whole[i])
		h.set(gradlog.WeightNorm, i, one.weights[i])
		if s.last != nil {
			h.set(gradlog.Turn, i, gradlog.Cosine(one.mean[i], s.last.mean[i]))
			before := weightsOf(s.last.model, s.last.rows[i].value)
			h.set(gradlog.Update, i, gradlog.Distance(weightsOf(one.model, one.rows[i].value), before)/s.last.weights[i])
		}
	}
	h.total[at], h.loss[at] = all.Norm, typicalLoss(whole)
	for i := range h.flow {
		h.flow[i][at] = typical(whole.flow[i])
	}
	h.sketches, h.dead, h.samples = whole.sketches, whole.dead, whole.samples
	h.facts, h.warnings = whole.facts, whole.warnings
	h.facts = append(h.facts, figure.Fact{Name: "step of weights", Value: "from one checkpoint to the next, between which there may be many steps"})
	one.before = nil
	s.last = one
	return nil
}

func weightsOf(m *model.Model, v ir.ValueID) []float32 { return m.Net.Values[v].Const.F32() }

// typicalLoss is the mean over the batches.
func typicalLoss(h *history) float64 {
	sum := 0.0
	for _, l := range h.loss {
		sum += l
	}
	return sum / float64(len(h.loss))
}

var errOther = errors.New("it is no checkpoint of the same network")

// match makes sure that parameters have the names and shapes of those before.
func (s *sequence) match(h *history) error {
	if len(h.rows) != len(s.rows) {
		return viz.Userf("%w: it has %d parameters, not %d", errOther, len(h.rows), len(s.rows))
	}
	for i, p := range h.rows {
		if old := s.rows[i]; p.name != old.name || !slices.Equal(p.shape, old.shape) {
			return viz.Userf("%w: it has a parameter %s %v where %s %v was before", errOther, p.name, p.shape, old.name, old.shape)
		}
	}
	return nil
}
