package viztest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// prompt is how soon a cancelled technique must be back. On such small input
// it would be done by then many times over, so this tells hanging alone.
const prompt = time.Minute

func tellsProgress(m *viz.Method) error {
	var p problems
	reports, err := reportsOf(m, nil)
	if err != nil {
		return err
	}
	if len(reports) == 0 {
		return errors.New("it never tells its progress")
	}
	before := viz.Progress{}
	for _, r := range reports {
		p.when(r.Done < before.Done, "progress falls from %d to %d", before.Done, r.Done)
		p.when(r.Total < before.Total && r.Total != 0, "the total falls from %d to %d", before.Total, r.Total)
		p.when(r.Total > 0 && r.Done > r.Total, "progress is %d of %d", r.Done, r.Total)
		if r.Partial != nil {
			asJSON(r.Partial)
		}
		before = r
	}
	p.when(before.Total == 0 || before.Done != before.Total, "progress ends at %d of %d", before.Done, before.Total)
	return p.err()
}

func reportsOf(m *viz.Method, v viz.Values) ([]viz.Progress, error) {
	var reports []viz.Progress
	in := suitable(m)
	in.Progress = func(r viz.Progress) { reports = append(reports, r) }
	_, err := m.Run(context.Background(), in, v)
	return reports, err
}

func stopsBefore(m *viz.Method) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return stops(ctx, m, suitable(m), nil)
}

// stopsAtReport cancels at reports but the last, for every form that the figure
// can have.
func stopsAtReport(m *viz.Method) error {
	var p problems
	for _, v := range []viz.Values{nil, m.Terminal} {
		reports, err := reportsOf(m, v)
		if err != nil {
			return err
		}
		for _, i := range stopsOf(len(reports)) {
			if err := stopsAt(m, v, i); err != nil {
				p.add("cancelled at report %d of %d: %w", i+1, len(reports), err)
			}
		}
	}
	return p.err()
}

// stopsOf are the reports to stop at, of so many: all but the last, or where time
// is short a few of them, from the first on.
func stopsOf(reports int) []int {
	const few = 5
	n := max(reports-1, 0)
	step := 1
	if testing.Short() {
		step = max((n+few-1)/few, 1)
	}
	var stops []int
	for i := 0; i < n; i += step {
		stops = append(stops, i)
	}
	return stops
}

func stopsAt(m *viz.Method, v viz.Values, report int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, n := suitable(m), 0
	in.Progress = func(viz.Progress) {
		if n == report {
			cancel()
		}
		n++
	}
	return stops(ctx, m, in, v)
}

// stops runs a technique that is cancelled: it must end soon, with the error of
// its context, and what it gives must be a figure still.
func stops(ctx context.Context, m *viz.Method, in *viz.Input, v viz.Values) error {
	var p problems
	start := time.Now()
	fig, err := m.Run(ctx, in, v)
	p.when(time.Since(start) > prompt, "it took %v to stop", time.Since(start))
	p.when(!errors.Is(err, context.Canceled), "it ended with %v and not with the error of its context", err)
	if fig != nil {
		p.sketch(fig)
	}
	return p.err()
}

// stopsWithinStep cancels while the model runs, at its first run and at its
// last.
func stopsWithinStep(m *viz.Method) error {
	if !m.Needs.Has(viz.NeedsWeights) {
		return nil
	}
	count := &stopper{Executor: exec.Default(), at: -1}
	in := suitable(m)
	in.Model = servable(count)
	if _, err := m.Run(context.Background(), in, nil); err != nil {
		return err
	}
	var p problems
	p.when(count.runs == 0, "it needs weights and never runs the model")
	for _, at := range []int{1, count.runs} {
		ctx, cancel := context.WithCancel(context.Background())
		in := suitable(m)
		in.Model = servable(&stopper{Executor: exec.Default(), at: at, cancel: cancel})
		if err := stops(ctx, m, in, nil); err != nil {
			p.add("cancelled in run %d of the model: %w", at, err)
		}
		cancel()
	}
	return p.err()
}

// A stopper is an executor whose programs cancel at a certain run.
type stopper struct {
	exec.Executor
	runs, at int
	cancel   func()
}

func (s *stopper) Compile(g *ir.Graph, feeds []exec.Feed, fetch []ir.ValueID) (exec.Program, error) {
	p, err := s.Executor.Compile(g, feeds, fetch)
	if err != nil {
		return nil, err
	}
	return stoppable{s, p}, nil
}

type stoppable struct {
	*stopper
	exec.Program
}

func (p stoppable) Run(ctx context.Context, feeds []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if p.runs++; p.runs == p.at {
		p.cancel()
	}
	return p.Program.Run(ctx, feeds)
}
