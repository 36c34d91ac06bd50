package ort_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/format/onnx"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
)

// tolerance is relative to the greatest magnitude of an array: both engines
// compute float32, and sum in different orders.
const tolerance = 1e-4

// A subject is a network that both engines run.
type subject struct {
	name    string
	batches []int
	// rounds says that the network rounds to 8 bits. The last digit tips a few
	// values into the next step, and these others, so that the mean difference
	// is what is compared.
	rounds bool
	open   func(t testing.TB) *ir.Graph
	feeds  func(g *ir.Graph, batch int) map[ir.ValueID]*tensor.Tensor
}

// file is a network of the reference data. The shapes are of its inputs in
// order; an extent of 0 is the batch. The gain multiplies float inputs, of
// networks that take pixels to 255.
func file(path string, gain float64, shapes ...[]int) subject {
	open := func(t testing.TB) *ir.Graph {
		g, err := onnx.Open(shared.Path(t, path))
		if err != nil {
			t.Fatal(err)
		}
		return pass.Upcast(g)
	}
	feeds := func(g *ir.Graph, batch int) map[ir.ValueID]*tensor.Tensor { return noise(g, gain, shapes, batch) }
	return subject{path, batchesOf(shapes), false, open, feeds}
}

func batchesOf(shapes [][]int) []int {
	for _, shape := range shapes {
		if slices.Contains(shape, 0) {
			return []int{1, 2}
		}
	}
	return []int{1}
}

func rounding(s subject) subject {
	s.rounds = true
	return s
}

// built is a network of the zoo.
func built(name string, n zoo.Network, batches ...int) subject {
	open := func(testing.TB) *ir.Graph { return n.Build(1) }
	feeds := func(g *ir.Graph, batch int) map[ir.ValueID]*tensor.Tensor { return n.Feeds(g, batch, 1) }
	return subject{name, batches, false, open, feeds}
}

func subjects() []subject {
	list := []subject{
		file("data/models/onnx/basic_pitch_nmp.onnx", 1, []int{0, 43844, 1}),
		file("data/models/onnx/cifar10_pytorch_small.onnx", 1, []int{0, 3, 32, 32}),
		file("data/models/onnx/dtln_model_1.onnx", 1, []int{1, 1, 257}, []int{1, 2, 128, 2}),
		file("data/models/onnx/fns_candy_style.onnx", 128, []int{1, 3, 720, 720}),
		file("data/models/onnx/mnist-8.onnx", 1, []int{1, 1, 28, 28}),
		rounding(file("data/models/onnx/mobilenet_v2_imagenet_int8_qdq.onnx", 1, []int{1, 3, 224, 224})),
		file("data/models/onnx/niivue_meshnet_brain3d.onnx", 1, []int{0, 1, 24, 24, 24}),
		file("data/models/onnx/ocr/ch_PP-OCRv4_rec_infer.onnx", 1, []int{0, 3, 48, 160}),
		file("data/models/onnx/resnet20_cifar_onnc.onnx", 1, []int{0, 3, 32, 32}),
		file("data/models/onnx/silero_vad.onnx", 1, []int{0, 512}, []int{2, 0, 128}, []int{}),
		file("data/models/onnx/squeezenet1.1_fp16.onnx", 1, []int{0, 3, 64, 64}),
		file("data/models/onnx/squeezenet_customvision_10cls.onnx", 1, []int{0, 3, 115, 115}),
		file("data/models/onnx/ultraface_rfb320.onnx", 1, []int{1, 3, 240, 320}),
		file("data/models/onnx/vit_cifar10_pgd_2_3_16.onnx", 1, []int{0, 3, 32, 32}),
		file("golden/tinyvit/tinyvit_op13.onnx", 1, []int{1, 3, 64, 64}),
		file("golden/tinyvit/tinyvit_op17.onnx", 1, []int{0, 3, 64, 64}),
		file("golden/tinybert/tinybert_op13.onnx", 1, []int{1, 24}),
		file("golden/landscape/resnet20_seed3.onnx", 1, []int{0, 3, 32, 32}),
	}
	for _, opset := range []int{9, 11, 13, 16, 17} {
		list = append(list, file(fmt.Sprintf("golden/tinyresnet/tinyresnet_op%d.onnx", opset), 1, []int{0, 3, 32, 32}))
	}
	for _, a := range zoo.Architectures() {
		list = append(list, built(a.Name+" small", a.Small, 1, 2))
		if !testing.Short() {
			list = append(list, built(a.Name, a.Network, 1))
		}
	}
	return list
}

// TestOracle compares the native executor with ONNX Runtime: the outputs, and a
// sample of the values on the way.
func TestOracle(t *testing.T) {
	e := newORT(t, 2)
	for _, s := range subjects() {
		for _, batch := range s.batches {
			t.Run(fmt.Sprint(s.name, " batch ", batch), func(t *testing.T) {
				g := s.open(t)
				feeds := s.feeds(g, batch)
				outputs := slices.DeleteFunc(slices.Clone(g.Outputs), func(v ir.ValueID) bool { return !isNumeric(g, v) })
				want := run(t, e, g, feeds, outputs)
				got := run(t, exec.Default(), g, feeds, outputs)
				for i, v := range outputs {
					near(t, g.Values[v].Name, got[i], want[i], s.rounds)
				}
				inner := sample(g, 10)
				want = run(t, e, g, feeds, inner)
				got = run(t, exec.Default(), g, feeds, inner)
				for i, v := range inner {
					near(t, g.Values[v].Name, got[i], want[i], s.rounds)
				}
			})
		}
	}
}

func run(t testing.TB, e exec.Executor, g *ir.Graph, feeds map[ir.ValueID]*tensor.Tensor, fetch []ir.ValueID) []*tensor.Tensor {
	t.Helper()
	out, err := exec.NewSession(g, e).Run(t.Context(), feeds, fetch...)
	if err != nil {
		t.Fatalf("%s: %v", e.Name(), err)
	}
	return out
}

// noise is around a wave, and numbers below 100 for integers.
func noise(g *ir.Graph, gain float64, shapes [][]int, batch int) map[ir.ValueID]*tensor.Tensor {
	random := rand.New(rand.NewPCG(1, 2))
	feeds := map[ir.ValueID]*tensor.Tensor{}
	for _, v := range g.Inputs {
		if g.Values[v].Const != nil {
			continue
		}
		shape := slices.Clone(shapes[0])
		shapes = shapes[1:]
		for i, d := range shape {
			if d == 0 {
				shape[i] = batch
			}
		}
		feeds[v] = signal(random, g.Values[v].DType, gain, shape)
	}
	return feeds
}

func signal(random *rand.Rand, dtype tensor.DType, gain float64, shape []int) *tensor.Tensor {
	x := tensor.New(tensor.Float64, shape...)
	for i := range tensor.Data[float64](x) {
		if !dtype.IsFloat() {
			tensor.Data[float64](x)[i] = float64(random.IntN(100))
			continue
		}
		tensor.Data[float64](x)[i] = gain * (math.Sin(float64(i)/7) + random.Float64() - 0.5)
	}
	if !dtype.IsFloat() && len(shape) == 0 {
		return tensor.Scalar[int64](16000) // a sampling rate
	}
	y, err := x.Convert(dtype)
	if err != nil {
		panic(err)
	}
	return y
}

// sample lists n results of nodes, always the same ones of a graph.
func sample(g *ir.Graph, n int) []ir.ValueID {
	random := rand.New(rand.NewPCG(3, 4))
	var list []ir.ValueID
	for _, i := range random.Perm(len(g.Nodes)) {
		v := g.Nodes[i].Output(0)
		if v != ir.None && isNumeric(g, v) && len(list) < n {
			list = append(list, v)
		}
	}
	return list
}

// isNumeric reports whether a value is a tensor that a network computes, and
// not the map of names that a converter put behind it.
func isNumeric(g *ir.Graph, v ir.ValueID) bool {
	p := g.Values[v].Producer
	return g.Values[v].Kind == ir.TensorKind && p != ir.None && g.Nodes[p].Domain != "ai.onnx.ml" && g.Nodes[p].Op != "LabelEncoder"
}

// near compares to within the tolerance of the greatest magnitude, or where
// values are rounded by the mean difference, to 1%; what is no float must be
// equal otherwise.
func near(t testing.TB, what string, got, want *tensor.Tensor, rounds bool) {
	t.Helper()
	if got.DType() != want.DType() || !slices.Equal(got.Shape(), want.Shape()) {
		t.Errorf("%s: %v where ONNX Runtime has %v", what, got, want)
		return
	}
	if !want.DType().IsFloat() && !rounds {
		if !tensor.Equal(got, want) {
			t.Errorf("%s: other elements", what)
		}
		return
	}
	a, errA := got.Floats()
	b, errB := want.Floats()
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	var scale, worst, sum float64
	for i := range b {
		if a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		d := math.Abs(a[i] - b[i])
		worst, sum = max(worst, d), sum+d // NaN stays NaN
	}
	for _, x := range b {
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			scale = max(scale, math.Abs(x))
		}
	}
	if mean := sum / float64(max(len(b), 1)); rounds && !(mean <= 0.01*scale) {
		t.Errorf("%s: off by %.2g on average, %.2g of the greatest magnitude", what, mean, mean/scale)
	} else if !rounds && !(worst <= tolerance*scale+1e-7) {
		t.Errorf("%s: off by %.2g, %.2g of the greatest magnitude", what, worst, worst/scale)
	}
}
