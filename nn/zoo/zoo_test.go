package zoo

import (
	"math"
	"testing"

	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/pass"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// published are what torchvision 0.29 documents of its models: parameters, and
// multiply-accumulates for one picture of 224×224, which it counts without
// batch normalizations; how many numbers the batch normalizations keep; and the
// shape of the output for an input.
var published = map[string]struct {
	params, buffers int
	gigaMACs        float64
	output          string
}{
	"resnet18":           {11_689_512, 9_600, 1.814, "1×1000"},
	"resnet50":           {25_557_032, 53_120, 4.089, "1×1000"},
	"mobilenet_v2":       {3_504_872, 34_112, 0.301, "1×1000"},
	"mobilenet_v3_large": {5_483_032, 24_400, 0.217, "1×1000"},
	"mobilenet_v3_small": {2_542_856, 12_112, 0.057, "1×1000"},
	"squeezenet1_1":      {1_235_496, 0, 0.349, "1×1000"},
	"efficientnet_b0":    {5_288_548, 42_016, 0.386, "1×1000"},
	"convnext_tiny":      {28_589_128, 0, 4.456, "1×1000"},
	"densenet121":        {7_978_856, 83_648, 2.834, "1×1000"},
	"googlenet":          {6_624_904, 14_560, 1.498, "1×1000"},
	"inception_v3":       {27_161_264 - 3_326_696, 34_432, 5.713, "1×1000"},
	"shufflenet_v2_x1_0": {2_278_604, 16_180, 0.145, "1×1000"},
	"vgg11":              {132_863_336, 0, 7.609, "1×1000"},
	"vgg16":              {138_357_544, 0, 15.47, "1×1000"},
	// As PyTorch counts for the network of Buda et al.
	"unet": {7_763_041, 5_888, 12.071, "1×1×256×256"},
	// Ultralytics counts 8.7 G operations, two for each multiply-accumulate.
	"yolov8n":  {3_157_200, 10_592, 8.7 / 2, "1×84×8400"},
	"vit_b_16": {86_567_656, 0, 17.56, "1×1000"},
	// timm counts 1.26 G, and Touvron et al. 1.3.
	"deit_tiny": {5_717_416, 0, 1.26, "1×1000"},
	"swin_t":    {28_288_354, 0, 4.49, "1×1000"},
	// Sun et al. (arXiv 2004.02984, table 4) count 22.5 G operations for 128
	// tokens, two for each multiply-accumulate.
	"bert_base": {109_482_240, 0, 22.5 / 2, "1×128×768"},
	// Without published figures: for a layer and a token 4 products with 384² and
	// two with 4·384² weights, and 2·128·384 in attention; and the pooler.
	"minilm": {22_713_216, 0, 1e-9 * (6*128*(12*384*384+2*128*384) + 384*384), "1×128×384"},
	// Likewise, with the scores of all tokens.
	"gpt2":         {124_439_808, 0, 1e-9 * 128 * (12*(12*768*768+2*128*768) + 768*50257), "1×128×50257"},
	"smollm2_135m": {134_515_008, 0, 1e-9 * 128 * (30*(576*(2*576+2*192+3*1536)+2*128*576) + 576*49152), "1×128×49152"},
	// Likewise: both directions, four or three gates, and the tags.
	"lstm_tagger": {3_359_249, 0, 1e-9 * 128 * (2*4*256*(128+256) + 17*512), "1×128×17"},
	"gru_tagger":  {3_161_617, 0, 1e-9 * 128 * (2*3*256*(128+256) + 17*512), "1×128×17"},
}

func TestCountsAreThoseOfThePublishedNetworks(t *testing.T) {
	for _, a := range Architectures() {
		want := published[a.Name]
		if testing.Short() && want.params > 50e6 {
			continue // drawing that many numbers takes long with the race detector
		}
		g := a.Build(1)
		params, buffers := ir.CountParams(g)
		if params != want.params || buffers != want.buffers {
			t.Errorf("%s has %d parameters and %d buffers, want %d and %d", a.Name, params, buffers, want.params, want.buffers)
		}
		types := infer(t, a.Network, g)
		if got := float64(macs(g, types)) / 1e9; math.Abs(got/want.gigaMACs-1) > 0.01 {
			t.Errorf("%s takes %.4f G multiply-accumulates, want %.3f within 1 %%", a.Name, got, want.gigaMACs)
		}
		if out := types[g.Outputs[0]].Shape.String(); out != want.output {
			t.Errorf("%s puts out %s, want %s", a.Name, out, want.output)
		}
	}
}

// infer works out the types of a graph for a batch of 1.
func infer(t *testing.T, n Network, g *ir.Graph) []op.Type {
	given := map[ir.ValueID]ir.Shape{}
	for i, shape := range n.Shapes(1) {
		given[g.Inputs[i]] = ir.Dims(shape...)
	}
	types, err := pass.Infer(g, given)
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func macs(g *ir.Graph, types []op.Type) (sum int64) {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if o := op.Lookup(n.Domain, n.Op); o.Cost != nil {
			sum += o.Cost(n, typesOf(types, n.Inputs), typesOf(types, n.Outputs)).MACs
		}
	}
	return sum
}

func typesOf(types []op.Type, ids []ir.ValueID) []op.Type {
	out := make([]op.Type, len(ids))
	for i, v := range ids {
		if v != ir.None {
			out[i] = types[v]
		}
	}
	return out
}

// TestForward holds the logits of the executors to be numbers that the weights
// neither blow up nor let vanish; nn/exec compares them.
func TestForward(t *testing.T) {
	for _, a := range Architectures() {
		g := a.Small.Build(3)
		out, err := exec.NewSession(g, exec.Default()).Run(t.Context(), a.Small.Feeds(g, 2, 5), g.Outputs...)
		if err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		for i, y := range out {
			most := 0.0
			for _, v := range y.F32() {
				most = max(most, math.Abs(float64(v)))
			}
			if !(most > 1e-3 && most < 1e3) {
				t.Errorf("%s: the largest value of %s is %v", a.Name, g.Values[g.Outputs[i]].Name, most)
			}
		}
	}
}

// TestStrength holds what every layer puts out to the strength that the weights
// are drawn for, a root mean square of one: to within a factor of ten it neither
// vanishes in the depth nor grows.
func TestStrength(t *testing.T) {
	for _, a := range Architectures() {
		g := a.Small.Build(4)
		var layers []ir.ValueID
		for i := range g.Nodes {
			switch g.Nodes[i].Op {
			case "Conv", "BatchNormalization", "Gemm":
				layers = append(layers, g.Nodes[i].Outputs[0])
			}
		}
		out, err := exec.NewSession(g, exec.Default()).Run(t.Context(), a.Small.Feeds(g, 1, 5), layers...)
		if err != nil {
			t.Fatalf("%s: %v", a.Name, err)
		}
		for i, y := range out {
			sum := 0.0
			for _, v := range y.F32() {
				sum += float64(v) * float64(v)
			}
			if s := math.Sqrt(sum / float64(y.Len())); !(s > 0.1 && s < 10) {
				t.Errorf("%s: %s has the root mean square %.3g", a.Name, g.Values[layers[i]].Name, s)
			}
		}
	}
}

func TestSeedMakesWeights(t *testing.T) {
	same, other := Tiny(1), Tiny(2)
	v := same.ValueByName("layer1.1.conv2.weight")
	w := same.Values[v].Const
	if !tensor.Equal(w, Tiny(1).Values[v].Const) {
		t.Error("the same seed gives other weights")
	}
	if tensor.Equal(w, other.Values[v].Const) {
		t.Error("another seed gives the same weights")
	}
}
