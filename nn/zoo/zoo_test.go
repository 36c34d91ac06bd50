package zoo

import (
	"math"
	"regexp"
	"slices"
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

// smallOf returns what builds the small network of an architecture.
func smallOf(name string) func(uint64) *ir.Graph {
	i := slices.IndexFunc(Architectures(), func(a Architecture) bool { return a.Name == name })
	return Architectures()[i].Small.Build
}

// TestParameterNames holds names to a few entries of the state dictionaries of
// torchvision, timm and Hugging Face.
func TestParameterNames(t *testing.T) {
	for _, tt := range []struct {
		build func(uint64) *ir.Graph
		name  string
		shape string
	}{
		{ResNet18, "conv1.weight", "64×3×7×7"},
		{ResNet18, "bn1.running_var", "64"},
		{ResNet18, "layer2.0.downsample.0.weight", "128×64×1×1"},
		{ResNet18, "layer2.0.downsample.1.running_mean", "128"},
		{ResNet18, "layer4.1.conv2.weight", "512×512×3×3"},
		{ResNet18, "fc.bias", "1000"},
		{MobileNetV2, "features.0.0.weight", "32×3×3×3"},
		{MobileNetV2, "features.1.conv.0.0.weight", "32×1×3×3"},
		{MobileNetV2, "features.1.conv.2.bias", "16"},
		{MobileNetV2, "features.2.conv.1.0.weight", "96×1×3×3"},
		{MobileNetV2, "features.17.conv.3.running_var", "320"},
		{MobileNetV2, "features.18.0.weight", "1280×320×1×1"},
		{MobileNetV2, "classifier.1.weight", "1000×1280"},
		{ResNet50, "layer1.0.downsample.0.weight", "256×64×1×1"},
		{ResNet50, "layer4.2.conv3.weight", "2048×512×1×1"},
		{MobileNetV3Large, "features.4.block.2.fc1.weight", "24×72×1×1"},
		{MobileNetV3Large, "features.15.block.3.1.running_mean", "160"},
		{MobileNetV3Large, "classifier.3.weight", "1000×1280"},
		{EfficientNetB0, "features.1.0.block.1.fc2.bias", "32"},
		{EfficientNetB0, "features.6.3.block.3.0.weight", "192×1152×1×1"},
		{ConvNeXtTiny, "features.1.0.layer_scale", "96×1×1"},
		{ConvNeXtTiny, "features.7.2.block.5.weight", "768×3072"},
		{ConvNeXtTiny, "features.6.1.weight", "768×384×2×2"},
		{DenseNet121, "features.denseblock3.denselayer24.conv2.weight", "32×128×3×3"},
		{DenseNet121, "features.transition3.conv.weight", "512×1024×1×1"},
		{GoogLeNet, "inception4e.branch3.1.conv.weight", "128×32×3×3"},
		{InceptionV3, "Mixed_6b.branch7x7dbl_2.conv.weight", "128×128×7×1"},
		{InceptionV3, "Mixed_7c.branch3x3_2b.bn.bias", "384"},
		{ShuffleNetV2, "stage2.0.branch1.0.weight", "24×1×3×3"},
		{ShuffleNetV2, "stage4.3.branch2.5.weight", "232×232×1×1"},
		{UNet, "encoder1.enc1conv1.weight", "32×3×3×3"},
		{UNet, "upconv4.weight", "512×256×2×2"},
		{UNet, "bottleneck.bottlenecknorm2.running_var", "512"},
		{YOLOv8n, "model.2.m.0.cv1.conv.weight", "16×16×3×3"},
		{YOLOv8n, "model.22.cv3.1.2.bias", "80"},
		{YOLOv8n, "model.22.dfl.conv.weight", "1×16×1×1"},
		{SqueezeNet11, "features.0.bias", "64"},
		{SqueezeNet11, "features.3.squeeze.weight", "16×64×1×1"},
		{SqueezeNet11, "features.12.expand3x3.weight", "256×64×3×3"},
		{SqueezeNet11, "classifier.1.weight", "1000×512×1×1"},
		{smallOf("vit_b_16"), "class_token", "1×1×48"},
		{smallOf("vit_b_16"), "conv_proj.bias", "48"},
		{smallOf("vit_b_16"), "encoder.pos_embedding", "1×17×48"},
		{smallOf("vit_b_16"), "encoder.layers.encoder_layer_1.self_attention.in_proj_weight", "144×48"},
		{smallOf("vit_b_16"), "encoder.layers.encoder_layer_1.self_attention.out_proj.bias", "48"},
		{smallOf("vit_b_16"), "encoder.layers.encoder_layer_0.mlp.3.weight", "48×192"},
		{smallOf("vit_b_16"), "encoder.ln.weight", "48"},
		{smallOf("vit_b_16"), "heads.head.weight", "10×48"},
		{smallOf("deit_tiny"), "cls_token", "1×1×48"},
		{smallOf("deit_tiny"), "patch_embed.proj.weight", "48×3×8×8"},
		{smallOf("deit_tiny"), "blocks.1.attn.qkv.weight", "144×48"},
		{smallOf("deit_tiny"), "blocks.0.mlp.fc1.bias", "192"},
		{smallOf("bert_base"), "embeddings.token_type_embeddings.weight", "2×48"},
		{smallOf("bert_base"), "embeddings.LayerNorm.weight", "48"},
		{smallOf("bert_base"), "encoder.layer.1.attention.self.query.weight", "48×48"},
		{smallOf("bert_base"), "encoder.layer.1.attention.output.LayerNorm.bias", "48"},
		{smallOf("bert_base"), "encoder.layer.0.intermediate.dense.weight", "192×48"},
		{smallOf("bert_base"), "pooler.dense.weight", "48×48"},
		{smallOf("gpt2"), "transformer.h.1.attn.c_attn.weight", "48×144"},
		{smallOf("gpt2"), "transformer.h.0.mlp.c_proj.bias", "48"},
		{smallOf("gpt2"), "transformer.ln_f.weight", "48"},
		{smallOf("smollm2_135m"), "model.layers.1.self_attn.k_proj.weight", "16×48"},
		{smallOf("smollm2_135m"), "model.layers.0.post_attention_layernorm.weight", "48"},
		{smallOf("smollm2_135m"), "model.layers.0.mlp.down_proj.weight", "48×80"},
		{smallOf("lstm_tagger"), "lstm.weight_hh_l0_reverse", "32×8"},
		{smallOf("gru_tagger"), "gru.bias_ih_l0", "24"},
	} {
		g := tt.build(1)
		v := g.ValueByName(tt.name)
		if v == ir.None {
			t.Errorf("%s has no parameter %s", g.Name, tt.name)
		} else if got := g.Values[v].Shape.String(); got != tt.shape {
			t.Errorf("%s of %s is %s, want %s", tt.name, g.Name, got, tt.shape)
		}
	}
}

// again is what the name of a module has behind it that is called once more.
var again = regexp.MustCompile(`_\d$`)

// TestNamesTellModules takes the modules and the marks of parameters away and
// finds them again by names, as for a file of PyTorch's exporter.
func TestNamesTellModules(t *testing.T) {
	graphs := []*ir.Graph{Tiny(1)}
	for _, a := range Architectures() {
		graphs = append(graphs, a.Small.Build(1))
	}
	for _, g := range graphs {
		bare := g.Clone()
		for i := range bare.Nodes {
			bare.Nodes[i].Module = ""
		}
		for i := range bare.Values {
			bare.Values[i].Param, bare.Values[i].Buffer = false, false
		}
		if err := bare.Sort(); err != nil {
			t.Fatal(err)
		}
		ir.AssignModules(bare)
		ir.MarkParams(bare)
		for i := range g.Nodes {
			if g.Nodes[i].Name != bare.Nodes[i].Name {
				t.Fatalf("%s is not sorted", g.Name)
			}
			// That "relu_1" is "relu" called again, no name tells.
			got, want := bare.Nodes[i].Module, g.Nodes[i].Module
			if got != want && again.ReplaceAllString(got, "") != want {
				t.Errorf("%s: node %s is taken to be of module %q, not %q", g.Name, g.Nodes[i].Name, got, want)
			}
		}
		for i, v := range g.Values {
			if w := bare.Values[i]; v.Param != w.Param || v.Buffer != w.Buffer {
				t.Errorf("%s: %s is parameter %t, buffer %t; its use says %t, %t", g.Name, v.Name, v.Param, v.Buffer, w.Param, w.Buffer)
			}
		}
	}
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
