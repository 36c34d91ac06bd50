package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// networks are those of nn/zoo that are measured, in the order of the table.
var networks = []string{"resnet18", "squeezenet1_1", "mobilenet_v2"}

// seed is that of weights and inputs.
const seed = 1

// build returns a network with the extents of its input known.
func build(name string, batch int) (*ir.Graph, []op.Type, error) {
	for _, a := range zoo.Architectures() {
		if a.Name != name {
			continue
		}
		g := a.Build(seed)
		for _, v := range g.Inputs {
			shape := g.Values[v].Shape
			for axis, d := range shape {
				if !d.IsKnown() {
					shape[axis] = ir.Known(batch)
				}
			}
		}
		types, err := pass.Infer(g, nil)
		return g, types, err
	}
	return nil, nil, fmt.Errorf("nn/zoo has no network %q", name)
}

// given makes the input and the seed gradient of a network's first output.
func given(g *ir.Graph, types []op.Type) (map[string]*tensor.Tensor, error) {
	r := rand.New(rand.NewPCG(seed, 2))
	arrays := map[string]*tensor.Tensor{}
	for name, v := range map[string]ir.ValueID{"input": g.Inputs[0], "seed": g.Outputs[0]} {
		shape, known := types[v].Shape.Ints()
		if !known {
			return nil, fmt.Errorf("%q has no shape", g.Values[v].Name)
		}
		switch types[v].DType {
		case tensor.Float32:
			arrays[name] = normal(r, shape)
		case tensor.Int64:
			arrays[name] = tokens(r, shape)
		default:
			return nil, fmt.Errorf("%q is %s, which is not made up", g.Values[v].Name, types[v].DType)
		}
	}
	return arrays, nil
}

func normal(r *rand.Rand, shape []int) *tensor.Tensor {
	t := tensor.New(tensor.Float32, shape...)
	for i := range t.F32() {
		t.F32()[i] = float32(r.NormFloat64())
	}
	return t
}

// vocabulary is less than what any of the networks knows.
const vocabulary = 1000

func tokens(r *rand.Rand, shape []int) *tensor.Tensor {
	t := tensor.New(tensor.Int64, shape...)
	for i := range t.Len() {
		tensor.Data[int64](t)[i] = r.Int64N(vocabulary)
	}
	return t
}

// start returns the value whose gradient is that of the input: the input, or
// where that is tokens, what they are embedded as.
func start(g *ir.Graph) (ir.ValueID, error) {
	in := g.Inputs[0]
	if g.Values[in].DType.IsFloat() {
		return in, nil
	}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Op == "Gather" && n.Inputs[1] == in {
			return n.Outputs[0], nil
		}
	}
	return ir.None, fmt.Errorf("%q is not embedded", g.Values[in].Name)
}

// params lists the names of the learned parameters.
func params(g *ir.Graph) []string {
	var names []string
	for i := range g.Values {
		if v := &g.Values[i]; v.Param {
			names = append(names, v.Name)
		}
	}
	return names
}
