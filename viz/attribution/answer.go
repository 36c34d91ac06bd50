package attribution

import (
	"context"
	"maps"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// An Answer is one forward pass: what a network makes of one picture.
type Answer struct {
	Model *model.Model
	Main  ir.ValueID     // the input that is explained
	Input *tensor.Tensor // what is fed there, the prepared picture, [1, ...]
	// Logits is one row of any rank, nil if the network is no classifier. Out
	// holds it too, and every value that was to be kept.
	Logits *tensor.Tensor
	Out    map[ir.ValueID]*tensor.Tensor
	grids  *model.Grids
	beside map[ir.ValueID]*tensor.Tensor // what else is fed; nil if nothing is
	single bool                          // the network takes no more than one picture at a time
}

// Ask runs a classifier forwards on a prepared picture and keeps some of its
// values.
func Ask(ctx context.Context, m *model.Model, x *tensor.Tensor, keep ...ir.ValueID) (*Answer, error) {
	if _, err := m.Classifier(); err != nil {
		return nil, err
	}
	return AskAny(ctx, m, x, keep...)
}

// AskAny runs any network forwards on what its main input takes and keeps some
// of its values.
func AskAny(ctx context.Context, m *model.Model, x *tensor.Tensor, keep ...ir.ValueID) (*Answer, error) {
	if m.Main() == ir.None {
		return nil, viz.Userf("%s takes no picture, signal, volume or row of numbers that Tomo recognizes, or more than one, so there is nothing to lay a map over", m.Name)
	}
	a := &Answer{Model: m, Main: m.Main(), Input: x}
	if err := a.run(ctx, keep); err != nil {
		return nil, err
	}
	a.grids = m.Grids()
	if shape, ok := a.grids.Shape(a.Main).Ints(); !ok || !slices.Equal(shape, x.Shape()) {
		a.grids = m.Grids(x.Shape()...)
	}
	return a, nil
}

// run keeps values of a forward pass.
func (a *Answer) run(ctx context.Context, keep []ir.ValueID) error {
	fetch := slices.Clone(keep)
	if a.Model.Head != nil {
		fetch = append(fetch, a.Model.Head.Logits)
	}
	out, err := a.Model.Session().Run(ctx, a.Feeds(), fetch...)
	if err != nil {
		return err
	}
	a.Out = map[ir.ValueID]*tensor.Tensor{}
	for i, v := range fetch {
		a.Out[v] = out[i]
	}
	if a.Model.Head != nil {
		a.Logits = a.Out[a.Model.Head.Logits]
	}
	return nil
}

// Spatial returns how a value lies over the input, and false if it does not.
func (a *Answer) Spatial(v ir.ValueID) (model.Grid, bool) { return a.grids.Of(v) }

// Grid returns how the input or a value that was kept lies as channels over
// places.
func (a *Answer) Grid(v ir.ValueID) model.Grid {
	if g, ok := a.grids.Of(v); ok {
		return g
	}
	if v == a.Main {
		return a.Model.Grid(v, a.Input.Shape())
	}
	return a.Model.Grid(v, a.Out[v].Shape())
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

// Feeds are the picture, what the network takes beside it, and what it made of it
// at some values that were kept.
func (a *Answer) Feeds(fed ...ir.ValueID) map[ir.ValueID]*tensor.Tensor {
	feeds := map[ir.ValueID]*tensor.Tensor{}
	maps.Copy(feeds, a.beside)
	feeds[a.Main] = a.Input
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
