package model

import (
	"slices"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// Runnable says in one sentence why the network cannot answer for a picture, or
// returns nil: an operator that is not known, weights that the file does not
// hold, or an input that no picture fills. What does not lead to the answer may
// be as it likes.
func (m *Model) Runnable() error {
	answer := m.Net.Outputs
	if m.Head != nil {
		answer = []ir.ValueID{m.Head.Logits}
	}
	read := make([]bool, len(m.Net.Values))
	needed := m.Net.Needed(answer, nil)
	for i := range m.Net.Nodes {
		if !needed[i] {
			continue
		}
		n := &m.Net.Nodes[i]
		if !m.knows(n) {
			return fault.AsUser(&op.UnknownError{Node: n.Name, Op: n.Op, Domain: n.Domain})
		}
		for _, v := range n.Reads() {
			read[v] = true
		}
	}
	return m.filled(read)
}

func (m *Model) knows(n *ir.Node) bool {
	o := op.Lookup(n.Domain, n.Op)
	return o != nil && o.Eval != nil || m.Net.Function(n) != nil || len(n.Subgraphs()) > 0
}

// filled says which of the values that are read has no elements.
func (m *Model) filled(read []bool) error {
	for i := range m.Net.Values {
		v, id := &m.Net.Values[i], ir.ValueID(i)
		switch {
		case !read[i] || v.Const != nil:
		case v.Missing != "":
			return fault.Userf("the elements of %q are missing: %s", v.Name, v.Missing)
		case m.Input != ir.None && id != m.Input && slices.Contains(m.Net.Inputs, id):
			return fault.Userf("%s takes %q (%s %s) beside the picture, which Tomo has nothing to fill with; export it with that input fixed", m.Name, v.Name, v.DType, v.Shape)
		}
	}
	return nil
}
