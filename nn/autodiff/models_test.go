package autodiff_test

import (
	"compress/gzip"
	"image"
	_ "image/png"
	"io"
	"os"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/autodiff"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// TestSymbolicShapes: with a symbolic batch, the type of every gradient is
// inferred to be that of its value.
func TestSymbolicShapes(t *testing.T) {
	for _, file := range []string{
		"golden/tinyresnet/tinyresnet_op9.onnx", "golden/tinyresnet/tinyresnet_op13.onnx", "golden/tinyvit/tinyvit_op17.onnx",
	} {
		t.Run(file, func(t *testing.T) {
			g := open(t, file)
			types := infer(t, g)
			wrt := []ir.ValueID{g.Inputs[0]}
			for v := range g.Values {
				if g.Values[v].Param {
					wrt = append(wrt, ir.ValueID(v))
				}
			}
			grad, err := autodiff.Extend(g, types, g.Outputs[0], wrt, nil)
			if err != nil {
				t.Fatal(err)
			}
			after := infer(t, grad.Graph)
			if types[wrt[0]].Shape[0].IsKnown() || len(wrt) < 10 {
				t.Fatalf("input %v, %d values: not the test that is meant", types[wrt[0]].Shape, len(wrt))
			}
			for i, v := range wrt {
				if got, want := after[grad.Of[i]].Shape.String(), types[v].Shape.String(); got != want {
					t.Errorf("%s: gradient %s for a value of %s", g.Values[v].Name, got, want)
				}
			}
		})
	}
}

// TestTrainedDigits runs a trained classifier on test images of MNIST: 149 of
// the first 150 are recognized.
func TestTrainedDigits(t *testing.T) {
	g := open(t, "data/models/onnx/mnist-8.onnx")
	infer(t, g)
	images, labels := idx(t, "data/datasets/mnist/t10k-images-idx3-ubyte.gz")[16:], idx(t, "data/datasets/mnist/t10k-labels-idx1-ubyte.gz")[8:]
	right := 0
	for i := range 150 {
		x := tensor.New(tensor.Float32, 1, 1, 28, 28)
		for k := range x.F32() {
			x.F32()[k] = float32(images[i*28*28+k])
		}
		if argmax(evaluate(t, g, map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x}, g.Outputs[0])[0]) == int(labels[i]) {
			right++
		}
	}
	if right < 149 {
		t.Errorf("%d of 150 digits are recognized", right)
	}
}

func idx(t *testing.T, rel string) []byte {
	t.Helper()
	f, err := os.Open(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func argmax(t *tensor.Tensor) int {
	best := 0
	for i, v := range t.F32() {
		if v > t.F32()[best] {
			best = i
		}
	}
	return best
}

// TestTrainedPhotos runs SqueezeNet on a zebra, class 340 of ImageNet, and
// steps against the gradient of its score: the score must fall by what the
// gradient says.
func TestTrainedPhotos(t *testing.T) {
	if testing.Short() {
		t.Skip("a photo takes seconds where every access is checked")
	}
	g := open(t, "data/models/onnx/squeezenet1.1_fp16.onnx")
	widen(t, g)
	x := photo(t, "data/photos/zebra_340_glow.png")
	scores := g.Nodes[len(g.Nodes)-1].Inputs[0] // of the Softmax
	grad, err := autodiff.Extend(g, infer(t, g), scores, g.Inputs[:1], nil)
	if err != nil {
		t.Fatal(err)
	}
	feeds := map[ir.ValueID]*tensor.Tensor{g.Inputs[0]: x}
	before := evaluate(t, grad.Graph, feeds, scores)[0]
	if top := argmax(before); top != 340 {
		t.Fatalf("class %d, want 340, zebra", top)
	}
	feeds[grad.Seed] = tensor.New(tensor.Float32, before.Shape()...)
	feeds[grad.Seed].F32()[340] = 1
	dx := evaluate(t, grad.Graph, feeds, grad.Of[0])[0].F32()

	var length float64
	for _, v := range dx {
		length += float64(v) * float64(v)
	}
	moved := x.Clone()
	for i, v := range dx {
		moved.F32()[i] -= float32(0.05/length) * v
	}
	feeds[g.Inputs[0]] = moved
	after := evaluate(t, grad.Graph, feeds, scores)[0]
	if fall := float64(before.F32()[340] - after.F32()[340]); fall < 0.048 || fall > 0.052 {
		t.Errorf("the score falls by %v, want about 0.05", fall)
	}
}

// widen makes a model of float16 one of float32.
func widen(t *testing.T, g *ir.Graph) {
	t.Helper()
	for i := range g.Values {
		v := &g.Values[i]
		if v.DType != tensor.Float16 {
			continue
		}
		if v.DType = tensor.Float32; v.Const == nil {
			continue
		}
		var err error
		if v.Const, err = v.Const.Convert(tensor.Float32); err != nil {
			t.Fatal(err)
		}
	}
}

// photo reads a picture as Caffe's models want it: 224x224, blue first, the
// mean subtracted.
func photo(t *testing.T, rel string) *tensor.Tensor {
	t.Helper()
	f, err := os.Open(shared.Path(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	size := picture.Bounds().Size()
	x := tensor.New(tensor.Float32, 1, 3, size.Y, size.X)
	mean := []float32{103.939, 116.779, 123.68}
	for i := range size.Y {
		for j := range size.X {
			r, green, b, _ := picture.At(picture.Bounds().Min.X+j, picture.Bounds().Min.Y+i).RGBA()
			for c, v := range []uint32{b, green, r} {
				x.F32()[(c*size.Y+i)*size.X+j] = float32(v>>8) - mean[c]
			}
		}
	}
	resize := &ir.Node{Op: "Resize", Version: 19, Attrs: ir.Pairs("mode", "linear", "antialias", 1)}
	y, err := op.Eval(resize, []*tensor.Tensor{x, nil, nil, tensor.Vector[int64](1, 3, 224, 224)})
	if err != nil {
		t.Fatal(err)
	}
	return y[0]
}
