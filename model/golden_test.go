package model

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestLogits compares with PyTorch's logits, in each opset; 1e-4 of the largest.
func TestLogits(t *testing.T) {
	x, want := array(t, "input.npy"), array(t, "logits.npy").F32()
	for _, opset := range []int{9, 11, 13, 16, 17} {
		m := openShared(t, fmt.Sprintf("golden/tinyresnet/tinyresnet_op%d.onnx", opset))
		if err := m.Runnable(); err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			row := tensor.Of(x.F32()[n*3*32*32:(n+1)*3*32*32], 1, 3, 32, 32)
			ranked, err := m.Predict(context.Background(), row)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range ranked {
				if d := math.Abs(p.Logit - float64(want[10*n+p.Class])); d > 1e-4*10 || i > 0 && p.Logit > ranked[i-1].Logit {
					t.Errorf("opset %d, picture %d: class %d at place %d has logit %v, want %v", opset, n, p.Class, i, p.Logit, want[10*n+p.Class])
				}
			}
		}
	}
}

// TestPhotos names photographs whose subject is known, with nothing said about
// how they are to be prepared.
func TestPhotos(t *testing.T) {
	m := openShared(t, "data/models/onnx/squeezenet1.1_fp16.onnx")
	m.LookForLabels(shared.Dir(t, "data/photos"))
	if m.Prep.Channels != BGR || m.Prep.Guessed {
		t.Errorf("prepared by %s from %s", m.Prep, m.Prep.Source)
	}
	for file, want := range map[string]string{
		"zebra_340_glow.png": "zebra", "dog_207_glow.png": "golden retriever", "dog_samoyed_pytorch_hub.jpg": "samoyed", "parrot_coral.jpg": "macaw",
	} {
		img, err := data.OpenImage(shared.Path(t, "data/photos/"+file))
		if err != nil {
			t.Fatal(err)
		}
		ready, err := m.Prep.Prepare(img)
		if err != nil {
			t.Fatal(err)
		}
		ranked, err := m.Predict(context.Background(), ready.Tensor)
		if err != nil {
			t.Fatal(err)
		}
		if top := ranked[0]; !strings.Contains(strings.ToLower(top.Label), want) || top.Score < 0.5 {
			t.Errorf("%s: %s with %.2f, want %s", file, top.Label, top.Score, want)
		}
	}
}

// TestRealFiles checks what is made of files by other exporters.
func TestRealFiles(t *testing.T) {
	for file, c := range map[string]struct {
		classes    int
		activation string
		problem    string // in Runnable's sentence
	}{
		"squeezenet_customvision_10cls.onnx":  {classes: 10, activation: "sigmoid"},
		"mobilenet_v2_imagenet_int8_qdq.onnx": {classes: 1000, activation: "none"},
		"resnet20_cifar_onnc.onnx":            {classes: 10, activation: "none"},
		"vit_cifar10_pgd_2_3_16.onnx":         {classes: 10, activation: "none"},
		"mnist-8.onnx":                        {classes: 10, activation: "none"},
		"ultraface_rfb320.onnx":               {},
		"fns_candy_style.onnx":                {},
		"superres_opset18_prepost.onnx":       {problem: "which Tomo cannot run yet"},
	} {
		m := openShared(t, "data/models/onnx/"+file)
		if m.Classes() != c.classes || m.Head != nil && m.Head.Activation != c.activation {
			t.Errorf("%s: %+v, want %d classes behind %q", file, m.Head, c.classes, c.activation)
		}
		err := m.Runnable()
		if c.problem == "" && err != nil || c.problem != "" && (!fault.IsUser(err) || !strings.Contains(err.Error(), c.problem)) {
			t.Errorf("%s: %v, want %q", file, err, c.problem)
		}
	}
}

// TestTwoInputs says which input no picture fills, and minds none that the
// answer does not need.
func TestTwoInputs(t *testing.T) {
	for _, needed := range []bool{true, false} {
		b, x := network(1, 3, 8, 8)
		extra := b.G.AddInput("temperature", tensor.Float32, ir.Dims(1))
		logits := linear(b, x, 3, 5)
		if needed {
			logits = b.Op("Div", nil, logits, extra)
		}
		b.G.Outputs = append(b.G.Outputs, logits)
		m := mustModel(t, b.G, nil)
		_, err := m.Predict(context.Background(), tensor.New(tensor.Float32, 1, 3, 8, 8))
		if needed && (!fault.IsUser(err) || !strings.Contains(err.Error(), `"temperature"`)) || !needed && err != nil {
			t.Errorf("needed %v: %v", needed, err)
		}
	}
}

func openShared(t *testing.T, rel string) *Model {
	t.Helper()
	m, err := Open(shared.Path(t, rel), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func array(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	a, err := tensor.OpenNPY(shared.Path(t, "golden/tinyresnet/"+name))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
