package model

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestEffectiveField: where all weights are the same, the gradient of a unit is
// the distribution that is meant, whose mean and variance can be counted.
func TestEffectiveField(t *testing.T) {
	const size = 41
	g := ir.New("field")
	g.Opsets[""] = 17
	x := g.AddInput("image", tensor.Float32, ir.Dims(1, 3, size, size))
	b := ir.NewBuilder(g, "")
	ones := func(shape ...int) ir.ValueID {
		w := tensor.New(tensor.Float32, shape...)
		for i := range w.F32() {
			w.F32()[i] = 1
		}
		return g.AddConst("w", w)
	}
	y := b.Op("Conv", ir.Pairs("strides", []int{2, 1}, "pads", []int{1, 2, 1, 2}), x, ones(2, 3, 3, 5))
	y = b.Op("AveragePool", ir.Pairs("kernel_shape", []int{2, 2}, "strides", []int{2, 2}), y)
	y = b.Op("Conv", ir.Pairs("dilations", []int{1, 2}, "pads", []int{1, 2, 1, 2}), b.Op("Relu", nil, y), ones(2, 2, 3, 3))
	g.Outputs = []ir.ValueID{y}
	m, err := New("field.onnx", g, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, ok := m.EffectiveField(y)
	if !ok {
		t.Fatal("no way leads to the picture")
	}
	grid, _ := m.Grids().Of(y)
	px, py := grid.W/2, grid.H/2
	mean, variance := moments(t, m, y, grid, px, py)
	for i, at := range []int{py, px} {
		if want := e.Offset[i] + e.Scale[i]*float64(at); math.Abs(mean[i]-want) > 1e-4 {
			t.Errorf("axis %d: the centre is %v, and gradients have %v", i, want, mean[i])
		}
		if want := e.Sigma[i] * e.Sigma[i]; math.Abs(variance[i]-want) > 1e-3*want {
			t.Errorf("axis %d: the variance is %v, and gradients have %v", i, want, variance[i])
		}
	}
}

// moments are the mean and the variance, down and across, of where the gradient
// of a unit lies.
func moments(t *testing.T, m *Model, v ir.ValueID, g Grid, px, py int) (mean, variance [2]float64) {
	t.Helper()
	shape, _ := m.Grids().Shape(v).Ints()
	x, seed := tensor.New(tensor.Float32, 1, 3, m.Prep.Height, m.Prep.Width), tensor.New(tensor.Float32, shape...)
	for i := range x.F32() {
		x.F32()[i] = 1
	}
	seed.F32()[g.At(0, py, px)] = 1
	grads, _, err := m.Session().Gradient(t.Context(), map[ir.ValueID]*tensor.Tensor{m.Input: x},
		exec.GradientOf{Y: v, Seed: seed, Wrt: []ir.ValueID{m.Input}})
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	var squares [2]float64
	for i, d := range grads[0].F32() {
		total += float64(d)
		for axis, at := range []int{i / m.Prep.Width % m.Prep.Height, i % m.Prep.Width} {
			mean[axis] += float64(d) * float64(at)
			squares[axis] += float64(d) * float64(at) * float64(at)
		}
	}
	for axis := range 2 {
		mean[axis] /= total
		variance[axis] = squares[axis]/total - mean[axis]*mean[axis]
	}
	return mean, variance
}
