package exec_test

import (
	"image"
	_ "image/png"
	"os"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestPhotos classifies photos with SqueezeNet 1.1, whose weights are float16,
// widened to float32. The classes are ImageNet's.
func TestPhotos(t *testing.T) {
	g := pass.Upcast(open(t, "data/models/onnx/squeezenet1.1_fp16.onnx"))
	for _, photo := range []struct {
		file  string
		class int
	}{
		{"zebra_340_glow.png", 340}, {"dog_207_glow.png", 207},
	} {
		x := pixels(t, "data/photos/"+photo.file)
		for _, e := range executors() {
			y := must(exec.NewSession(g, e).Run(t.Context(), map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x}, g.Outputs[0]))(t)[0].F32()
			best := 0
			for i, p := range y {
				if p > y[best] {
					best = i
				}
			}
			if best != photo.class || y[best] < 0.9 {
				t.Errorf("%s: %s is class %d with %.2f, want %d", e.Name(), photo.file, best, y[best], photo.class)
			}
		}
	}
}

// pixels reads a picture of 224x224 as the model takes it: blue, green, red,
// minus the means of ImageNet.
func pixels(t *testing.T, rel string) *tensor.Tensor {
	t.Helper()
	f, err := os.Open(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	const size = 224
	lo := img.Bounds().Min
	x := tensor.New(tensor.Float32, 1, 3, size, size)
	for i := range size * size {
		r, g, b, _ := img.At(lo.X+i%size, lo.Y+i/size).RGBA()
		for c, v := range []uint32{b, g, r} {
			x.F32()[c*size*size+i] = float32(v>>8) - [3]float32{103.939, 116.779, 123.68}[c]
		}
	}
	return x
}
