package onnxtest

import (
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// ErrDiffers says that a case failed without an error of its Runner.
var ErrDiffers = errors.New("not what is expected")

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
	inputs := fed(g)
	in, err := readAll(g, inputs, s.Inputs)
	if err != nil {
		return err
	}
	in = append(in, s.in...)
	want, err := readAll(g, g.Outputs, s.Outputs)
	if err != nil {
		return err
	}
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

// readAll reads serialized values of the kinds that the graph declares.
func readAll(g *ir.Graph, ids []ir.ValueID, files [][]byte) ([]*tensor.Tensor, error) {
	out := make([]*tensor.Tensor, len(files))
	for i, f := range files {
		if f == nil {
			continue
		}
		kind := ir.TensorKind
		if i < len(ids) {
			kind = g.Values[ids[i]].Kind
		}
		var err error
		if out[i], err = onnx.ReadValue(f, kind); err != nil {
			return nil, err
		}
	}
	return out, nil
}
