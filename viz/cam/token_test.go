package cam

import (
	"context"
	"testing"

	"github.com/tomo-viz/tomo/internal/shared"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// vitClass is the class that the references of tinyvit explain.
const vitClass = 2

func openViT(t *testing.T, file string) (*model.Model, *tensor.Tensor) {
	t.Helper()
	m, err := model.Open(shared.Path(t, "golden/tinyvit/"+file), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := tensor.OpenNPY(shared.Path(t, "golden/tinyvit/input.npy"))
	if err != nil {
		t.Fatal(err)
	}
	return m, x
}

// TestUsualLayerOfTransformers is what is normalized before the last attention,
// since behind it the tokens of places say nothing more to the class token.
func TestUsualLayerOfTransformers(t *testing.T) {
	want := map[string]string{
		"vit_b_16":      "encoder.layers.encoder_layer_1.ln_1",
		"deit_tiny":     "blocks.1.norm1",
		"swin_t":        "features.3.1.norm1",
		"convnext_tiny": "features.7.2",
		"resnet18":      "layer4.1.relu",
	}
	for _, a := range zoo.Architectures() {
		name, ok := want[a.Name]
		if !ok {
			continue
		}
		m, err := model.New(a.Name+".onnx", a.Small.Build(1), model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		layers, err := pickLayers(m, nil, m.Head.Logits)
		if err != nil {
			t.Errorf("%s: %v", a.Name, err)
		} else if layers[0].Name != name {
			t.Errorf("%s: the usual layer is %s, want %s", a.Name, layers[0].Name, name)
		}
	}
	for _, file := range []string{"tinyvit_op13.onnx", "tinyvit_op17.onnx"} {
		m, _ := openViT(t, file)
		if layers, err := pickLayers(m, nil, m.Head.Logits); err != nil || layers[0].Name != "blocks.3.norm1" {
			t.Errorf("%s: the usual layer is %v (%v)", file, layers, err)
		}
	}
}

// TestAttentionsAreFound: the blocks that LeGrad reads hold the attentions of the
// reference.
func TestAttentionsAreFound(t *testing.T) {
	for _, file := range []string{"tinyvit_op13.onnx", "tinyvit_op17.onnx"} {
		m, x := openViT(t, file)
		target := attribution.OfClass(m, vitClass, attribution.Logit)
		look, err := Look(context.Background(), m, x, nil, target.Value)
		if err != nil {
			t.Fatal(err)
		}
		p := &probe{Sight: look, target: target, progress: func(int, int) {}}
		blocks, err := p.attentionBlocks()
		if err != nil {
			t.Fatal(err)
		}
		if len(blocks.list) != 4 {
			t.Fatalf("%s: %d blocks, want 4", file, len(blocks.list))
		}
		attentions, err := tensor.OpenNPY(shared.Path(t, "golden/tinyvit/attn.npy"))
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range blocks.list {
			out, err := m.Session().Run(context.Background(), look.Feeds(), b.probabilities)
			if err != nil {
				t.Fatal(err)
			}
			want := attentions.Slice(i, i+1).F32()
			compare(t, file+" attention", out[0].F32(), want, 1)
		}
	}
}
