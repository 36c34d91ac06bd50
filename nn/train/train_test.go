package train_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/train"
)

// TestLearnsXOR trains a network of one hidden layer on what no linear one can
// learn, to perfection.
func TestLearnsXOR(t *testing.T) {
	net := xorNet(1)
	first, last := 0.0, train.Report{}
	_, err := train.Run(t.Context(), net, xorData(1, 400), xorData(2, 100), train.Options{
		Epochs: 30, Batch: 20, Rate: train.Constant(0.02),
		Report: func(r train.Report) {
			if r.Step == 1 {
				first = r.Loss
			}
			last = r
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if last.ValAccuracy < 0.97 || last.Loss > first/4 {
		t.Errorf("after training the accuracy is %.2f and the loss fell from %.3f to %.3f", last.ValAccuracy, first, last.Loss)
	}
	if last.Step != last.Steps || last.Epoch != last.Epochs || !last.Validated {
		t.Errorf("the last report is %+v", last)
	}
}

// TestSameSeed asserts that equal seeds give equal networks, and that the
// network given stays as it was.
func TestSameSeed(t *testing.T) {
	net := xorNet(1)
	before := net.Graph.Values[net.Params[0]].Const.Clone()
	var got [2]*ir.Graph
	for i := range got {
		var err error
		if got[i], err = train.Run(t.Context(), net, xorData(1, 100), train.Data{}, train.Options{Epochs: 2, Batch: 10, Seed: 5}); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range net.Params {
		if !tensor.Equal(got[0].Values[v].Const, got[1].Values[v].Const) {
			t.Errorf("parameter %q differs between two trainings of one seed", net.Graph.Values[v].Name)
		}
	}
	if !tensor.Equal(before, net.Graph.Values[net.Params[0]].Const) {
		t.Error("training changed the network it was given")
	}
	if tensor.Equal(before, got[0].Values[net.Params[0]].Const) {
		t.Error("training changed nothing")
	}
}

// TestCancel asserts that a training that is stopped gives what it has learnt.
func TestCancel(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	net, steps := xorNet(1), 0
	g, err := train.Run(ctx, net, xorData(1, 400), train.Data{}, train.Options{Epochs: 1000, Batch: 20, Report: func(r train.Report) {
		if steps = r.Step; steps == 7 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps != 7 {
		t.Errorf("stopped after step 7 it ended at step %d with %v", steps, err)
	}
	if g == nil || tensor.Equal(g.Values[net.Params[0]].Const, net.Graph.Values[net.Params[0]].Const) {
		t.Error("what was learnt until then is lost")
	}
}

// TestWatch: with plain descent each step is the gradient times the rate, and a
// step begins where the last one ended.
func TestWatch(t *testing.T) {
	net, steps := xorNet(1), 0
	last := map[string][]float32{}
	_, err := train.Run(t.Context(), net, xorData(1, 100), train.Data{}, train.Options{
		Epochs: 2, Batch: 25, Optimizer: &train.SGD{}, Rate: train.Constant(0.5),
		Watch: func(r train.Report, changes []train.Change) {
			if steps++; r.Step != steps || len(changes) != len(net.Params) {
				t.Errorf("at step %d it is told of step %d and %d parameters", steps, r.Step, len(changes))
			}
			for i, c := range changes {
				if want := net.Graph.Values[net.Params[i]].Name; c.Name != want {
					t.Errorf("parameter %d is called %q, want %q", i, c.Name, want)
				}
				if before := last[c.Name]; before != nil && !slices.Equal(before, c.Before) {
					t.Errorf("step %d of %q does not begin where the last one ended", steps, c.Name)
				}
				for k, w := range c.Before {
					if want := w - 0.5*c.Gradient[k]; c.After[k] != want {
						t.Fatalf("step %d moves %q from %v to %v, want %v", steps, c.Name, w, c.After[k], want)
					}
				}
				last[c.Name] = slices.Clone(c.After)
			}
		},
	})
	if err != nil || steps != 8 {
		t.Errorf("it was told of %d steps, and ended with %v", steps, err)
	}
}

func TestWrongLabels(t *testing.T) {
	d := xorData(1, 10)
	d.Labels = d.Labels[:9]
	if _, err := train.Run(t.Context(), xorNet(1), d, train.Data{}, train.Options{}); err == nil {
		t.Error("ten samples with nine labels are taken")
	}
}

// xorNet has two inputs, eight hidden units and two classes.
func xorNet(seed uint64) train.Net {
	r := rand.New(rand.NewPCG(seed, 0))
	g := ir.New("xor")
	b := ir.NewBuilder(g, "")
	var params []ir.ValueID
	param := func(name string, shape ...int) ir.ValueID {
		t := tensor.New(tensor.Float32, shape...)
		for i := range t.F32() {
			t.F32()[i] = float32(r.NormFloat64())
		}
		params = append(params, g.AddConst(name, t))
		return params[len(params)-1]
	}
	x := g.AddInput("x", tensor.Float32, ir.Shape{ir.Symbol("batch"), ir.Known(2)})
	hidden := b.Op("Tanh", nil, b.Op("Gemm", nil, x, param("w1", 2, 8), param("b1", 8)))
	logits := b.Op("Gemm", nil, hidden, param("w2", 8, 2), param("b2", 2))
	g.Outputs = []ir.ValueID{logits}
	return train.Net{Graph: g, Input: x, Logits: logits, Params: params}
}

// xorData are points of a square; the class is whether the signs differ.
func xorData(seed uint64, n int) train.Data {
	r := rand.New(rand.NewPCG(seed, 1))
	d := train.Data{X: tensor.New(tensor.Float32, n, 2)}
	x := d.X.F32()
	for i := range n {
		x[2*i], x[2*i+1] = float32(2*r.Float64()-1), float32(2*r.Float64()-1)
		label := int64(0)
		if (x[2*i] > 0) != (x[2*i+1] > 0) {
			label = 1
		}
		d.Labels = append(d.Labels, label)
	}
	return d
}
