package exec

import (
	"fmt"
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
)

// Prepare returns the part of g that a program runs: from the feeds, which
// become its inputs and carry the declared types, to the fetched values, with
// functions inlined and the branches taken that are known. Executors begin with
// it. It errs where the program could not run.
func Prepare(g *ir.Graph, feeds []Feed, fetch []ir.ValueID) (*ir.Graph, error) {
	p, err := prepare(g, feeds, fetch, pass.Inline)
	if err != nil {
		return nil, err
	}
	return p, checkOperators(p)
}

// PrepareWhole is Prepare for executors with operators of their own: composite
// operators stay as they are, and so do those that Tomo does not know.
func PrepareWhole(g *ir.Graph, feeds []Feed, fetch []ir.ValueID) (*ir.Graph, error) {
	return prepare(g, feeds, fetch, pass.InlineFunctions)
}

func prepare(g *ir.Graph, feeds []Feed, fetch []ir.ValueID, inline func(*ir.Graph) (*ir.Graph, error)) (*ir.Graph, error) {
	if err := checkIDs(g, feeds, fetch); err != nil {
		return nil, err
	}
	fed := make([]ir.ValueID, len(feeds))
	for i, f := range feeds {
		fed[i] = f.Value
	}
	g, err := defineGradients(g, feeds)
	if err != nil {
		return nil, err
	}
	p, err := inline(withFeeds(pass.Extract(g, fed, fetch), feeds))
	if err != nil {
		return nil, err
	}
	if p, err = withoutBranches(pass.Prune(pass.Unpack(p))); err != nil {
		return nil, err
	}
	return p, checkRunnable(p, fed)
}

// withFeeds returns g with the types of the feeds for what it declares of them.
func withFeeds(g *ir.Graph, feeds []Feed) *ir.Graph {
	g = g.Clone()
	for _, f := range feeds {
		g.Values[f.Value].DType, g.Values[f.Value].Shape = f.DType, ir.Dims(f.Shape...)
	}
	return g
}

// withoutBranches takes the branches that shapes and constants choose. A branch
// may hold others.
func withoutBranches(g *ir.Graph) (*ir.Graph, error) {
	for slices.ContainsFunc(g.Nodes, func(n ir.Node) bool { return n.Domain == "" && n.Op == "If" }) {
		types, err := pass.InferStrict(g)
		if err != nil {
			return nil, err
		}
		flat, err := pass.Branch(g, types)
		if err != nil || flat == g {
			return g, err
		}
		g = pass.Prune(flat)
	}
	return g, nil
}

// checkIDs errs on values that are not in g or are fed twice.
func checkIDs(g *ir.Graph, feeds []Feed, fetch []ir.ValueID) error {
	seen := map[ir.ValueID]bool{}
	for _, f := range feeds {
		if f.Value < 0 || int(f.Value) >= len(g.Values) {
			return fmt.Errorf("value %d is given but the graph has only %d values", f.Value, len(g.Values))
		}
		if seen[f.Value] {
			return fmt.Errorf("value %q is given twice", g.Values[f.Value].Name)
		}
		seen[f.Value] = true
	}
	for _, v := range fetch {
		if v < 0 || int(v) >= len(g.Values) {
			return fmt.Errorf("value %d is asked for but the graph has only %d values", v, len(g.Values))
		}
	}
	return nil
}

// checkOperators errs if a node's operator is not known.
func checkOperators(g *ir.Graph) error {
	for i := range g.Nodes {
		if n := &g.Nodes[i]; !Runs(n) {
			return &op.UnknownError{Node: n.Name, Op: n.Op, Domain: n.Domain}
		}
	}
	return nil
}

// Runs reports whether the executors know the operator of a node that calls no
// function.
func Runs(n *ir.Node) bool {
	if isControl(n) || isGradient(n) {
		return true
	}
	o := op.Lookup(n.Domain, n.Op)
	return o != nil && o.Eval != nil
}

// checkRunnable errs if a value that is needed comes from nowhere.
func checkRunnable(g *ir.Graph, fed []ir.ValueID) error {
	given := make([]bool, len(g.Values))
	for _, v := range fed {
		given[v] = true
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for _, v := range n.Reads() {
			if err := checkSource(g, v, given, fmt.Sprintf("node %q (%s)", n.Name, n.Op)); err != nil {
				return err
			}
		}
	}
	for _, v := range g.Outputs {
		if err := checkSource(g, v, given, "the result"); err != nil {
			return err
		}
	}
	return nil
}

// checkSource errs if v is neither given, constant nor computed.
func checkSource(g *ir.Graph, v ir.ValueID, given []bool, reader string) error {
	value := &g.Values[v]
	switch {
	case given[v] || value.Const != nil || value.Producer != ir.None:
		return nil
	case value.Missing != "":
		return &MissingError{reader, value.Name, value.Missing}
	case slices.Contains(g.Inputs, v):
		return nil
	}
	return fmt.Errorf("%s needs %q, which is not given", reader, value.Name)
}

// A MissingError says that a run needs a constant whose elements the model's
// file does not hold.
type MissingError struct{ Reader, Constant, Why string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s needs the constant %q, whose elements are missing: %s", e.Reader, e.Constant, e.Why)
}

// UserFault marks it as no bug.
func (e *MissingError) UserFault() {}
