package cam

import (
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/viz"
)

// pickLayers finds the layers by name, on the way to a value of the graph that
// is explained; none named means the usual one. The shape of the input is given
// where it is no picture.
func pickLayers(m *model.Model, names []string, toward ir.ValueID, input ...int) ([]model.Layer, error) {
	needed := m.Net.Needed([]ir.ValueID{toward}, nil)
	if len(names) == 0 {
		l, err := usualLayer(m, m.Grids(input...), needed, toward)
		return []model.Layer{l}, err
	}
	var out []model.Layer
	for _, name := range names {
		l, err := m.Layer(name)
		if err != nil {
			return nil, err
		}
		if !needed[m.Net.Values[l.Value].Producer] {
			return nil, viz.Userf("layer %q does not lead to %q, which is explained, so nothing in it speaks for or against that", name, m.Net.Values[toward].Name)
		}
		out = append(out, l)
	}
	return out, nil
}

// noPlaces refuses a layer that is nothing to look at.
func noPlaces(l model.Layer, shape string) error {
	return viz.Userf("layer %q puts out %s, which does not lie over the input; choose one that has maps, such as a convolution, or tokens in the order of the picture's patches", l.Name, shape)
}

// usualLayer returns the layer that the literature reads: what is normalized
// before the last attention of a transformer, and elsewhere the last
// convolutional layer, with its activation and residual sum.
func usualLayer(m *model.Model, grids *model.Grids, needed []bool, toward ir.ValueID) (model.Layer, error) {
	last, err := lastMaps(m, grids, needed, toward)
	if err != nil {
		return last, err
	}
	if g, _ := grids.Of(last.Value); g.DC > 1 { // channels first: a convolution's
		return last, nil
	}
	for _, a := range slices.Backward(model.Attentions(m.Net)) {
		if norm := m.NormBefore(a); needed[a.Node] && norm != ir.None {
			return m.Layer(m.LayerName(norm))
		}
	}
	return last, nil
}

// lastMaps returns the layer nearest to the answer, and not the answer itself,
// that has maps and is no mere pooling or copy of another.
func lastMaps(m *model.Model, grids *model.Grids, needed []bool, toward ir.ValueID) (model.Layer, error) {
	for _, l := range slices.Backward(m.Layers()) {
		if _, ok := grids.Of(l.Value); ok && l.Value != toward && needed[m.Net.Values[l.Value].Producer] && !slices.Contains(copies, l.Op) {
			return l, nil
		}
	}
	return model.Layer{}, viz.Userf("%s has no layer on the way to its answer that lies over the input, so it has no activation maps", m.Name)
}

var copies = []string{
	"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool", "Identity", "Dropout", "Cast",
	"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Pad", "Expand", "QuantizeLinear", "DequantizeLinear",
}
