package exec_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// models are trained networks of many makers. The shapes are of the inputs in
// order; where an extent is 0 the model is tried with 1 and with 3.
var models = []struct {
	file   string
	shapes [][]int
	// rel is the tolerance where it is not the usual one: rounding to 8 bits
	// turns a difference in the last digit into a step now and then.
	rel float64
	// gain multiplies the inputs of models that take pixels from 0 to 255.
	gain float64
}{
	{"basic_pitch_nmp.onnx", [][]int{{1, 43844, 1}}, 0, 1},
	{"cifar10_pytorch_small.onnx", [][]int{{0, 3, 32, 32}}, 0, 1},
	{"dtln_model_1.onnx", [][]int{{1, 1, 257}, {1, 2, 128, 2}}, 0, 1},
	{"fns_candy_style.onnx", [][]int{{1, 3, 24, 24}}, 0, 128},
	{"mnist-8.onnx", [][]int{{1, 1, 28, 28}}, 0, 1},
	{"mobilenet_v2_imagenet_int8_qdq.onnx", [][]int{{1, 3, 224, 224}}, 0.2, 1},
	{"niivue_meshnet_brain3d.onnx", [][]int{{0, 1, 24, 24, 24}}, 0, 1},
	{"ocr/ch_PP-OCRv4_rec_infer.onnx", [][]int{{0, 3, 48, 160}}, 0, 1},
	{"resnet20_cifar_onnc.onnx", [][]int{{0, 3, 32, 32}}, 0, 1},
	{"silero_vad.onnx", [][]int{{0, 512}, {2, 0, 128}, {}}, 0, 1},
	{"squeezenet1.1_fp16.onnx", [][]int{{0, 3, 64, 64}}, 0, 1},
	{"squeezenet_customvision_10cls.onnx", [][]int{{0, 3, 115, 115}}, 0, 1},
	{"superres_opset18_prepost.onnx", [][]int{{1000}}, 0, 1},
	{"ultraface_rfb320.onnx", [][]int{{1, 3, 240, 320}}, 0, 1},
	{"vit_cifar10_pgd_2_3_16.onnx", [][]int{{0, 3, 32, 32}}, 0, 1},
}

// slow are models that take minutes on the plain executor under the race
// detector.
var slow = map[string]bool{
	"fns_candy_style.onnx": true, "mobilenet_v2_imagenet_int8_qdq.onnx": true, "ocr/ch_PP-OCRv4_rec_infer.onnx": true,
	"squeezenet1.1_fp16.onnx": true, "squeezenet_customvision_10cls.onnx": true, "ultraface_rfb320.onnx": true,
	"basic_pitch_nmp.onnx": true, "niivue_meshnet_brain3d.onnx": true,
}

// TestModels compares the native executor with the plain one: the outputs, and
// a sample of the intermediate values.
func TestModels(t *testing.T) {
	for _, m := range models {
		if raceDetector && slow[m.file] {
			continue
		}
		for _, batch := range batches(m.shapes) {
			t.Run(fmt.Sprint(m.file, " batch ", batch), func(t *testing.T) {
				g := open(t, "data/models/onnx/"+m.file)
				feeds := inputs(g, m.shapes, batch, m.gain)
				sampled := sample(g, 12)
				want, err := exec.NewSession(g, exec.Plain()).Run(t.Context(), feeds, sampled...)
				var unknown *op.UnknownError
				if errors.As(err, &unknown) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				s := exec.NewSession(g, exec.Default())
				got := must(s.Run(t.Context(), feeds, sampled...))(t)
				outputs := must(s.Run(t.Context(), feeds, g.Outputs...))(t)
				rel := max(m.rel, tolerance)
				for i, v := range sampled {
					near(t, g.Values[v].Name, got[i], want[i], rel)
				}
				for i, v := range g.Outputs {
					near(t, "alone, "+g.Values[v].Name, outputs[i], want[len(want)-len(g.Outputs)+i], rel)
				}
			})
		}
	}
}

func batches(shapes [][]int) []int {
	for _, s := range shapes {
		for _, d := range s {
			if d == 0 {
				return []int{1, 3}
			}
		}
	}
	return []int{1}
}

// inputs makes the feeds.
func inputs(g *ir.Graph, shapes [][]int, batch int, gain float64) map[ir.ValueID]*tensor.Tensor {
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for _, v := range g.Inputs {
		if g.Values[v].Const != nil {
			continue
		}
		shape := append([]int{}, shapes[0]...)
		shapes = shapes[1:]
		for i, d := range shape {
			if d == 0 {
				shape[i] = batch
			}
		}
		feeds[v] = wave(g.Values[v].DType, shape)
		if g.Values[v].DType == tensor.Float32 {
			for i := range feeds[v].F32() {
				feeds[v].F32()[i] *= float32(gain)
			}
		}
	}
	return feeds
}

// wave is a sine with noise, or the numbers below 100 for integers.
func wave(dtype tensor.DType, shape []int) *tensor.Tensor {
	noise := uint32(1)
	x := tensor.New(tensor.Float64, shape...)
	for i := range tensor.Data[float64](x) {
		if tensor.Data[float64](x)[i] = float64(i % 100); dtype.IsFloat() {
			noise = noise*1664525 + 1013904223
			tensor.Data[float64](x)[i] = math.Sin(float64(i)/7) + float64(noise)/(1<<32) - 0.5
		}
	}
	if dtype == tensor.Int64 && len(shape) == 0 {
		return tensor.Scalar[int64](16000) // silero's sampling rate
	}
	y, err := x.Convert(dtype)
	if err != nil {
		panic(err)
	}
	return y
}

// sample lists about n results of nodes, and the outputs last.
func sample(g *ir.Graph, n int) []ir.ValueID {
	var list []ir.ValueID
	for i := 0; i < len(g.Nodes); i += 1 + len(g.Nodes)/n {
		v := g.Nodes[i].Output(0)
		if v != ir.None && g.Values[v].Kind == ir.TensorKind {
			list = append(list, v)
		}
	}
	return append(list, g.Outputs...)
}
