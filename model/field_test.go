package model

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestField compares with where gradients are: the derivative of a unit by the
// input is zero outside its field, and reaches its edges, for the operators that
// pass on gradients everywhere.
func TestField(t *testing.T) {
	build := func(size int, f func(b *ir.Builder, x ir.ValueID, weight func(...int) ir.ValueID) ir.ValueID) *ir.Graph {
		g, r := ir.New("field"), rand.New(rand.NewPCG(3, 4))
		g.Opsets[""] = 17
		x := g.AddInput("image", tensor.Float32, ir.Dims(1, 3, size, size))
		b := ir.NewBuilder(g, "")
		g.Outputs = []ir.ValueID{f(b, x, func(shape ...int) ir.ValueID {
			w := tensor.New(tensor.Float32, shape...)
			for i := range w.F32() {
				w.F32()[i] = 0.5 + r.Float32() // positive, so that nothing cancels
			}
			return g.AddConst("w", w)
		})}
		return g
	}
	conv := func(b *ir.Builder, x, w ir.ValueID, kv ...any) ir.ValueID { return b.Op("Conv", ir.Pairs(kv...), x, w) }
	for name, f := range map[string]func(b *ir.Builder, x ir.ValueID, weight func(...int) ir.ValueID) ir.ValueID{
		"strides and pads": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = conv(b, x, w(4, 3, 3, 3), "strides", []int{2, 2}, "pads", []int{1, 1, 1, 1})
			return conv(b, x, w(4, 4, 3, 5), "pads", []int{0, 2, 0, 2})
		},
		"dilation": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			return conv(b, conv(b, x, w(4, 3, 3, 3), "dilations", []int{2, 3}), w(2, 4, 1, 1))
		},
		"same padding": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = conv(b, x, w(4, 3, 4, 4), "strides", []int{3, 3}, "auto_pad", "SAME_UPPER")
			return conv(b, x, w(4, 4, 2, 2), "auto_pad", "SAME_LOWER")
		},
		"pooling": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = b.Op("AveragePool", ir.Pairs("kernel_shape", []int{3, 3}, "strides", []int{2, 2}, "pads", []int{1, 1, 1, 1}), x)
			return conv(b, x, w(2, 3, 3, 3))
		},
		"two branches": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = conv(b, x, w(4, 3, 3, 3), "pads", []int{1, 1, 1, 1})
			y := conv(b, x, w(4, 4, 5, 5), "pads", []int{2, 2, 2, 2})
			return b.Op("Concat", ir.Pairs("axis", 1), b.Op("Add", nil, x, y), x)
		},
		"transposed convolution": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = conv(b, x, w(4, 3, 3, 3), "strides", []int{2, 2})
			return b.Op("ConvTranspose", ir.Pairs("strides", []int{2, 2}, "pads", []int{1, 1, 1, 1}), x, w(4, 2, 4, 4))
		},
		"channels last": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 3, 1}), conv(b, x, w(4, 3, 3, 3), "strides", []int{2, 2}))
			return b.Op("MatMul", nil, x, w(4, 5))
		},
		"a gate over all": func(b *ir.Builder, x ir.ValueID, w func(...int) ir.ValueID) ir.ValueID {
			x = conv(b, x, w(4, 3, 3, 3))
			return b.Op("Mul", nil, x, b.Op("GlobalAveragePool", nil, x))
		},
	} {
		m, err := New("field.onnx", build(23, f), Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkField(t, name, m, m.Net.Outputs[0], 1, true)
	}
	// Trained shapes, whose ReLUs and maxima hide a part of the field.
	m, err := New("tiny.onnx", zoo.Tiny(1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range m.Layers() {
		if l.Spatial {
			checkField(t, "tiny "+l.Name, m, l.Value, 6, false)
		}
	}
}

// checkField looks at the corners and the middle of a layer; the gradients of
// several pictures are taken together.
func checkField(t *testing.T, name string, m *Model, v ir.ValueID, pictures int, exact bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	g, ok := m.Grids().Of(v)
	if !ok {
		t.Fatalf("%s: the layer has no places", name)
	}
	for _, at := range []image.Point{{X: 0, Y: 0}, {X: g.W - 1, Y: g.H - 1}, {X: g.W / 2, Y: g.H / 3}} {
		var seen image.Rectangle
		for range pictures {
			seen = seen.Union(support(t, m, v, g, at, r))
		}
		got := m.Field(v, image.Rectangle{Min: at, Max: at.Add(image.Pt(1, 1))})
		if !seen.In(got) {
			t.Errorf("%s at %v: gradients reach %v, the field is %v", name, at, seen, got)
		}
		if exact && seen != got {
			t.Errorf("%s at %v: the field is %v, and gradients reach no further than %v", name, at, got, seen)
		}
	}
}

// support is the box around the input's pixels that move any channel of a place.
func support(t *testing.T, m *Model, v ir.ValueID, g Grid, at image.Point, r *rand.Rand) image.Rectangle {
	t.Helper()
	x := tensor.New(tensor.Float32, 1, 3, m.Prep.Height, m.Prep.Width)
	for i := range x.F32() {
		x.F32()[i] = float32(r.NormFloat64())
	}
	shape, _ := m.Grids().Shape(v).Ints()
	seed := tensor.New(tensor.Float32, shape...)
	for c := range g.Channels {
		seed.F32()[g.At(c, at.Y, at.X)] = float32(1 + r.Float64())
	}
	grads, _, err := m.Session().Gradient(t.Context(), map[ir.ValueID]*tensor.Tensor{m.Input: x},
		exec.GradientOf{Y: v, Seed: seed, Wrt: []ir.ValueID{m.Input}})
	if err != nil {
		t.Fatal(err)
	}
	var box image.Rectangle
	for i, d := range grads[0].F32() {
		if d != 0 {
			p := image.Pt(i%m.Prep.Width, i/m.Prep.Width%m.Prep.Height)
			box = box.Union(image.Rectangle{Min: p, Max: p.Add(image.Pt(1, 1))})
		}
	}
	return box
}
