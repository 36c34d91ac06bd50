package gradients

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/lab"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// viewOf runs the technique on a deep network.
func viewOf(t *testing.T, in *viz.Input, v viz.Values) figure.Figure {
	t.Helper()
	fig, err := Method.Run(t.Context(), in, v)
	if err != nil {
		t.Fatal(err)
	}
	return fig
}

// TestBatchesAddUp: the gradient over the data does not depend on how it is cut
// into batches, for a mean and for a sum.
func TestBatchesAddUp(t *testing.T) {
	m := build(t, plain(5, 16, "Tanh", 1), 1)
	for _, p := range []Params{{Loss: crossEntropy}, {Loss: squaredError}, {Loss: ofValue, Reduce: byMean}, {Loss: ofValue, Reduce: bySum}} {
		var first *pass
		for _, size := range []int{50, 7, 1} {
			p.Batch = size
			s, err := newPass(t.Context(), &viz.Input{Model: m, Series: blobs(1, 50)}, m, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.run(t.Context(), func(int) {}); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = s
				continue
			}
			for i := range s.mean {
				for k, v := range s.mean[i] {
					if want := first.mean[i][k]; math.Abs(float64(v-want)) > 1e-5*(1+math.Abs(float64(want))) {
						t.Fatalf("%s of %s: in batches of %d, %s[%d] is %v, at once %v", p.Reduce, p.Loss, size, s.rows[i].name, k, v, want)
					}
				}
			}
		}
	}
}

// TestSignalToNoise compares with the definition, from the gradients of single
// samples.
func TestSignalToNoise(t *testing.T) {
	m := build(t, plain(4, 8, "Tanh", 1), 3)
	data := blobs(3, 40)
	p := Params{Loss: crossEntropy, Batch: 1, Noise: true}
	s, err := newPass(t.Context(), &viz.Input{Model: m, Series: data}, m, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), func(int) {}); err != nil {
		t.Fatal(err)
	}
	const row = 2
	var each [][]float32
	for i := range 40 {
		one, err := newPass(t.Context(), &viz.Input{Model: m, Series: viz.Series{Arrays: map[string]*tensor.Tensor{"x": data.Arrays["x"].Slice(i, i+1), "y": data.Arrays["y"].Slice(i, i+1)}}}, m, p)
		if err != nil {
			t.Fatal(err)
		}
		if err := one.run(t.Context(), func(int) {}); err != nil {
			t.Fatal(err)
		}
		each = append(each, one.mean[row])
	}
	var ratios []float64
	for k := range each[0] {
		mean, squares := 0.0, 0.0
		for _, g := range each {
			mean += float64(g[k]) / 40
		}
		for _, g := range each {
			squares += (float64(g[k]) - mean) * (float64(g[k]) - mean)
		}
		ratios = append(ratios, mean*mean/(squares/39))
	}
	if got, want := s.signalToNoise(row), typical(ratios); math.Abs(got-want) > want/64 {
		t.Errorf("the ratio is %v, want %v", got, want)
	}
}

// TestCheckpoints: they are put in the order of their steps, and steps and angles
// are those from each to the next.
func TestCheckpoints(t *testing.T) {
	in := &viz.Input{Series: blobs(1, 30)}
	dir := t.TempDir()
	for _, step := range []int{200, 1000, 30} {
		m := build(t, plain(6, 16, "Relu", lab.HeGain), 1)
		for _, p := range m.Net.Values {
			if p.Param {
				for i := range p.Const.F32() {
					p.Const.F32()[i] *= 1 + float32(step)/1000
				}
			}
		}
		if in.Model == nil {
			in.Model = m
		}
		in.Checkpoints = append(in.Checkpoints, viz.Checkpoint{Name: filepath.Base(filepath.Join(dir, fmt.Sprintf("ckpt-%d", step))), Open: func() (*model.Model, error) { return m, nil }})
	}
	fig := viewOf(t, in, viz.Values{"view": {"heatmap"}}).(*figure.Matrix)
	var names []string
	for _, c := range fig.Columns {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"30", "200", "1000"}) {
		t.Errorf("the columns are %v", names)
	}
	table := viewOf(t, in, viz.Values{"view": {"table"}}).(*figure.Table)
	at := slices.IndexFunc(table.Columns, func(c figure.Column) bool { return c.Name == "step of weights" })
	// From 1.03 to 1.2 and from there to 2 times the weights; the lesser is the
	// median of two.
	want, weights := (1.2-1.03)/1.03, 0
	for _, r := range table.Rows {
		if r.Cells[0].Text != "weight" {
			continue
		}
		weights++
		if v := r.Cells[at].Value; math.Abs(v-want) > 1e-3 {
			t.Errorf("the step is %v, want %v", v, want)
		}
	}
	if weights != 6 {
		t.Errorf("the table has %d weights, want 6", weights)
	}
	other := build(t, plain(7, 16, "Relu", lab.HeGain), 1)
	in.Checkpoints = append(in.Checkpoints, viz.Checkpoint{Name: "ckpt-2000", Open: func() (*model.Model, error) { return other, nil }})
	if _, err := Method.Run(t.Context(), in, nil); !viz.IsUser(err) {
		t.Errorf("a checkpoint of another network gives %v", err)
	}
}

// TestPainted: every box with parameters is painted, of a network whose gradient vanishes the
// last one the most.
func TestPainted(t *testing.T) {
	m := build(t, plain(6, 16, "Sigmoid", 1), 1)
	g := viewOf(t, &viz.Input{Model: m, Series: blobs(1, 20)}, viz.Values{"view": {"graph"}}).(*figure.Graph)
	var heats []float64
	for _, n := range g.Nodes {
		if (n.Heat != nil) != (n.Title == "Gemm") {
			t.Errorf("the box %s is painted: %v", n.ID, n.Heat != nil)
		}
		if n.Heat != nil {
			heats = append(heats, *n.Heat)
		}
	}
	if len(heats) != 6 || !slices.IsSorted(heats[1:]) || slices.Min(heats) != 0 || heats[5] != 1 {
		t.Errorf("from the first layer to the last the heat is %v", heats)
	}
	if g.Scale == nil || !(g.Scale.High > g.Scale.Low) {
		t.Errorf("the scale is %+v", g.Scale)
	}
}

// TestLossesOfHeads: the loss is found by how the network ends.
func TestLossesOfHeads(t *testing.T) {
	for end, want := range map[string]string{
		"":        "mean cross entropy of the logits",
		"Softmax": "mean cross entropy of the logits before the softmax",
		"Sigmoid": "mean binary cross entropy of the logits before the sigmoid",
	} {
		m := endingWith(t, build(t, plain(4, 8, "Tanh", 1), 1), end)
		s, err := newPass(t.Context(), &viz.Input{Model: m, Series: blobs(1, 10)}, m, defaults)
		if err != nil {
			t.Fatal(err)
		}
		if s.goal.what != want {
			t.Errorf("behind %q the loss is the %s", end, s.goal.what)
		}
		if err := s.run(t.Context(), func(int) {}); err != nil {
			t.Errorf("behind %q: %v", end, err)
		}
	}
	// A softmax that is spelled out is known by its sums of one, and gives the same
	// gradient as the one that is not.
	ended := build(t, plain(4, 8, "Tanh", 1), 1)
	spelled := spellSoftmax(t, build(t, plain(4, 8, "Tanh", 1), 1))
	a, b := look(t, ended, blobs(1, 10)), look(t, spelled, blobs(1, 10))
	if got := b.facts[0].Value; got != "mean cross entropy of the probabilities that the network puts out" {
		t.Errorf("of a softmax that is spelled out the loss is the %s", got)
	}
	for i := range a.whole {
		if got, want := b.whole[i].Norm, a.whole[i].Norm; math.Abs(got-want) > 1e-4*want {
			t.Errorf("%s: the norm is %v behind a softmax that is spelled out, %v behind none", a.rows[i].name, got, want)
		}
	}
}
