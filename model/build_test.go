package model

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// network starts a graph with one picture input of that shape; -1 is free.
func network(shape ...int) (*ir.Builder, ir.ValueID) {
	g := ir.New("test")
	g.Opsets[""], g.Meta = 13, map[string]string{}
	dims := ir.Dims(shape...)
	for i, n := range shape {
		if n < 0 {
			dims[i] = ir.Symbol("d" + string(rune('0'+i)))
		}
	}
	return ir.NewBuilder(g, ""), g.AddInput("image", tensor.Float32, dims)
}

// linear appends a layer from c channels to n classes on the mean of the maps.
func linear(b *ir.Builder, x ir.ValueID, c, n int) ir.ValueID {
	pooled := b.Op("Flatten", nil, b.Op("GlobalAveragePool", nil, x))
	w := tensor.New(tensor.Float32, c, n)
	for i := range w.F32() {
		w.F32()[i] = float32(i%7) - 3
	}
	return b.Op("MatMul", nil, pooled, b.Const(w))
}

// classifier is a graph of 3 channels and n classes.
func classifier(n int, meta map[string]string) *ir.Graph {
	b, x := network(-1, 3, -1, -1)
	b.G.Outputs = []ir.ValueID{linear(b, x, 3, n)}
	for k, v := range meta {
		b.G.Meta[k] = v
	}
	return b.G
}

// modelIn makes a model of a graph whose path is in a folder with those files.
func modelIn(t *testing.T, g *ir.Graph, files map[string]string, opts Options) (*Model, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo", "onnx")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return New(filepath.Join(dir, "net.onnx"), g, opts)
}

func mustModel(t *testing.T, g *ir.Graph, files map[string]string) *Model {
	t.Helper()
	m, err := modelIn(t, g, files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
