package cam

import (
	"context"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// GradCAM returns the Grad-CAM map of the usual layer for a target, at the
// layer's resolution, and the layer's name. x is a prepared picture, [1, ...].
func GradCAM(ctx context.Context, m *model.Model, x *tensor.Tensor, target attribution.Target) (attribution.Field, string, error) {
	layers, err := pickLayers(m, nil, target.Value)
	if err != nil {
		return attribution.Field{}, "", err
	}
	look, err := Look(ctx, m, x, layers, target.Value)
	if err != nil {
		return attribution.Field{}, "", err
	}
	f, err := look.field(ctx, 0, target, Variant("gradcam").entry(), Options{})
	return f, layers[0].Name, err
}
