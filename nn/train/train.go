package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Net is a classifier to be trained. Params are constants of the graph, of
// float32; Input takes [N, ...] and Logits is [N, classes].
type Net struct {
	Graph         *ir.Graph
	Input, Logits ir.ValueID
	Params        []ir.ValueID
}

// Data are labelled samples: X float32 [N, ...] and the class of each.
type Data struct {
	X      *tensor.Tensor
	Labels []int64
}

// Options of a training. Zero values mean 10 epochs, batches of 32, Adam and
// a cosine of rate 0.002.
type Options struct {
	Epochs    int
	Batch     int
	Optimizer Optimizer
	Rate      Schedule
	Seed      uint64
	Executor  exec.Executor
	// Report is told of every step, and at the end of each epoch once more with
	// the validation's figures.
	Report func(Report)
	// Watch, if there is one, is told what each step did to the parameters, in the
	// order of Net.Params, before the step is reported.
	Watch func(Report, []Change)
}

// A Change is what one step does to a parameter: its numbers before and after,
// and the gradient of the loss. They are the trainer's, and good until Watch
// returns.
type Change struct {
	Name                    string
	Before, Gradient, After []float32
}

// A Report is how a training stands.
type Report struct {
	Epoch, Epochs int // from 1
	Step, Steps   int // of all epochs
	Rate          float64
	// Loss and Accuracy are means over the epoch so far, each sample as the
	// network saw it when its turn came.
	Loss, Accuracy float64
	// Validated tells that the epoch has ended and the next two are known.
	Validated            bool
	ValLoss, ValAccuracy float64
	Elapsed              time.Duration
}

// Run trains the network and returns its graph with the new parameters; the
// given graph stays as it is. If ctx ends first it returns what was learnt so
// far together with ctx.Err(). The same seed gives the same parameters on the
// same kind of processor.
func Run(ctx context.Context, net Net, train, validation Data, o Options) (*ir.Graph, error) {
	t, err := newTrainer(net, train, o)
	if err != nil {
		return nil, err
	}
	err = t.epochs(ctx, train, validation)
	return t.trained(), err
}

type trainer struct {
	Options
	net     Net
	loss    ir.ValueID
	labels  ir.ValueID
	session *exec.Session
	params  []*tensor.Tensor
	random  *rand.Rand
	start   time.Time
	report  Report
}

func newTrainer(net Net, train Data, o Options) (*trainer, error) {
	if train.X.Dim(0) != len(train.Labels) || len(train.Labels) == 0 {
		return nil, fmt.Errorf("%d samples have %d labels", train.X.Dim(0), len(train.Labels))
	}
	if o.Optimizer == nil {
		o.Optimizer = &Adam{}
	}
	if o.Rate == nil {
		o.Rate = Cosine(0.002)
	}
	if o.Executor == nil {
		o.Executor = exec.Default()
	}
	if o.Report == nil {
		o.Report = func(Report) {}
	}
	o.Epochs, o.Batch = max(o.Epochs, 1), max(o.Batch, 1)
	t := &trainer{Options: o, net: net, random: rand.New(rand.NewPCG(o.Seed, 0)), start: time.Now()}
	g := net.Graph.Clone()
	t.labels = g.AddInput("labels", tensor.Int64, ir.Shape{ir.Symbol("batch")})
	t.loss = autodiff.CrossEntropy(ir.NewBuilder(g, "loss/"), net.Logits, t.labels)
	t.session = exec.NewSession(g, o.Executor)
	for _, v := range net.Params {
		t.params = append(t.params, g.Values[v].Const.Clone())
	}
	return t, nil
}

func (t *trainer) epochs(ctx context.Context, train, validation Data) error {
	n := len(train.Labels)
	t.Batch = min(t.Batch, n)
	perEpoch := n / t.Batch // what is left over comes first in another order
	t.report = Report{Epochs: t.Epochs, Steps: t.Epochs * perEpoch}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for epoch := range t.Epochs {
		t.random.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		t.report.Epoch, t.report.Validated = epoch+1, false
		var mean tally
		for step := range perEpoch {
			if err := t.step(ctx, train.pick(order[step*t.Batch:(step+1)*t.Batch]), &mean); err != nil {
				return err
			}
		}
		if err := t.validate(ctx, validation); err != nil {
			return err
		}
	}
	return nil
}

// step runs one batch forwards and backwards and moves the parameters.
func (t *trainer) step(ctx context.Context, batch Data, mean *tally) error {
	t.report.Rate = t.Rate(float64(t.report.Step) / float64(t.report.Steps))
	grads, values, err := t.session.Gradient(ctx, t.feeds(batch), exec.GradientOf{
		Y: t.loss, Wrt: t.net.Params, Fetch: []ir.ValueID{t.loss, t.net.Logits},
	})
	if err != nil {
		return err
	}
	changes := t.begin(grads)
	for i, g := range grads {
		t.Optimizer.Step(i, t.params[i].F32(), g.F32(), t.report.Rate)
	}
	mean.add(values[0], values[1], batch.Labels)
	t.report.Step++
	t.report.Loss, t.report.Accuracy = mean.loss(), mean.accuracy()
	t.report.Elapsed = time.Since(t.start)
	if t.Watch != nil {
		t.Watch(t.report, changes)
	}
	t.Report(t.report)
	return nil
}

// begin notes the parameters before a step, if anybody watches.
func (t *trainer) begin(grads []*tensor.Tensor) []Change {
	if t.Watch == nil {
		return nil
	}
	changes := make([]Change, len(grads))
	for i, g := range grads {
		w := t.params[i].F32()
		changes[i] = Change{t.net.Graph.Values[t.net.Params[i]].Name, slices.Clone(w), g.F32(), w}
	}
	return changes
}

func (t *trainer) feeds(batch Data) map[ir.ValueID]*tensor.Tensor {
	feeds := map[ir.ValueID]*tensor.Tensor{
		t.net.Input: batch.X,
		t.labels:    tensor.Of(batch.Labels, len(batch.Labels)),
	}
	for i, v := range t.net.Params {
		feeds[v] = t.params[i]
	}
	return feeds
}

// validate measures the network on samples that it does not learn from.
func (t *trainer) validate(ctx context.Context, d Data) error {
	var mean tally
	for i := 0; i < len(d.Labels); i += t.Batch {
		j := min(i+t.Batch, len(d.Labels))
		batch := Data{d.X.Slice(i, j), d.Labels[i:j]}
		out, err := t.session.Run(ctx, t.feeds(batch), t.loss, t.net.Logits)
		if err != nil {
			return err
		}
		mean.add(out[0], out[1], batch.Labels)
	}
	if mean.samples > 0 {
		t.report.Validated, t.report.ValLoss, t.report.ValAccuracy = true, mean.loss(), mean.accuracy()
	}
	t.report.Elapsed = time.Since(t.start)
	t.Report(t.report)
	return nil
}

// trained returns the network's graph with the parameters as they are now.
func (t *trainer) trained() *ir.Graph {
	g := t.net.Graph.Clone()
	for i, v := range t.net.Params {
		g.Values[v].Const = t.params[i]
	}
	return g
}

// pick returns the samples at the given places.
func (d Data) pick(places []int) Data {
	shape := slices.Clone(d.X.Shape())
	row := d.X.Len() / shape[0]
	shape[0] = len(places)
	out := Data{tensor.New(tensor.Float32, shape...), make([]int64, len(places))}
	for i, p := range places {
		out.X.CopyRange(i*row, d.X, p*row, row)
		out.Labels[i] = d.Labels[p]
	}
	return out
}

// A tally adds up loss and hits over batches.
type tally struct {
	samples, hits int
	losses        float64
}

func (m *tally) add(loss, logits *tensor.Tensor, labels []int64) {
	classes := logits.Len() / len(labels)
	scores := logits.F32()
	for i, want := range labels {
		row := scores[i*classes : (i+1)*classes]
		best := 0
		for c, x := range row {
			if x > row[best] {
				best = c
			}
		}
		if int64(best) == want {
			m.hits++
		}
	}
	m.samples += len(labels)
	m.losses += float64(loss.F32()[0]) * float64(len(labels))
}

func (m *tally) loss() float64     { return m.losses / float64(m.samples) }
func (m *tally) accuracy() float64 { return float64(m.hits) / float64(m.samples) }
