package arch

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// assignWeights gives each weight to the first node with data that reads it,
// through the plumbing, so that a shared one counts once.
func (s *network) assignWeights() {
	g := s.model.Net
	uses := g.Consumers()
	for v := range g.Values {
		value := &s.model.File.Values[v]
		if !value.Param && !value.Buffer {
			continue
		}
		id := s.reader(uses, ir.ValueID(v))
		if id == ir.None {
			continue
		}
		f := &s.nodes[id]
		f.params = append(f.params, ir.ValueID(v))
		f.keep(value)
	}
}

// keep adds a weight to the sums.
func (a *sums) keep(v *ir.Value) {
	n, bytes := elements(v)
	if v.Param {
		a.params += n
		a.paramsInFile += bytes
	} else if v.Buffer {
		a.buffers += n
		a.buffersInFile += bytes
	}
}

// addSubgraphs gives nodes such as If and Loop the weights of the graphs in
// them; what those cost depends on the run.
func (s *network) addSubgraphs() {
	for i := range s.model.File.Nodes {
		for _, sub := range s.model.File.Nodes[i].Subgraphs() {
			s.nodes[i].keepAll(sub)
			s.inner += countNodes(sub)
		}
	}
}

func (a *sums) keepAll(g *ir.Graph) {
	for i := range g.Values {
		a.keep(&g.Values[i])
	}
	for i := range g.Nodes {
		for _, sub := range g.Nodes[i].Subgraphs() {
			a.keepAll(sub)
		}
	}
}

func countNodes(g *ir.Graph) int {
	n := len(g.Nodes)
	for i := range g.Nodes {
		for _, sub := range g.Nodes[i].Subgraphs() {
			n += countNodes(sub)
		}
	}
	return n
}

func (s *network) reader(uses [][]ir.NodeID, v ir.ValueID) ir.NodeID {
	for _, id := range uses[v] {
		if !s.nodes[id].hidden {
			return id
		}
		for _, out := range s.model.Net.Nodes[id].Outputs {
			if out == ir.None {
				continue
			}
			if found := s.reader(uses, out); found != ir.None {
				return found
			}
		}
	}
	return ir.None
}

func elements(v *ir.Value) (n, bytes int64) {
	shape, ok := v.Shape.Ints()
	if !ok {
		return 0, 0
	}
	count, err := tensor.NumElements(shape)
	if err != nil {
		return 0, 0
	}
	return int64(count), int64(count) * int64(v.DType.Size())
}
