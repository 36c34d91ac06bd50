package inspect

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// A survey is what the nodes that the outputs need are made of, those in
// functions and subgraphs included.
type survey struct {
	functions map[string]*ir.Function
	seen      map[*ir.Graph]bool
	ops       map[string]bool
	nodes     int
	unknown   []Nodes
	random    []Nodes
	missing   map[string][]string // the reasons, with the constants
}

func surveyOf(m *model.Model, fetch []Named) *survey {
	s := &survey{functions: m.Net.Functions, seen: map[*ir.Graph]bool{}, ops: map[string]bool{}, missing: map[string][]string{}}
	var want []ir.ValueID
	for _, f := range fetch {
		want = append(want, f.Value)
	}
	s.graph(m.Net, m.Net.Needed(want, nil))
	return s
}

// graph visits the needed nodes, all if needed is nil, of a graph once.
func (s *survey) graph(g *ir.Graph, needed []bool) {
	if s.seen[g] {
		return
	}
	s.seen[g] = true
	read := map[ir.ValueID]bool{}
	for i := range g.Nodes {
		if needed != nil && !needed[i] {
			continue
		}
		s.node(g, &g.Nodes[i])
		for _, v := range g.Nodes[i].Reads() {
			read[v] = true
		}
	}
	for _, v := range slices.Sorted(maps.Keys(read)) {
		if value := &g.Values[v]; value.Missing != "" && value.Const == nil {
			s.missing[value.Missing] = append(s.missing[value.Missing], value.Name)
		}
	}
}

func (s *survey) node(g *ir.Graph, n *ir.Node) {
	s.nodes++
	s.ops[opName(n)] = true
	function := s.functions[n.FuncKey()]
	o := op.Lookup(n.Domain, n.Op)
	switch {
	case function != nil:
		s.graph(function.Body, nil)
	case !exec.Runs(n):
		s.unknown = group(s.unknown, n)
	case o != nil && o.Random:
		s.random = group(s.random, n)
	}
	for _, sub := range n.Subgraphs() {
		s.graph(sub, nil)
	}
}

// obstacles tells what is known to stand in the way before anything is run.
func (s *survey) obstacles() []Obstacle {
	out := []Obstacle{}
	for _, u := range s.unknown {
		out = append(out, Obstacle{"operator", fmt.Sprintf("the operator %s is not known; it is used by %s", u.Op, SomeNames(u.Nodes)), u.Nodes})
	}
	for _, why := range slices.Sorted(maps.Keys(s.missing)) {
		names := s.missing[why]
		out = append(out, Obstacle{"weights", fmt.Sprintf("the elements of %s are missing: %s", SomeNames(names), why), names})
	}
	return out
}

// SomeNames quotes the first three names and counts the rest.
func SomeNames(names []string) string {
	const most = 3
	text := ""
	for i, name := range names[:min(len(names), most)] {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%q", name)
	}
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
