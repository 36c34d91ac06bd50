package ort

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

type executor struct {
	lib      *library
	provider string // empty for the processor alone
	threads  int
	limit    int64 // bytes of the values of a run
}

// Name is exec.Executor's: "ort", or with its provider "ort:cuda".
func (e *executor) Name() string {
	if e.provider == "" {
		return name
	}
	return name + ":" + strings.ToLower(e.provider)
}

// Compile is exec.Executor's. What is fetched and not computed, constants and
// feeds, does not go through the library.
func (e *executor) Compile(g *ir.Graph, feeds []exec.Feed, fetch []ir.ValueID) (program exec.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			program, err = nil, fmt.Errorf("compiling the graph failed, which is a bug: %v", r)
		}
	}()
	whole, err := exec.PrepareWhole(g, feeds, fetch)
	if err != nil {
		return nil, err
	}
	p, err := e.compile(whole, feeds)
	var refused *RefusedError
	if !errors.As(err, &refused) || !slices.ContainsFunc(whole.Nodes, isComposite) {
		return p, err
	}
	parts, err := exec.Prepare(g, feeds, fetch)
	if err != nil {
		return nil, err
	}
	if p, err = e.compile(parts, feeds); err != nil {
		return nil, refused // by the operators' own names
	}
	return p, nil
}

// isComposite tells operators that are made of others, and that the library may
// know or not.
func isComposite(n ir.Node) bool {
	o := op.Lookup(n.Domain, n.Op)
	return o != nil && o.Body != nil
}

// compile makes a program of what a question needs.
func (e *executor) compile(g *ir.Graph, feeds []exec.Feed) (*program, error) {
	g, types, err := simplify(g)
	if err != nil {
		return nil, err
	}
	p := newProgram(g, feeds)
	if len(p.computed) > 0 {
		p.session, err = e.translate(g, types, feeds, p.computed)
	}
	return p, err
}

// simplify settles the shapes and folds what they make constant.
func simplify(g *ir.Graph) (*ir.Graph, []op.Type, error) {
	types, err := pass.InferStrict(g)
	if err != nil {
		return nil, nil, err
	}
	g = pass.Fold(g, types, nil)
	if types, err = pass.InferStrict(g); err != nil {
		return nil, nil, err
	}
	g = pass.Prune(pass.Bypass(g, types))
	return g, types, nil
}

// translate makes the session that computes the given values.
func (e *executor) translate(g *ir.Graph, types []op.Type, feeds []exec.Feed, computed []ir.ValueID) (*session, error) {
	g = g.Clone()
	g.Outputs = computed
	g, err := lower(g, types)
	if err != nil {
		return nil, err
	}
	g = apart(g)
	if types, err = pass.InferStrict(g); err != nil {
		return nil, err
	}
	bytes, err := checkMemory(g, types, e.limit)
	if err != nil {
		return nil, err
	}
	if g, err = withoutFunctions(g); err != nil {
		return nil, err
	}
	g = unify(g, types, e.newestOpset())
	if g, err = tidy(g, types, feeds); err != nil {
		return nil, err
	}
	return e.newSession(g, types, bytes)
}

// A program runs a session and puts its results in their places.
type program struct {
	g       *ir.Graph
	feeds   []exec.Feed
	session *session // nil if nothing is computed
	// computed are the values that the session makes, each once.
	computed []ir.ValueID
	places   []place // of g.Outputs
}

// A place says where a fetched value is found: a constant, or an element of
// the feeds or of what was computed.
type place struct {
	constant *tensor.Tensor
	fed      bool
	index    int
}

func newProgram(g *ir.Graph, feeds []exec.Feed) *program {
	p := &program{g: g, feeds: feeds}
	seen := map[ir.ValueID]place{}
	for i, f := range feeds {
		seen[f.Value] = place{fed: true, index: i}
	}
	for _, v := range g.Outputs {
		at, ok := seen[v]
		switch {
		case ok:
		case g.Values[v].Const != nil:
			at = place{constant: g.Values[v].Const}
		default:
			at = place{index: len(p.computed)}
			p.computed = append(p.computed, v)
		}
		seen[v] = at
		p.places = append(p.places, at)
	}
	return p
}

// Run is exec.Program's.
func (p *program) Run(ctx context.Context, feeds []*tensor.Tensor) ([]*tensor.Tensor, error) {
	if err := exec.CheckFeeds(p.g, p.feeds, feeds); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var made []*tensor.Tensor
	if p.session != nil {
		var err error
		if made, err = p.session.run(ctx, feeds); err != nil {
			return nil, err
		}
	}
	out := make([]*tensor.Tensor, len(p.places))
	taken := make([]bool, len(made))
	for i, at := range p.places {
		switch {
		case at.constant != nil:
			out[i] = at.constant.Clone()
		case at.fed:
			out[i] = feeds[at.index].Clone()
		case taken[at.index]:
			out[i] = made[at.index].Clone()
		default:
			out[i], taken[at.index] = made[at.index], true
		}
	}
	return out, nil
}
