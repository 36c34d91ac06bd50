package model

import (
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestGrid lays out values of every kind that networks for pictures have.
func TestGrid(t *testing.T) {
	g := ir.New("grids")
	x := g.AddInput("image", tensor.Float32, ir.Dims(1, 3, 32, 32))
	b := ir.NewBuilder(g, "")
	weight := func(shape ...int) ir.ValueID {
		return g.AddConst("w", tensor.New(tensor.Float32, shape...))
	}
	conv := b.Op("Conv", ir.Pairs("strides", []int{8, 8}), x, weight(6, 3, 8, 8))
	relu := b.Op("Relu", nil, conv)
	last := b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 3, 1}), relu)
	rows := b.Op("Reshape", nil, conv, b.Ints(1, 6, 16))
	tokens := b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), rows)
	withClass := b.Op("Concat", ir.Pairs("axis", 1), weight(1, 1, 6), tokens)
	norm := b.Op("LayerNormalization", nil, withClass, weight(6), weight(6))
	first := b.Op("Transpose", ir.Pairs("perm", []int{1, 0, 2}), norm)
	scores := b.Op("MatMul", nil, norm, b.Op("Transpose", ir.Pairs("perm", []int{0, 2, 1}), norm))
	pooled := b.Op("GlobalAveragePool", nil, relu)
	vector := b.Op("Flatten", nil, pooled)
	volume := b.Op("Unsqueeze", nil, relu, b.Ints(2))
	g.Outputs = []ir.ValueID{vector, last, first, scores, volume}
	m, err := New("grids.onnx", g, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		v     ir.ValueID
		shape []int
		want  Grid
	}{
		{"maps", relu, []int{1, 6, 4, 4}, Grid{6, 4, 4, 1, 0, 16, 4, 1, 0}},
		{"maps, channels last", last, []int{1, 4, 4, 6}, Grid{6, 4, 4, 1, 0, 1, 24, 6, 0}},
		{"a row of places", rows, []int{1, 6, 16}, Grid{6, 4, 4, 1, 0, 16, 4, 1, 0}},
		{"tokens", tokens, []int{1, 16, 6}, Grid{6, 4, 4, 1, 0, 1, 24, 6, 0}},
		{"tokens and a class token", norm, []int{1, 17, 6}, Grid{6, 4, 4, 1, 1, 1, 24, 6, 6}},
		{"tokens before the batch", first, []int{17, 1, 6}, Grid{6, 4, 4, 1, 1, 1, 24, 6, 6}},
		{"other tokens than patches", norm, []int{1, 14, 6}, Grid{6, 1, 14, 1, 0, 1, 1, 6, 0}},
		{"a pooled vector", pooled, []int{1, 6, 1, 1}, Grid{6, 1, 1, 1, 0, 1, 1, 1, 0}},
		{"a vector", vector, []int{1, 6}, Grid{6, 1, 1, 1, 0, 1, 1, 1, 0}},
		{"a volume", volume, []int{1, 6, 2, 4, 4}, Grid{6, 8, 4, 1, 0, 32, 4, 1, 0}},
		{"a number", vector, []int{}, Grid{1, 1, 1, 1, 0, 1, 1, 1, 0}},
	} {
		got := m.Grid(c.v, c.shape)
		if got.Places() == 1 { // steps of one are never taken
			got.DY, got.DX = 1, 1
		}
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		if end, total := got.At(got.Channels-1, got.H-1, got.W-1), product(c.shape); end >= total {
			t.Errorf("%s: the last number is at %d of %d", c.name, end, total)
		}
	}
}
