package cam

import (
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz"
)

// TestCAMRefuses where the logits are no linear layer on the average of the maps,
// and names the layer of which they are: of a Swin transformer the last norm and
// not the layer that other methods read.
func TestCAMRefuses(t *testing.T) {
	for _, c := range []struct{ model, layer, why string }{
		{"swin_t", "", `Take layer "norm"`},
		{"swin_t", "norm", ""},
		{"vit_b_16", "", "Use gradcam"}, // the class token is what is read
		{"resnet18", "layer2", `Take layer "layer4.1.relu"`},
		{"resnet18", "", ""},
	} {
		var m *model.Model
		var x *tensor.Tensor
		for _, a := range zoo.Architectures() {
			if a.Name == c.model {
				var err error
				if m, err = model.New(a.Name+".onnx", a.Small.Build(1), model.Options{}); err != nil {
					t.Fatal(err)
				}
				x = tensor.New(tensor.Float32, 1, 3, m.Prep.Height, m.Prep.Width)
			}
		}
		var names []string
		if c.layer != "" {
			names = []string{c.layer}
		}
		layers, err := pickLayers(m, names, m.Head.Logits)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Look(t.Context(), m, x, layers)
		if err != nil {
			t.Fatal(err)
		}
		err = linearHead(s, 0)
		if c.why == "" && err != nil || c.why != "" && (!viz.IsUser(err) || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%s at %q: %v; want %q", c.model, c.layer, err, c.why)
		}
	}
}
