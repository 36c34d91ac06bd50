package inspect

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
)

// CheckOptions say what Check runs on.
type CheckOptions struct {
	FillOptions
	// Quick leaves out the run on the reference implementation, which may be a
	// hundred times as slow.
	Quick bool
	// Progress is told how many nodes of how many have run; may be nil.
	Progress func(done, total int, what string)
}

// Check finds out whether the model runs and what is wrong with it: it surveys
// the nodes, runs them on the session's executor and on the plain one, and
// compares the two. What keeps the model from running is in the report and no
// error; errors are an end of ctx and bugs.
func Check(ctx context.Context, m *model.Model, given Given, o CheckOptions) (*Report, error) {
	fetch := outputs(m)
	s := surveyOf(m, fetch)
	r := &Report{
		Model: m.Name, Nodes: s.nodes, Operators: len(s.ops),
		Obstacles: s.obstacles(), Random: s.random, Made: []Made{}, Reference: []Nodes{},
	}
	if len(fetch) == 0 {
		r.Obstacles = append(r.Obstacles, Obstacle{"run", "the model has no output but maps", nil})
	}
	if len(r.Obstacles) > 0 {
		return r, nil
	}
	feeds, made, err := Fill(m, given, fetch, o.FillOptions)
	if err != nil {
		return r, r.stand("input", err)
	}
	r.Made = append(r.Made, made...)
	if err := r.run(ctx, m, feeds, fetch, o); err != nil {
		return r, r.stand("run", Advise(err, made))
	}
	r.Runs = true
	r.Gradient = gradientPath(ctx, m, feeds, s.ops)
	return r, ctx.Err()
}

// stand notes an error that is the user's as an obstacle, and returns others.
func (r *Report) stand(kind string, err error) error {
	if !fault.IsUser(err) {
		return err
	}
	r.Obstacles = append(r.Obstacles, Obstacle{kind, err.Error(), nil})
	return nil
}

// run runs the model on its executor and then on plain.
func (r *Report) run(ctx context.Context, m *model.Model, feeds Given, fetch []Named, o CheckOptions) error {
	runs := 2
	if o.Quick {
		runs = 1
	}
	tell := func(before int, how string) func(int, string) {
		return func(done int, what string) {
			if o.Progress != nil {
				o.Progress(before+min(done, r.Nodes), runs*r.Nodes, fmt.Sprintf("%s: %s", how, what))
			}
		}
	}
	r.Executor = m.Session().Executor().Name()
	own, err := watch(ctx, m, m.Session(), feeds, fetch, tell(0, r.Executor))
	if err != nil {
		return err
	}
	r.Time, r.Reference = own.took, append(r.Reference, own.reference...)
	r.FirstNaN, r.FirstInf = own.firstNaN, own.firstInf
	if o.Quick {
		return nil
	}
	plain, err := watch(ctx, m, exec.NewSession(m.Net, exec.Plain()), feeds, fetch, tell(r.Nodes, "plain"))
	if err != nil {
		return err
	}
	r.Plain, r.Difference = plain.took, own.compare(plain)
	r.FirstNaN, r.FirstInf = plain.firstNaN, plain.firstInf
	if r.FirstNaN == nil {
		r.FirstNaN = own.firstNaN
	}
	if r.FirstInf == nil {
		r.FirstInf = own.firstInf
	}
	return nil
}
