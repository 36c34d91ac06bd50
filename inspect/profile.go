package inspect

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A Profile is what the steps of a run take.
type Profile struct {
	Model string `json:"model"`
	// Runs is how many were measured, after one that was not.
	Runs int    `json:"runs"`
	Made []Made `json:"made"`
	// Time is the median of the whole runs. It is not the sum of the steps': there
	// is something between them, and medians do not add up.
	Time  time.Duration `json:"nanoseconds"`
	Steps []Cost        `json:"steps"`
	// Last are the steps of the last run, for a timeline.
	Last []Event `json:"-"`
}

// A Cost is what one step takes, or the sum of several.
type Cost struct {
	// Name is that of the step's nodes, or what the steps have in common.
	Name string `json:"name"`
	// Op is the operator, several that are computed as one joined by " + ".
	Op     string `json:"op"`
	Module string `json:"module,omitempty"`
	// Steps counts what is summed up.
	Steps int `json:"steps"`
	// Time is the median over the runs.
	Time  time.Duration `json:"nanoseconds"`
	MACs  int64         `json:"macs"`
	FLOPs int64         `json:"flops"`
	// Bytes is the size of the values that are written.
	Bytes int64 `json:"bytes"`
	// Kernel tells native kernels from the reference implementation.
	Kernel bool `json:"kernel"`
}

// GFLOPS returns billions of floating-point operations a second, 0 if nothing
// is counted.
func (c Cost) GFLOPS() float64 {
	if c.Time <= 0 {
		return 0
	}
	return float64(c.FLOPs) / float64(c.Time.Nanoseconds())
}

// An Event is one step of one run; Start counts from the start of the run.
type Event struct {
	Cost
	Start time.Duration
}

// ProfileOptions say how Measure measures.
type ProfileOptions struct {
	FillOptions
	Runs     int                   // at least 1
	Progress func(done, total int) // of runs; may be nil
	// Gradients are those that are computed instead of the outputs.
	Gradients Gradients
}

// Measure runs the model's outputs on its session, or the gradients asked for,
// once to compile and warm up and then some times more, and takes the time of
// every step.
func Measure(ctx context.Context, m *model.Model, given Given, o ProfileOptions) (*Profile, error) {
	compute, feeds, made, err := o.prepare(m, given)
	if err != nil {
		return nil, err
	}
	p := &Profile{Model: m.Name, Runs: max(1, o.Runs), Made: made}
	var whole []time.Duration
	var samples [][]time.Duration // by step: names need not differ
	for i := range p.Runs + 1 {
		took, events, err := timeOne(ctx, compute, feeds)
		if err != nil {
			return nil, Advise(err, made)
		}
		if o.Progress != nil {
			o.Progress(i, p.Runs)
		}
		if i == 0 {
			continue
		}
		whole, p.Last = append(whole, took), events
		samples = append(samples, make([][]time.Duration, len(events)-len(samples))...)
		for k, e := range events {
			samples[k] = append(samples[k], e.Time)
		}
	}
	p.Time = median(whole)
	for k, e := range p.Last {
		e.Cost.Time = median(samples[k])
		p.Steps = append(p.Steps, e.Cost)
	}
	return p, nil
}

// prepare returns what is to be measured, and what it takes.
func (o *ProfileOptions) prepare(m *model.Model, given Given) (computation, Given, []Made, error) {
	fetch := outputs(m)
	if o.Gradients != NoGradients {
		y := target(m)
		if y == ir.None {
			return nil, nil, nil, fault.Userf("%s has no output of real numbers, so there are no gradients", m.Name)
		}
		fetch = []Named{{Value: y}}
	}
	feeds, made, err := Fill(m, given, fetch, o.FillOptions)
	if err != nil {
		return nil, nil, nil, err
	}
	if o.Gradients != NoGradients {
		compute, err := o.Gradients.of(m, feeds)
		return compute, feeds, made, err
	}
	compute := func(ctx context.Context, feeds Given) error {
		_, err := Run(ctx, m, feeds, fetch)
		return err
	}
	return compute, feeds, made, nil
}

// A computation is what is measured.
type computation func(ctx context.Context, feeds Given) error

// timeOne runs once.
func timeOne(ctx context.Context, compute computation, feeds Given) (time.Duration, []Event, error) {
	var events []Event
	start := time.Now()
	ctx = exec.Observe(ctx, func(s *exec.Step) { events = append(events, eventOf(s, start)) })
	err := compute(ctx, feeds)
	return time.Since(start), events, err
}

func eventOf(s *exec.Step, start time.Time) Event {
	cost := s.Cost()
	var names, ops []string
	for _, n := range s.Nodes {
		names, ops = append(names, n.Name), append(ops, opName(n))
	}
	return Event{Cost{
		Name: strings.Join(names, " + "), Op: strings.Join(ops, " + "), Module: s.Nodes[0].Module, Steps: 1,
		Time: s.Duration, MACs: cost.MACs, FLOPs: cost.FLOPs, Bytes: s.Bytes(), Kernel: s.Kernel,
	}, s.Start.Sub(start)}
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return (d[(len(d)-1)/2] + d[len(d)/2]) / 2
}

// Operators sums the steps up by what they compute, the longest first.
func (p *Profile) Operators() []Cost {
	return p.sum(func(c Cost) string { return c.Op })
}

// Modules sums the steps up by the first names in their modules' paths, as many
// as depth says, the longest first.
func (p *Profile) Modules(depth int) []Cost {
	return p.sum(func(c Cost) string { return ancestor(c.Module, depth) })
}

// Slowest returns the steps, the longest first.
func (p *Profile) Slowest() []Cost { return byTime(slices.Clone(p.Steps)) }

func (p *Profile) sum(key func(Cost) string) []Cost {
	at := map[string]int{}
	var sums []Cost
	for _, c := range p.Steps {
		name := key(c)
		i, ok := at[name]
		if !ok {
			i = len(sums)
			at[name] = i
			sums = append(sums, Cost{Name: name, Kernel: true})
		}
		s := &sums[i]
		s.Steps, s.Time, s.Kernel = s.Steps+c.Steps, s.Time+c.Time, s.Kernel && c.Kernel
		s.MACs, s.FLOPs, s.Bytes = s.MACs+c.MACs, s.FLOPs+c.FLOPs, s.Bytes+c.Bytes
	}
	return byTime(sums)
}

func byTime(costs []Cost) []Cost {
	slices.SortStableFunc(costs, func(a, b Cost) int { return int(b.Time - a.Time) })
	return costs
}

// ancestor cuts a path of modules after some names.
func ancestor(path string, depth int) string {
	parts := strings.Split(path, ".")
	return strings.Join(parts[:min(len(parts), max(0, depth))], ".")
}
