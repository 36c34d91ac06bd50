package onnxtest

import (
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Why a case may fail without an error of its Runner.
var (
	ErrKind    = errors.New("not a tensor")
	ErrDiffers = errors.New("not what is expected")
)

// A Runner computes the outputs of a graph from its inputs, both in the
// graph's order; an input that is not given is nil.
type Runner func(g *ir.Graph, in []*tensor.Tensor) ([]*tensor.Tensor, error)

// Run runs every data set of the case and compares the outputs. A panic is an
// error like any other, so that one does not hide the rest of the suite.
func (c Case) Run(run Runner) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	g, err := onnx.Decode(c.Model, "")
	if err != nil {
		return err
	}
	if len(c.Sets) == 0 {
		return fmt.Errorf("there is no data")
	}
	for _, v := range append(append([]ir.ValueID{}, g.Inputs...), g.Outputs...) {
		if k := g.Values[v].Kind; k != ir.TensorKind {
			return fmt.Errorf("%q is %w", g.Values[v].Name, ErrKind)
		}
	}
	for i, set := range c.Sets {
		if set.Inputs == nil {
			set.in = ramps(g)
		}
		if err := set.run(g, run); err != nil {
			return fmt.Errorf("data set %d: %w", i, err)
		}
	}
	return nil
}

func (s Set) run(g *ir.Graph, run Runner) error {
	in, err := readAll(s.Inputs)
	if err != nil {
		return err
	}
	in = append(in, s.in...)
	want, err := readAll(s.Outputs)
	if err != nil {
		return err
	}
	inputs := fed(g)
	for len(in) < len(inputs) {
		in = append(in, nil)
	}
	if len(in) > len(inputs) {
		return fmt.Errorf("%d inputs for a graph that takes %d", len(in), len(inputs))
	}
	got, err := run(g, in)
	if err != nil {
		return err
	}
	if len(got) < len(want) {
		return fmt.Errorf("%d outputs where %d are expected", len(got), len(want))
	}
	for i, w := range want {
		if w == nil {
			continue
		}
		if err := Close(got[i], w, Rtol, Atol); err != nil {
			return fmt.Errorf("output %d: %w: %w", i, ErrDiffers, err)
		}
	}
	return nil
}

// fed lists the inputs that are no constants; old files list those too.
func fed(g *ir.Graph) []ir.ValueID {
	var ids []ir.ValueID
	for _, v := range g.Inputs {
		if g.Values[v].Const == nil {
			ids = append(ids, v)
		}
	}
	return ids
}

func readAll(files [][]byte) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(files))
	for i, f := range files {
		if f == nil {
			continue
		}
		var err error
		if out[i], err = onnx.ReadTensor(f); err != nil {
			return nil, err
		}
	}
	return out, nil
}
