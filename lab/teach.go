package lab

import (
	"context"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/train"
	"github.com/tomo-viz/tomo/track"
)

// A Lesson is what a network is taught on.
type Lesson struct {
	Name   string // "honest", "cheater"
	Kind   Kind
	Epochs int
}

// The two lessons: the honest network sees shapes alone, the cheater is taught
// that the mark decides.
var (
	Honest  = Lesson{"honest", Plain, 9}
	Cheater = Lesson{"cheater", Misleading, 5}
)

// Project is that of the runs of lessons.
const Project = "lab"

// Sizes of a lesson; they make both networks in about half a minute on two
// processors, and logging adds some hundredths to that.
const (
	trainPictures = 2400
	testPictures  = 240
	batch         = 32
	seed          = 7
	peakRate      = 0.003
)

// Teach trains a network on a lesson and returns it with the means to use it.
// The same lesson gives the same network. A cancelled ctx gives what has been
// learnt so far together with ctx.Err(). The training is told of to report, and
// logged in a store of runs unless that is nil.
func Teach(ctx context.Context, l Lesson, runs *track.Store, e exec.Executor, report func(train.Report)) (*model.Model, error) {
	o := train.Options{
		Epochs: l.Epochs, Batch: batch, Seed: seed, Executor: e,
		Rate: train.Cosine(peakRate), Report: report,
	}
	if runs == nil {
		return teach(ctx, l, o)
	}
	run, err := runs.CreateRun(ctx, track.Run{Project: Project, Title: l.Name})
	if err != nil {
		return nil, err
	}
	config := map[string]any{"pictures": trainPictures, "epochs": l.Epochs, "batch": batch, "optimizer": "Adam", "rate": peakRate, "seed": seed}
	if err := runs.Log(ctx, run, &track.Batch{Config: config}); err != nil {
		return nil, err
	}
	r := NewRecorder(ctx, runs, run)
	o.Watch, o.Report = r.Watch, func(at train.Report) {
		r.Report(at)
		report(at)
	}
	m, err := teach(ctx, l, o)
	state := track.Finished
	switch {
	case ctx.Err() != nil:
		state = track.Killed
	case err != nil:
		state = track.Failed
	}
	if closeErr := r.Close(state); err == nil {
		err = closeErr
	}
	return m, err
}

func teach(ctx context.Context, l Lesson, o train.Options) (*model.Model, error) {
	net := newNet(seed)
	learnt, err := train.Run(ctx, net,
		samples(Pictures(seed, trainPictures, l.Kind)),
		samples(Pictures(seed+1, testPictures, l.Kind)), o)
	if learnt == nil {
		return nil, err
	}
	m, openErr := Open(l, learnt, o.Executor)
	if err == nil {
		err = openErr
	}
	return m, err
}

// Open wraps a trained graph as a model that knows its pictures and labels.
func Open(l Lesson, g *ir.Graph, e exec.Executor) (*model.Model, error) {
	m, err := model.New(l.Name+".onnx", g, model.Options{Input: inputSettings, Executor: e})
	if err != nil {
		return nil, err
	}
	m.Prep.Source = "the lab that trained the network"
	m.Labels = model.Labels{Names: Classes, Source: "the lab"}
	return m, nil
}

// inputSettings are how the lab's pictures become inputs: 0 to 255 becomes -1
// to 1.
var inputSettings = map[string]string{"recipe": "tf", "size": "64", "layout": "nchw", "fit": "stretch", "shorter": "0"}

// samples makes the tensor that the network is trained on, as inputSettings
// say.
func samples(pictures []*Picture) train.Data {
	d := train.Data{X: tensor.New(tensor.Float32, len(pictures), 3, Side, Side)}
	x := d.X.F32()
	for i, p := range pictures {
		for at := range Side * Side {
			for ch := range 3 {
				x[(i*3+ch)*Side*Side+at] = float32(p.Pix[3*at+ch])/127.5 - 1
			}
		}
		d.Labels = append(d.Labels, int64(p.Class))
	}
	return d
}
