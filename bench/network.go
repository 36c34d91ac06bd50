package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// networks are those of nn/zoo that are measured, in the order of the table.
var networks = []string{
	"resnet18", "resnet50", "squeezenet1_1", "mobilenet_v2", "efficientnet_b0",
	"vit_b_16", "deit_tiny", "minilm", "lstm_tagger",
}

// seed is that of weights and inputs.
const seed = 1

// A subject is a network that is measured, for one batch size: what it takes to
// compute its first output.
type subject struct {
	graph *ir.Graph
	types []op.Type
	feeds map[ir.ValueID]*tensor.Tensor
	// params and buffers are the learned constants that the output depends on.
	params, buffers []ir.ValueID
}

// newSubject builds a network.
func newSubject(name string, batch int) (*subject, error) {
	all := zoo.Architectures()
	i := slices.IndexFunc(all, func(a zoo.Architecture) bool { return a.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("nn/zoo has no network %q", name)
	}
	g := all[i].Build(seed)
	s := &subject{feeds: all[i].Feeds(g, batch, seed)}
	for v, t := range s.feeds {
		g.Values[v].Shape = ir.ShapeOf(t)
	}
	s.graph = pass.Extract(g, g.Inputs, g.Outputs[:1])
	s.findLearned()
	var err error
	s.types, err = pass.InferStrict(s.graph)
	return s, err
}

// findLearned keeps the constants that are read and lists those that are learned.
func (s *subject) findLearned() {
	read := map[ir.ValueID]bool{}
	for i := range s.graph.Nodes {
		for _, v := range s.graph.Nodes[i].Reads() {
			read[v] = true
		}
	}
	for i := range s.graph.Values {
		switch v := &s.graph.Values[i]; {
		case !read[ir.ValueID(i)]:
			v.Const = nil
		case v.Param:
			s.params = append(s.params, ir.ValueID(i))
		case v.Buffer:
			s.buffers = append(s.buffers, ir.ValueID(i))
		}
	}
}

// arrays are the inputs by name, and as "seed" the gradient of the output.
func (s *subject) arrays() map[string]*tensor.Tensor {
	all := map[string]*tensor.Tensor{}
	for v, t := range s.feeds {
		all[s.name(v)] = t
	}
	shape, _ := s.types[s.graph.Outputs[0]].Shape.Ints() // settled, since the inputs' are
	t := tensor.New(tensor.Float32, shape...)
	random := rand.New(rand.NewPCG(seed, 3))
	for i := range t.F32() {
		t.F32()[i] = float32(random.NormFloat64())
	}
	all["seed"] = t
	return all
}

// weights are the learned constants by name.
func (s *subject) weights() map[string]*tensor.Tensor {
	all := map[string]*tensor.Tensor{}
	for _, v := range slices.Concat(s.params, s.buffers) {
		all[s.name(v)] = s.graph.Values[v].Const
	}
	return all
}

func (s *subject) name(v ir.ValueID) string { return s.graph.Values[v].Name }

func (s *subject) names(ids ...ir.ValueID) []string {
	var list []string
	for _, v := range ids {
		list = append(list, s.name(v))
	}
	return list
}
