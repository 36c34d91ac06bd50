package attribution

import (
	"context"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// An Answer is one forward pass: what a network makes of one picture.
type Answer struct {
	Model *model.Model
	Input *tensor.Tensor // the prepared picture, [1, ...]
	// Logits is one row of any rank. Out holds it too, and every value that was
	// to be kept.
	Logits *tensor.Tensor
	Out    map[ir.ValueID]*tensor.Tensor
	single bool // the network takes no more than one picture at a time
}

// Ask runs the network forwards on a prepared picture and keeps some of its
// values.
func Ask(ctx context.Context, m *model.Model, x *tensor.Tensor, keep ...ir.ValueID) (*Answer, error) {
	head, err := m.Classifier()
	if err != nil {
		return nil, err
	}
	fetch := append([]ir.ValueID{head.Logits}, keep...)
	out, err := m.Session().Run(ctx, map[ir.ValueID]*tensor.Tensor{m.Input: x}, fetch...)
	if err != nil {
		return nil, err
	}
	a := &Answer{Model: m, Input: x, Logits: out[0], Out: map[ir.ValueID]*tensor.Tensor{}}
	for i, v := range fetch {
		a.Out[v] = out[i]
	}
	return a, nil
}

// Gradient returns the derivative of a target with respect to some values of
// the graph, each of its value's shape. Values that are fed, beside the picture,
// are taken as given: nothing before them runs again.
func (a *Answer) Gradient(ctx context.Context, t Target, fed []ir.ValueID, wrt ...ir.ValueID) ([]*tensor.Tensor, error) {
	return a.GradientBy(ctx, nil, "", t, fed, wrt...)
}

// GradientBy is Gradient by other rules than those of calculus; rules that
// differ have names that do.
func (a *Answer) GradientBy(ctx context.Context, rules autodiff.Rules, name string, t Target, fed []ir.ValueID, wrt ...ir.ValueID) ([]*tensor.Tensor, error) {
	grads, _, err := a.Model.Session().Gradient(ctx, a.Feeds(fed...), exec.GradientOf{
		Y: t.Value, Seed: a.Seed(t), Wrt: wrt, Rules: rules, RulesName: name,
	})
	return grads, err
}

// Feeds are the picture and what the network made of it at some values that
// were kept.
func (a *Answer) Feeds(fed ...ir.ValueID) map[ir.ValueID]*tensor.Tensor {
	feeds := map[ir.ValueID]*tensor.Tensor{a.Model.Input: a.Input}
	for _, v := range fed {
		feeds[v] = a.Out[v]
	}
	return feeds
}

// Seed is the derivative of a target with respect to the value it reads, which
// must have been kept.
func (a *Answer) Seed(t Target) *tensor.Tensor {
	out := a.Out[t.Value]
	seed := tensor.New(tensor.Float32, out.Shape()...)
	copy(seed.F32(), t.Slope(out.F32()))
	return seed
}

// Score is what the network answered.
func (a *Answer) Score(t Target) float64 { return t.Score(a.Out[t.Value].F32()) }
