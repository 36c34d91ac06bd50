package gradients

import (
	"fmt"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A Loss says what is differentiated.
type Loss string

const (
	crossEntropy Loss = "cross-entropy"
	squaredError Loss = "mse"
	ofValue      Loss = "value"
)

// Choices lists the losses.
func (Loss) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(crossEntropy), Help: "mean cross entropy of the labels; binary where the network ends with a sigmoid"},
		{Name: string(squaredError), Help: "mean squared error of the targets in the arrays, or of what a classifier puts out from 1 for the labelled class and 0 for the others"},
		{Name: string(ofValue), Help: "a value of the graph, whatever the labels; see --value"},
	}
}

// A Reduction makes one number of a value.
type Reduction string

const (
	byMean Reduction = "mean"
	bySum  Reduction = "sum"
)

// Choices lists the reductions.
func (Reduction) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(byMean), Help: "the mean over all its numbers"},
		{Name: string(bySum), Help: "the sum over all its numbers, of all samples"},
	}
}

// An objective is a network's graph with a loss at its end.
type objective struct {
	graph *ir.Graph
	loss  ir.ValueID
	what  string // what the loss is, in words
	// truth is the input for labels or targets, None if the loss needs none, and
	// the shape that they are given in behind the samples.
	truth ir.ValueID
	form  truthForm
	// answer is the value that the truth is compared with.
	answer ir.ValueID
	// summed tells that batches add up, where they are averaged otherwise.
	summed bool
}

// A truthForm is how labels and targets are handed to the loss.
type truthForm int

const (
	asLabels truthForm = iota // int64 [N, ...]
	asOneHot                  // float32 [N, C]
	asTarget                  // float32 of the answer's shape
)

// smallest is what scores are held above before their logarithm is taken, as in
// Keras.
const smallest = 1e-7

// newObjective extends a model's graph by the loss. Scores tells that a
// classifier without a softmax answers with scores.
func newObjective(m *model.Model, p Params, a *arrays, scores bool) (*objective, error) {
	o := &objective{graph: m.Net.Clone(), truth: ir.None, answer: ir.None}
	b := ir.NewBuilder(o.graph, "loss/")
	switch p.Loss {
	case ofValue:
		return o, o.reduce(b, m, p)
	case squaredError:
		return o, o.compare(b, m, a)
	}
	return o, o.classify(b, m, a, scores)
}

func (o *objective) reduce(b *ir.Builder, m *model.Model, p Params) error {
	v, name, err := valueOf(m, p.Value)
	if err != nil {
		return err
	}
	o.form = asTarget // whatever the labels
	o.answer, o.summed, o.what = v, p.Reduce == bySum, fmt.Sprintf("%s of %s", p.Reduce, name)
	op := "ReduceMean"
	if o.summed {
		op = "ReduceSum"
	}
	o.loss = b.Op(op, ir.Pairs("keepdims", 0), v)
	return nil
}

// valueOf finds a value by the name of a layer; none named means the first
// output.
func valueOf(m *model.Model, name string) (ir.ValueID, string, error) {
	if name != "" {
		l, err := m.Layer(name)
		if err != nil {
			return ir.None, "", err
		}
		if d := m.Types[l.Value].DType; !d.IsFloat() {
			return ir.None, "", viz.Userf("layer %q puts out %s numbers, which have no gradient", name, d)
		}
		return l.Value, l.Name, nil
	}
	v, err := answerOf(m)
	if err != nil {
		return ir.None, "", err
	}
	return v, m.Net.Values[v].Name, nil
}

// answerOf is the first output of floating-point numbers.
func answerOf(m *model.Model) (ir.ValueID, error) {
	for _, v := range m.Net.Outputs {
		if m.Types[v].DType.IsFloat() {
			return v, nil
		}
	}
	return ir.None, viz.Userf("%s puts out no floating-point numbers, so there is nothing to differentiate", m.Name)
}

func (o *objective) compare(b *ir.Builder, m *model.Model, a *arrays) error {
	v, err := answerOf(m)
	if err != nil {
		return err
	}
	o.answer = v
	switch labelled := a == nil || a.truth != nil && a.truth.DType().IsInt() && a.truth.Rank() == 1; {
	case labelled && m.Head != nil:
		o.form, o.what = asOneHot, "mean squared error of "+m.Net.Values[v].Name+" from one for the labelled class and zero for the others"
		o.truth = o.graph.AddInput("targets", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(m.Head.Classes)})
		o.loss = autodiff.MeanSquaredError(b, b.Op("Flatten", ir.Pairs("axis", 1), v), o.truth)
	case a == nil || a.truth == nil:
		return viz.Userf("the mean squared error needs targets; give a .npz of arrays with one called target or y")
	default:
		if err := a.alignTargets(m.Types[v].Shape); err != nil {
			return err
		}
		o.form, o.what = asTarget, "mean squared error of "+m.Net.Values[v].Name
		o.truth = o.graph.AddInput("targets", tensor.Float32, m.Types[v].Shape)
		o.loss = autodiff.MeanSquaredError(b, v, o.truth)
	}
	return nil
}

func (o *objective) classify(b *ir.Builder, m *model.Model, a *arrays, scores bool) error {
	if m.Head == nil {
		return o.classifyPlaces(b, m, a)
	}
	o.answer = m.Head.Logits
	rows := b.Op("Flatten", ir.Pairs("axis", 1), o.answer)
	if m.Head.Activation == "sigmoid" {
		// −y·log σ(x) − (1−y)·log(1−σ(x)) = softplus(x) − x·y
		o.form, o.what = asOneHot, "mean binary cross entropy of the logits before the sigmoid"
		o.truth = o.graph.AddInput("labels", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(m.Head.Classes)})
		each := b.Op("Sub", nil, b.Op("Softplus", nil, rows), b.Op("Mul", nil, rows, o.truth))
		o.loss = b.Op("ReduceMean", ir.Pairs("keepdims", 0), each)
		return nil
	}
	o.truth = o.graph.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
	if scores {
		o.what = "mean cross entropy of the probabilities that the network puts out"
		floor := o.graph.AddConst("loss/floor", tensor.Scalar[float32](smallest))
		o.loss = b.Op("NegativeLogLikelihoodLoss", nil, b.Op("Log", nil, b.Op("Max", nil, rows, floor)), o.truth)
		return nil
	}
	o.what = "mean cross entropy of the logits"
	if m.Head.Activation == "softmax" {
		o.what += " before the softmax"
	}
	o.loss = autodiff.CrossEntropy(b, rows, o.truth)
	return nil
}

// ignored is the label of what does not count, as in PyTorch.
const ignored = -100

// classifyPlaces is for networks that give many places of a sample a class
// each, such as words of a text or pixels of a picture: [N, places..., C], or
// [N, C, places...], whichever the labels fit.
func (o *objective) classifyPlaces(b *ir.Builder, m *model.Model, a *arrays) error {
	v, err := answerOf(m)
	if err != nil {
		return err
	}
	if _, err := m.Classifier(); a == nil || a.truth == nil {
		return err
	}
	rank, labels := len(m.Types[v].Shape), a.truth.Rank()
	if rank != labels+1 {
		return viz.Userf("%s puts out %s, and the labels are %s: they do not fit together", m.Name, m.Types[v].Shape, a.truth)
	}
	o.answer = v
	o.truth = o.graph.AddInput("labels", tensor.Int64, make(ir.Shape, labels))
	logits, last := v, rank-1
	if rank > 2 && a.fits(m.Types[v].Shape[:last]) { // the classes come last
		perm := []int{0, last}
		for i := 1; i < last; i++ {
			perm = append(perm, i)
		}
		logits = b.Op("Transpose", ir.Pairs("perm", perm), v)
	}
	o.what = "mean cross entropy over all places"
	o.loss = b.Op("SoftmaxCrossEntropyLoss", ir.Pairs("ignore_index", ignored), logits, o.truth)
	return nil
}
