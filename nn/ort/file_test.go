package ort_test

import (
	"path/filepath"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ort"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// TestFile lets the library read a file by itself.
func TestFile(t *testing.T) {
	library := shared.ORT(t)
	g := zoo.Tiny(1)
	path := filepath.Join(t.TempDir(), "tïny.onnx")
	if err := onnx.Write(path, g); err != nil {
		t.Fatal(err)
	}
	f, err := ort.OpenFile(path, []string{"input"}, []string{"output"}, ort.Options{Library: library, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	feeds := zoo.Network{Inputs: []zoo.Input{{Shape: []int{0, 3, 16, 16}}}}.Feeds(g, 3, 1)
	want := run(t, exec.Plain(), g, feeds, g.Outputs)
	got, err := f.Run(t.Context(), []*tensor.Tensor{feeds[g.Inputs[0]]})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "output", got[0], want[0], false)

	if _, err := ort.OpenFile(path, []string{"input"}, []string{"output"}, ort.Options{Library: library, Provider: "none"}); err == nil {
		t.Error("a provider that there is none of is taken")
	}
	if _, err := ort.OpenFile(path+".not", nil, nil, ort.Options{Library: library}); err == nil {
		t.Error("a file that there is none of is opened")
	}
}
