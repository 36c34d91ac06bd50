package gradients

import (
	"context"
	"fmt"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/sketch"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/track/gradlog"
	"github.com/tomo-viz/tomo/viz"
)

// A pass is one way over labelled data with the gradient of a loss. It holds the
// gradient's mean so far and that of the batch before, and no more, whatever the
// number of samples.
type pass struct {
	params  Params
	model   *model.Model
	data    source
	which   [][]int // samples by batch
	goal    *objective
	net     *trainable
	session *exec.Session
	*history

	wrt, fetch []ir.ValueID
	mean       [][]float32 // by parameter
	scatter    [][]float32 // sums of squared distances from the mean; nil unless asked for
	before     []*tensor.Tensor
	weights    []float64 // norms of the parameters
}

// newPass readies a way over the data for a model.
func newPass(ctx context.Context, in *viz.Input, m *model.Model, p Params) (*pass, error) {
	data, err := newSource(in, m)
	if err != nil {
		return nil, err
	}
	s := &pass{params: p, model: m, data: data}
	size, fixed := p.Batch, fixedBatch(m)
	if fixed > 0 {
		size = fixed
	}
	s.which = batches(draw(data.len(), p.Samples, in.Seed), size, fixed > 1)
	scores, err := s.answersScores(ctx)
	if err != nil {
		return nil, err
	}
	given, _ := data.(*arrays)
	if s.goal, err = newObjective(m, p, given, scores); err != nil {
		return nil, err
	}
	if s.net, err = findTrainable(m, s.goal.answer); err != nil {
		return nil, err
	}
	s.session = exec.NewSession(s.goal.graph, m.Session().Executor())
	s.prepare()
	return s, nil
}

// answersScores finds out whether a classifier that ends with neither softmax
// nor sigmoid answers with scores, by the first batch.
func (s *pass) answersScores(ctx context.Context) (bool, error) {
	h := s.model.Head
	if h == nil || h.Activation != "none" || s.params.Loss != crossEntropy || len(s.which) == 0 {
		return false, nil
	}
	b, err := s.data.read(ctx, s.which[0], asTarget)
	if err != nil || b.n == 0 {
		return false, err
	}
	out, err := s.model.Session().Run(ctx, b.feeds, h.Logits)
	if err != nil {
		return false, err
	}
	for i := 0; i+h.Classes <= out[0].Len(); i += h.Classes {
		if !h.AreScores(out[0].F32()[i : i+h.Classes]) {
			return false, nil
		}
	}
	return true, nil
}

// prepare makes room for what is to be known.
func (s *pass) prepare() {
	s.history = newHistory(s.model.Name, ofBatches, s.net.parameters,
		gradlog.Norm, gradlog.Mean, gradlog.Std, gradlog.Min, gradlog.Max, gradlog.Zeros, gradlog.NonFinite, gradlog.WeightNorm, gradlog.Turn)
	s.history.model, s.history.net = s.model, s.net
	s.flow = make([][]float64, len(s.net.layers))
	for _, p := range s.rows {
		s.wrt = append(s.wrt, p.value)
		s.mean = append(s.mean, make([]float32, lengthOf(p.shape)))
		s.weights = append(s.weights, gradlog.Of(s.model.Net.Values[p.value].Const.F32()).Norm)
		if s.params.Noise {
			s.scatter = append(s.scatter, make([]float32, lengthOf(p.shape)))
		}
	}
	for _, l := range s.net.layers {
		s.wrt = append(s.wrt, l.output)
	}
	s.dead = gatesOf(s.model, s.goal.answer)
	s.fetch = []ir.ValueID{s.goal.loss}
	for _, g := range s.dead {
		s.fetch = append(s.fetch, g.value)
	}
}

func lengthOf(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// run goes over the data. It can be stopped after every batch, with what is known
// so far.
func (s *pass) run(ctx context.Context, tell func(done int)) error {
	var lost error
	for i, which := range s.which {
		tell(i)
		b, err := s.data.read(ctx, which, s.goal.form)
		if err != nil {
			return err
		}
		if b.n == 0 {
			lost = b.lost
			continue
		}
		if err := s.step(ctx, b); err != nil {
			return err
		}
	}
	if s.samples == 0 {
		return viz.Userf("none of the samples can be used: %w", lost)
	}
	return ctx.Err()
}

// step is one batch, forwards and backwards.
func (s *pass) step(ctx context.Context, b *batch) error {
	if s.goal.truth != ir.None {
		if b.truth == nil {
			return viz.Userf("the data has no labels; name an array of the .npz label or y, or take --loss value")
		}
		b.feeds[s.goal.truth] = b.truth
	}
	grads, values, err := s.session.Gradient(ctx, b.feeds, exec.GradientOf{Y: s.goal.loss, Wrt: s.wrt, Fetch: s.fetch})
	if err != nil {
		return err
	}
	s.add(column{name: fmt.Sprint(len(s.columns) + 1), from: math.NaN(), to: math.NaN()})
	at := len(s.columns) - 1
	s.loss[at] = float64(values[0].F32()[0])
	stats := make([]gradlog.Stats, len(s.rows))
	parallel(len(s.rows), func(i int) {
		g := grads[i].F32()
		stats[i] = gradlog.Of(g)
		s.setStats(i, stats[i])
		s.set(gradlog.WeightNorm, i, s.weights[i])
		if s.before != nil {
			s.set(gradlog.Turn, i, gradlog.Cosine(g, s.before[i].F32()))
		}
		s.accumulate(i, g, b.n)
	})
	var all gradlog.Stats
	for _, one := range stats {
		all = gradlog.Join(all, one)
	}
	s.total[at] = all.Norm
	parallel(len(s.net.layers), func(i int) {
		s.flow[i][at] = s.perSample(gradlog.Of(grads[len(s.rows)+i].F32()), b.n)
	})
	parallel(len(s.dead), func(i int) { s.dead[i].add(values[1+i]) })
	s.samples += b.n
	s.before = grads[:len(s.rows)]
	return nil
}

// perSample is the root of the mean square, over the samples of a batch, of the
// norm that the gradient of a sample's own loss has.
func (s *pass) perSample(g gradlog.Stats, n int) float64 {
	if g.NonFinite > 0 {
		return math.NaN()
	}
	if s.goal.summed {
		return g.Norm / math.Sqrt(float64(n))
	}
	return g.Norm * math.Sqrt(float64(n)) // each has a part of 1/n in the mean loss
}

// accumulate adds a batch to a parameter's mean gradient, or to its sum where
// the loss is a sum (Welford 1962, with the samples as weights).
func (s *pass) accumulate(row int, g []float32, n int) {
	mean := s.mean[row]
	if s.goal.summed {
		for i, v := range g {
			mean[i] += v
		}
		return
	}
	share := float32(float64(n) / float64(s.samples+n))
	if s.scatter == nil {
		for i, v := range g {
			mean[i] += (v - mean[i]) * share
		}
		return
	}
	scatter := s.scatter[row]
	for i, v := range g {
		d := v - mean[i]
		mean[i] += d * share
		scatter[i] += float32(n) * d * (v - mean[i])
	}
}

// conclude works out what is known of the whole data.
func (s *pass) conclude() *history {
	h := s.history
	h.whole, h.sketches, h.signal = nil, nil, nil
	for i, g := range s.mean {
		k := sketch.New()
		k.Add(g)
		h.whole, h.sketches = append(h.whole, gradlog.Of(g)), append(h.sketches, k)
		if s.scatter != nil {
			h.signal = append(h.signal, s.signalToNoise(i))
		}
	}
	h.facts, h.warnings = nil, nil
	s.describe()
	return h
}

// signalToNoise is the median over a parameter's numbers of mean² / variance of
// the gradient of one sample (Liu et al., arXiv 2001.07384): the variance of the
// mean of a batch, times the size of the batch. NaN with fewer than two batches.
func (s *pass) signalToNoise(row int) float64 {
	n := len(s.columns)
	if n < 2 {
		return math.NaN()
	}
	ratios := sketch.New()
	one := make([]float32, 1)
	for i, mean := range s.mean[row] {
		variance := float64(s.scatter[row][i]) / float64(n-1)
		if one[0] = float32(float64(mean) * float64(mean) / variance); mean != 0 {
			ratios.Add(one)
		}
	}
	return ratios.Median()
}

// describe writes down what the numbers rest on.
func (s *pass) describe() {
	h := s.history
	fact := func(name, value string) { h.facts = append(h.facts, figure.Fact{Name: name, Value: value}) }
	fact("loss", s.goal.what)
	text := figure.Thousands(int64(s.samples))
	if most := s.data.len(); s.samples < most {
		text += " of " + figure.Thousands(int64(most)) + ", drawn by the seed"
	}
	fact("samples", text+fmt.Sprintf(", in %d batches of up to %d", len(h.columns), len(s.which[0])))
	count := 0
	for _, p := range s.rows {
		count += lengthOf(p.shape)
	}
	fact("trainable", fmt.Sprintf("%d parameters, %s numbers: what the file marks as weights, or reads as such, and the loss depends on", len(s.rows), figure.Thousands(int64(count))))
	if s.net.frozen > 0 {
		fact("batch normalization", fmt.Sprintf("%d in inference form: their means and variances are constants, as in PyTorch's eval()", s.net.frozen))
	}
	if n := len(s.net.shared); n > 0 {
		fact("shared", fmt.Sprintf("%d parameters are read in several places, such as %s; their gradients are those of all together", n, s.net.shared[0]))
	}
	if n := len(s.net.unreached); n > 0 {
		fact("without gradient", fmt.Sprintf("%d parameters that the loss does not depend on, such as %s", n, s.net.unreached[0]))
	}
	if n := len(s.net.quantized); n > 0 {
		fact("quantized", fmt.Sprintf("%d parameters are whole numbers and have no gradient, such as %s", n, s.net.quantized[0]))
	}
	s.data.describe(fact)
	if p, ok := s.data.(*pictures); ok && !p.labelled() && s.params.Loss != ofValue {
		h.warnings = append(h.warnings, "The pictures have no labels; the network's own answer stands for the truth, so that its mistakes do not count. Give a folder with one folder for each class, and no picture beside them.")
	}
}
