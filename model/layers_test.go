package model

import (
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/nn/zoo"
)

func TestModules(t *testing.T) {
	m, err := New("tiny.onnx", zoo.Tiny(1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "layer1 layer1.0 layer1.0.relu layer1.1 layer1.1.relu layer1.1.downsample"
	if got := strings.Join(m.Modules(), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
