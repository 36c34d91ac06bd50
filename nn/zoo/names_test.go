package zoo

import (
	"regexp"
	"testing"

	"github.com/tomo-viz/tomo/nn/ir"
)

// TestParameterNames holds names to a few entries of the state dictionaries of
// torchvision, timm, Hugging Face and others.
func TestParameterNames(t *testing.T) {
	entries := map[string]map[string]string{
		"resnet18": {
			"conv1.weight":                       "64×3×7×7",
			"bn1.running_var":                    "64",
			"layer2.0.downsample.0.weight":       "128×64×1×1",
			"layer2.0.downsample.1.running_mean": "128",
			"layer4.1.conv2.weight":              "512×512×3×3",
			"fc.bias":                            "1000",
		},
		"mobilenet_v2": {
			"features.0.0.weight":            "32×3×3×3",
			"features.1.conv.0.0.weight":     "32×1×3×3",
			"features.1.conv.2.bias":         "16",
			"features.2.conv.1.0.weight":     "96×1×3×3",
			"features.17.conv.3.running_var": "320",
			"features.18.0.weight":           "1280×320×1×1",
			"classifier.1.weight":            "1000×1280",
		},
		"resnet50": {
			"layer1.0.downsample.0.weight": "256×64×1×1",
			"layer4.2.conv3.weight":        "2048×512×1×1",
		},
		"mobilenet_v3_large": {
			"features.4.block.2.fc1.weight":      "24×72×1×1",
			"features.15.block.3.1.running_mean": "160",
			"classifier.3.weight":                "1000×1280",
		},
		"efficientnet_b0": {
			"features.1.0.block.1.fc2.bias": "32",
			"features.6.3.block.3.0.weight": "192×1152×1×1",
		},
		"convnext_tiny": {
			"features.1.0.layer_scale":    "96×1×1",
			"features.7.2.block.5.weight": "768×3072",
			"features.6.1.weight":         "768×384×2×2",
		},
		"densenet121": {
			"features.denseblock3.denselayer24.conv2.weight": "32×128×3×3",
			"features.transition3.conv.weight":               "512×1024×1×1",
		},
		"googlenet": {
			"inception4e.branch3.1.conv.weight": "128×32×3×3",
		},
		"inception_v3": {
			"Mixed_6b.branch7x7dbl_2.conv.weight": "128×128×7×1",
			"Mixed_7c.branch3x3_2b.bn.bias":       "384",
		},
		"shufflenet_v2_x1_0": {
			"stage2.0.branch1.0.weight": "24×1×3×3",
			"stage4.3.branch2.5.weight": "232×232×1×1",
		},
		"unet": {
			"encoder1.enc1conv1.weight":              "32×3×3×3",
			"upconv4.weight":                         "512×256×2×2",
			"bottleneck.bottlenecknorm2.running_var": "512",
		},
		"yolov8n": {
			"model.2.m.0.cv1.conv.weight": "16×16×3×3",
			"model.22.cv3.1.2.bias":       "80",
			"model.22.dfl.conv.weight":    "1×16×1×1",
		},
		"squeezenet1_1": {
			"features.0.bias":              "64",
			"features.3.squeeze.weight":    "16×64×1×1",
			"features.12.expand3x3.weight": "256×64×3×3",
			"classifier.1.weight":          "1000×512×1×1",
		},
		"vit_b_16": {
			"class_token":           "1×1×48",
			"conv_proj.bias":        "48",
			"encoder.pos_embedding": "1×17×48",
			"encoder.layers.encoder_layer_1.self_attention.in_proj_weight": "144×48",
			"encoder.layers.encoder_layer_1.self_attention.out_proj.bias":  "48",
			"encoder.layers.encoder_layer_0.mlp.3.weight":                  "48×192",
			"encoder.ln.weight": "48",
			"heads.head.weight": "10×48",
		},
		"swin_t": {
			"features.0.2.weight":                            "24",
			"features.1.1.attn.relative_position_bias_table": "49×2",
			"features.2.reduction.weight":                    "48×96",
			"features.3.1.mlp.3.bias":                        "48",
			"norm.bias":                                      "48",
		},
		"deit_tiny": {
			"cls_token":                "1×1×48",
			"patch_embed.proj.weight":  "48×3×8×8",
			"blocks.1.attn.qkv.weight": "144×48",
			"blocks.0.mlp.fc1.bias":    "192",
		},
		"bert_base": {
			"embeddings.token_type_embeddings.weight":         "2×48",
			"embeddings.LayerNorm.weight":                     "48",
			"encoder.layer.1.attention.self.query.weight":     "48×48",
			"encoder.layer.1.attention.output.LayerNorm.bias": "48",
			"encoder.layer.0.intermediate.dense.weight":       "192×48",
			"pooler.dense.weight":                             "48×48",
		},
		"gpt2": {
			"transformer.h.1.attn.c_attn.weight": "48×144",
			"transformer.h.0.mlp.c_proj.bias":    "48",
			"transformer.ln_f.weight":            "48",
		},
		"smollm2_135m": {
			"model.layers.1.self_attn.k_proj.weight":         "16×48",
			"model.layers.0.post_attention_layernorm.weight": "48",
			"model.layers.0.mlp.down_proj.weight":            "48×80",
		},
		"lstm_tagger": {
			"lstm.weight_hh_l0_reverse": "32×8",
		},
		"gru_tagger": {
			"gru.bias_ih_l0": "24",
		},
	}
	for _, a := range Architectures() {
		g := a.Small.Build(1)
		for name, shape := range entries[a.Name] {
			v := g.ValueByName(name)
			if v == ir.None {
				t.Errorf("%s has no parameter %s", a.Name, name)
			} else if got := g.Values[v].Shape.String(); got != shape {
				t.Errorf("%s of %s is %s, want %s", name, a.Name, got, shape)
			}
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
