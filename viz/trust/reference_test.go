package trust

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A reference is what testdata/reference.py wrote.
type reference struct {
	W, H, Class                                  int
	Picture, Heat, Other                         []float32
	Deltas                                       [][]float32
	Road                                         [][2]float64
	Probability, Deletion, Insertion, Drop       float64
	Increase, Complexity, Coherency, Sensitivity float64
	OwnComplexity                                float64 `json:"own_complexity"`
	Spearman, SSIM, HOG                          float64
}

// small opens the reference, its network, and the network's answer.
func small(t *testing.T) (*reference, *attribution.Answer) {
	t.Helper()
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{}
	if err := json.Unmarshal(raw, r); err != nil {
		t.Fatal(err)
	}
	m, err := model.Open("testdata/net.onnx", model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := attribution.Ask(t.Context(), m, tensor.Of(r.Picture, 1, 3, r.H, r.W))
	if err != nil {
		t.Fatal(err)
	}
	return r, a
}

// given is a method that returns a map whatever it is asked.
func given(name string, w, h int, values []float32) Method {
	return Method{Name: name, Title: name, Explain: func(context.Context, *model.Model, *tensor.Tensor, int) (attribution.Field, error) {
		return attribution.Field{W: w, H: h, Values: values}, nil
	}}
}

// gradients is the magnitude of the logit's gradient.
var gradients = Method{Name: "gradient", Title: "Gradient", Explain: func(ctx context.Context, m *model.Model, x *tensor.Tensor, class int) (attribution.Field, error) {
	a, err := attribution.Ask(ctx, m, x)
	if err != nil {
		return attribution.Field{}, err
	}
	grads, err := a.Gradient(ctx, attribution.OfClass(m, class, attribution.Logit), []ir.ValueID{}, m.Input)
	if err != nil {
		return attribution.Field{}, err
	}
	p, g := a.Planes(), grads[0].F32()
	f := attribution.Field{W: p.W, H: p.H}
	for i := range p.W * p.H {
		sum := 0.0
		for c := range p.Channels {
			sum += math.Abs(float64(g[p.At(c, i/p.W, i%p.W)]))
		}
		f.Values = append(f.Values, float32(sum))
	}
	return f, nil
}}

func mustCase(t *testing.T, a *attribution.Answer, class int, m Method, mask []bool, o Options) *Case {
	t.Helper()
	c, err := NewCase(t.Context(), a, class, m, mask, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func measured(t *testing.T, m Metric, c *Case) float64 {
	t.Helper()
	r, err := m.Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r.Value
}

// TestAgainstPeers compares with TorchCAM (deletion, insertion, drop,
// increase), pytorch-grad-cam (ROAD, complexity, coherency), Captum
// (sensitivity), SciPy and scikit-image, to 1e-4.
func TestAgainstPeers(t *testing.T) {
	r, a := small(t)
	o := Options{Deleted: Zero, Inserted: Zero, ImputationNoise: -1, Shares: []float64{0.1, 0.3, 0.5, 0.7, 0.9}}
	c := mustCase(t, a, r.Class, given("given", r.W, r.H, r.Heat), nil, o)
	own := mustCase(t, a, r.Class, gradients, nil, o)
	road, err := Metric("road").Measure(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	wantRoad := 0.0
	for i, s := range r.Road { // 90 removes the top tenth, which we have first
		wantRoad += (s[1] - s[0]) / 2 / float64(len(r.Road))
		if got := road.Y[len(road.Y)-1-i]; math.Abs(got-s[0]) > 1e-4 {
			t.Errorf("with %.0f %% of the most relevant pixels imputed the probability is %v, want %v", 100*road.X[len(road.X)-1-i], got, s[0])
		}
	}
	most := 0.0
	for _, d := range r.Deltas {
		moved := make([]float32, len(d))
		for i := range d {
			moved[i] = r.Picture[i] + d[i]
		}
		change, err := own.change(t.Context(), moved)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, change)
	}
	like := c.Like(r.Other)
	for _, k := range []struct {
		name      string
		got, want float64
	}{
		{"probability", a.Score(c.Target), r.Probability},
		{"deletion", measured(t, "deletion", c), r.Deletion},
		{"insertion", measured(t, "insertion", c), r.Insertion},
		{"drop", measured(t, "drop", c), r.Drop},
		{"increase", measured(t, "increase", c), r.Increase},
		{"road", road.Value, wantRoad},
		{"complexity", measured(t, "complexity", c), r.Complexity},
		{"complexity of the gradient", measured(t, "complexity", own), r.OwnComplexity},
		{"coherency", measured(t, "coherency", own), r.Coherency},
		{"sensitivity", most, r.Sensitivity},
		{"spearman", like.Spearman, r.Spearman},
		{"ssim", like.SSIM, r.SSIM},
		{"hog", like.HOG, r.HOG},
	} {
		t.Logf("%-28s %.6f, want %.6f", k.name, k.got, k.want)
		if !(math.Abs(k.got-k.want) <= 1e-4) {
			t.Errorf("%s is %v, want %v", k.name, k.got, k.want)
		}
	}
}
