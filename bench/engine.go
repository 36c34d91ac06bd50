package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/ort"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A question is a job that is loaded by an executor of Tomo's.
type question struct {
	session *exec.Session
	feeds   map[ir.ValueID]*tensor.Tensor
	output  ir.ValueID
	wrt     []ir.ValueID
	seed    *tensor.Tensor
	names   []string // of what is computed
}

// load opens the model as any verb of Tomo's does. Nothing is compiled yet.
func load(engine string, j job) (*question, error) {
	e, err := executor(engine, j.Threads)
	if err != nil {
		return nil, err
	}
	m, err := model.Open(j.Model, model.Options{Executor: e})
	if err != nil {
		return nil, err
	}
	arrays, err := tensor.OpenNPZ(j.Arrays)
	if err != nil {
		return nil, err
	}
	g := m.Net
	q := &question{
		session: m.Session(), output: g.Outputs[0], seed: arrays["seed"], names: []string{"output"},
		feeds: map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: arrays["input"]},
	}
	for _, name := range j.Wrt {
		v := g.ValueByName(name)
		if v == ir.None {
			return nil, fmt.Errorf("%s has no value %q", j.Model, name)
		}
		q.wrt, q.names = append(q.wrt, v), append(q.names, name)
	}
	return q, nil
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

// version says what an engine is.
func version(engine string) (string, error) {
	if engine != "ort" {
		return "Tomo " + runtime.Version(), nil
	}
	v, err := ort.Version("")
	return "ONNX Runtime " + v, err
}

// run computes the output and the gradients, in the order of names.
func (q *question) run(ctx context.Context) ([]*tensor.Tensor, error) {
	if len(q.wrt) == 0 {
		return q.session.Run(ctx, q.feeds, q.output)
	}
	grads, values, err := q.session.Gradient(ctx, q.feeds, exec.GradientOf{
		Y: q.output, Seed: q.seed, Wrt: q.wrt, Fetch: []ir.ValueID{q.output},
	})
	return slices.Concat(values, grads), err
}

// jittered returns a question whose input is a little different, the same for 0
// and for an input of integers.
func (q *question) jittered(by int) *question {
	c := *q
	c.feeds = maps.Clone(q.feeds)
	for v, t := range c.feeds {
		if by == 0 || t.DType() != tensor.Float32 {
			continue
		}
		t = t.Clone()
		r := rand.New(rand.NewPCG(seed, uint64(by)))
		for i := range t.F32() {
			t.F32()[i] *= float32(1 + jitter*(2*r.Float64()-1))
		}
		c.feeds[v] = t
	}
	return &c
}

// operations counts the floating-point operations of a run, of an executor that
// tells of its steps.
func (q *question) operations(ctx context.Context) (int64, error) {
	total := int64(0)
	_, err := q.run(exec.Observe(ctx, func(s *exec.Step) { total += s.Cost().FLOPs }))
	return total, err
}
