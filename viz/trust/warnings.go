package trust

import (
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Where a map is suspicious.
const (
	likeRandom     = 0.7   // rank correlation with the map of random weights
	likeOtherClass = 0.95  // rank correlation with the map of another class
	unstable       = 1.0   // sensitivity: noise changes the map by as much as it is
	saturated      = 0.999 // probability whose gradient is as good as 0
)

// warnings says of each method why its maps may mean little, with the cure.
func (c *comparison) warnings(order []int) []string {
	var out []string
	for _, i := range order {
		m, k := c.methods[i], c.marks[i]
		if m.Baseline {
			continue
		}
		if k.useless > 0 {
			out = append(out, fmt.Sprintf("%s says nothing on %d of %s: its map is flat or holds no numbers. Look at its warning above; another layer often helps.", m.Title, k.useless, count(k.measured, "picture")))
		}
		out = append(out, Suspicions(m.Title, k.mean("randomized"), k.mean("classes"), k.mean("sensitivity"))...)
	}
	return out
}

// Suspicions says what speaks against a method by name; NaN is not known.
func Suspicions(title string, randomized, classes, sensitivity float64) []string {
	var out []string
	if randomized >= likeRandom {
		out = append(out, fmt.Sprintf("The %s map stays nearly the same (rank correlation %.2f) when all weights of the network are drawn anew: it shows the picture and not what was learned. Do not take it for a reason.", title, randomized))
	}
	if classes >= likeOtherClass {
		out = append(out, fmt.Sprintf("The %s map is nearly the same for another class (rank correlation %.2f): it shows what stands out and not what speaks for the class. Compare with a method that reads the gradient of the class.", title, classes))
	}
	if sensitivity >= unstable {
		out = append(out, fmt.Sprintf("The %s map changes as much as it is (%.1f times) with a little noise on the picture. Average it over noisy copies, as SmoothGrad and Smooth Grad-CAM++ do.", title, sensitivity))
	}
	return out
}

// WarnOfSaturation says where the gradient of a probability, if that is what was
// explained, vanishes because the network is certain.
func WarnOfSaturation(about *figure.About, panels []figure.HeatPanel, q attribution.Quantity) {
	if q != attribution.Probability {
		return
	}
	told := map[string]bool{}
	for _, panel := range panels {
		for _, m := range panel.Maps {
			for _, p := range panel.Predictions {
				if p.Class != m.Class || !(p.Score >= saturated || p.Score <= 1-saturated) {
					continue
				}
				key := fmt.Sprint(panel.Name, p.Class)
				if !told[key] {
					told[key] = true
					about.Warn(fmt.Sprintf("The probability of %s in %s is %.4f: softmax is saturated there and its gradient nearly 0, so that the map rests on rounding. Explain the logit instead (--target logit).", nameOf(p), panel.Name, p.Score))
				}
			}
		}
	}
}

func nameOf(p figure.Prediction) string {
	if p.Label != "" {
		return p.Label
	}
	return fmt.Sprintf("class %d", p.Class)
}

// earlyShare is the share of a network's steps with weights before the end of a
// layer below which it is called early.
const earlyShare = 0.4

// LayerWarning says why a layer is a poor one to explain an answer by, or "".
func LayerWarning(m *model.Model, layer model.Layer) string {
	grid, ok := m.Grids().Of(layer.Value)
	if !ok || grid.Places() <= 1 {
		return fmt.Sprintf("Layer %s comes after global pooling and has one place alone, so its map has nothing to tell. Choose one before it.", layer.Name)
	}
	if m.Head == nil {
		return ""
	}
	before, all := 0, 0
	needed := m.Net.Needed([]ir.ValueID{m.Head.Logits}, nil)
	producer := m.Net.Values[layer.Value].Producer
	if producer >= 0 && !needed[producer] {
		return fmt.Sprintf("Layer %s is not on the way to the answer, so its gradient is 0 and its map says nothing of it. Choose one that is.", layer.Name)
	}
	for _, l := range m.Layers() {
		if at := m.Net.Values[l.Value].Producer; !needed[at] || !learns(m, at) {
			continue
		}
		if all++; m.Net.Values[l.Value].Producer <= producer {
			before++
		}
	}
	if all >= 4 && float64(before) < earlyShare*float64(all) {
		return fmt.Sprintf("Layer %s is an early one (%d of the network's %d steps with weights lie before its end): it sees edges and patches, not objects, and Grad-CAM's weighing of whole channels means little there. Choose a later layer, or LayerCAM.", layer.Name, before, all)
	}
	return ""
}

// learns reports whether a node has weights that mix values, as convolutions and
// the products of transformers do, and not just one for each channel.
func learns(m *model.Model, node ir.NodeID) bool {
	for _, v := range m.Net.Nodes[node].Reads() {
		if v == ir.None || m.Net.Values[v].Const == nil {
			continue
		}
		extents := 0
		for _, n := range m.Net.Values[v].Const.Shape() {
			if n > 1 {
				extents++
			}
		}
		if extents >= 2 {
			return true
		}
	}
	return false
}
