package exec

import (
	"context"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// The shapes that some operators make depend on elements: NonZero, a branch,
// a Slice whose bounds are computed. What reads their outputs cannot be
// planned before they ran. A staged program runs what can be planned first,
// then compiles the rest for the shapes that came out, and remembers it.

// A stagedProgram is a plan and what follows it.
type stagedProgram struct {
	first    Program
	rest     *shapeCache
	frontier []ir.ValueID // what the rest reads, the first outputs of first
	fetch    []ir.ValueID // of the rest
	places   []place      // where each fetched value is found
}

// A place is an output of the first program or of the rest.
type place struct {
	rest  bool
	index int
}

// split returns the nodes that can be planned and the others, or nil as rest
// if all can be.
func split(g *ir.Graph, types []op.Type) (first, rest []ir.Node) {
	late := make([]bool, len(g.Values))
	for _, n := range g.Nodes {
		after := slices.ContainsFunc(n.Reads(), func(v ir.ValueID) bool { return late[v] })
		if after {
			rest = append(rest, n)
		} else {
			first = append(first, n)
		}
		for _, v := range n.Outputs {
			if v != ir.None {
				late[v] = after || !settled(types[v])
			}
		}
	}
	return first, rest
}

// settled reports whether memory for a value can be laid out.
func settled(t op.Type) bool {
	_, ok := t.Shape.Ints()
	return ok && t.DType != tensor.Invalid
}

// compileStaged compiles the first nodes and prepares the rest.
func (e *native) compileStaged(g *ir.Graph, feeds []Feed, first, rest []ir.Node) (Program, error) {
	later := g.Clone()
	made := map[ir.ValueID]bool{} // by the rest
	for _, n := range rest {
		for _, v := range n.Outputs {
			made[v] = true
		}
	}
	s := &stagedProgram{frontier: frontier(g, rest, made)}
	earlier := slices.Clone(s.frontier)
	for _, v := range g.Outputs {
		if made[v] {
			s.places = append(s.places, place{true, len(s.fetch)})
			s.fetch = append(s.fetch, v)
		} else {
			s.places = append(s.places, place{false, len(earlier)})
			earlier = append(earlier, v)
		}
	}
	s.rest = newShapeCache(e, e.limit, pass.Extract(later, s.frontier, s.fetch))
	head := g.Clone()
	head.Nodes, head.Outputs = first, earlier
	var err error
	s.first, err = e.Compile(head, feeds, earlier)
	return s, err
}

// frontier lists what the rest reads and does not make, without constants.
func frontier(g *ir.Graph, rest []ir.Node, made map[ir.ValueID]bool) []ir.ValueID {
	seen := map[ir.ValueID]bool{}
	var list []ir.ValueID
	for i := range rest {
		for _, v := range rest[i].Reads() {
			if !made[v] && !seen[v] && g.Values[v].Const == nil {
				seen[v] = true
				list = append(list, v)
			}
		}
	}
	return list
}

func (s *stagedProgram) Run(ctx context.Context, feeds []*tensor.Tensor) ([]*tensor.Tensor, error) {
	head, err := s.first.Run(ctx, feeds)
	if err != nil {
		return nil, err
	}
	tail, err := s.rest.run(ctx, s.frontier, head[:len(s.frontier)], s.fetch)
	if err != nil {
		return nil, err
	}
	out := make([]*tensor.Tensor, len(s.places))
	for i, p := range s.places {
		if p.rest {
			out[i] = tail[p.index]
		} else {
			out[i] = head[p.index]
		}
	}
	return out, nil
}
