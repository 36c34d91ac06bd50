package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/ort"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A question is a job that an engine has loaded. Nothing is compiled yet.
type question struct {
	names   []string // of what is computed: the output, and gradients
	feeds   []*tensor.Tensor
	seed    *tensor.Tensor
	compute func(ctx context.Context, feeds []*tensor.Tensor, seed *tensor.Tensor) ([]*tensor.Tensor, error)
}

func load(engine string, j job) (*question, error) {
	arrays, err := tensor.OpenNPZ(j.Arrays)
	if err != nil {
		return nil, err
	}
	q := &question{names: append([]string{"output"}, j.Wrt...), seed: arrays["seed"]}
	for _, name := range j.Inputs {
		q.feeds = append(q.feeds, arrays[name])
	}
	if engine == "ort" && j.Task == forward {
		return q, q.openFile(j)
	}
	e, err := executor(engine, j.Threads)
	if err != nil {
		return nil, err
	}
	return q, q.openModel(e, j)
}

func executor(engine string, threads int) (exec.Executor, error) {
	switch engine {
	case "tomo":
		return exec.Native(exec.Options{Threads: threads}), nil
	case "ort":
		return ort.New(ort.Options{Threads: threads})
	}
	return nil, fmt.Errorf("there is no engine %q", engine)
}

// openFile lets ONNX Runtime read the file itself, as it does for others.
func (q *question) openFile(j job) error {
	f, err := ort.OpenFile(j.Model, j.Inputs, []string{j.Output}, ort.Options{Threads: j.Threads})
	if err != nil {
		return err
	}
	q.compute = func(ctx context.Context, feeds []*tensor.Tensor, _ *tensor.Tensor) ([]*tensor.Tensor, error) {
		return f.Run(ctx, feeds)
	}
	return nil
}

// openModel opens the file as any verb of Tomo's does.
func (q *question) openModel(e exec.Executor, j job) error {
	m, err := model.Open(j.Model, model.Options{Executor: e})
	if err != nil {
		return err
	}
	of := exec.GradientOf{Y: m.Net.Outputs[0], Fetch: m.Net.Outputs[:1]}
	for _, name := range j.Wrt {
		v := m.Net.ValueByName(name)
		if v == ir.None {
			return fmt.Errorf("%s has no value %q", j.Model, name)
		}
		of.Wrt = append(of.Wrt, v)
	}
	q.compute = func(ctx context.Context, feeds []*tensor.Tensor, seed *tensor.Tensor) ([]*tensor.Tensor, error) {
		given := map[ir.ValueID]*tensor.Tensor{}
		for i, v := range m.Net.Inputs {
			given[v] = feeds[i]
		}
		if len(of.Wrt) == 0 {
			return m.Session().Run(ctx, given, of.Y)
		}
		of := of
		of.Seed = seed
		grads, values, err := m.Session().Gradient(ctx, given, of)
		return slices.Concat(values, grads), err
	}
	return nil
}

// version says what an engine is.
func version(engine string) (string, error) {
	if engine != "ort" {
		return "Tomo " + runtime.Version(), nil
	}
	v, err := ort.Version("")
	return "ONNX Runtime " + v, err
}

// run computes what the names say.
func (q *question) run(ctx context.Context) ([]*tensor.Tensor, error) {
	return q.compute(ctx, q.feeds, q.seed)
}

// jittered returns a question whose feeds and seed gradient are a little
// different, the same for 0.
func (q *question) jittered(by int) *question {
	if by == 0 {
		return q
	}
	c := *q
	c.feeds = nil
	for _, t := range q.feeds {
		c.feeds = append(c.feeds, jittered(t, by))
	}
	c.seed = jittered(q.seed, by)
	return &c
}

// jittered changes floating-point numbers in their last digits.
func jittered(t *tensor.Tensor, by int) *tensor.Tensor {
	if t.DType() != tensor.Float32 {
		return t
	}
	t = t.Clone()
	random := rand.New(rand.NewPCG(seed, uint64(by)))
	for i := range t.F32() {
		t.F32()[i] *= float32(1 + jitter*(2*random.Float64()-1))
	}
	return t
}

// operations counts the floating-point operations of a run, of an executor that
// tells of its steps.
func (q *question) operations(ctx context.Context) (int64, error) {
	total := int64(0)
	_, err := q.run(exec.Observe(ctx, func(s *exec.Step) { total += s.Cost().FLOPs }))
	return total, err
}
