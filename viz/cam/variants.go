package cam

import (
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// A Variant is the name of a way to weigh a layer's channels.
type Variant string

// An entry is one variant: its words, and one pure function from the layer's
// output and the gradient there to the map.
type entry struct {
	name, title, help string
	gradient          bool // it reads the gradient
	signed            bool // negative values count; else they are cut off
	check             func(*model.Model, model.Layer) error
	weigh             func(s stack) []float32
}

// variants is the one table of them.
var variants = []entry{
	{"gradcam", "Grad-CAM", "each channel by its mean gradient (Selvaraju 2017)", true, false, nil, gradCAM},
	{"gradcam++", "Grad-CAM++", "by the positive gradients, so that several objects count (Chattopadhyay 2018)", true, false, nil, gradCAMpp},
	{"xgradcam", "XGrad-CAM", "by the gradient where the channel is active (Fu 2020)", true, false, nil, xGradCAM},
	{"layercam", "LayerCAM", "each place by its own positive gradient; sharp in early layers (Jiang 2021)", true, false, nil, layerCAM},
	{"hirescam", "HiResCAM", "each place by its own gradient; faithful to what is computed (Draelos 2020)", true, false, nil, hiResCAM},
	{"eigencam", "EigenCAM", "the strongest pattern of the layer, for no class (Muhammad 2020)", false, false, nil, eigenCAM},
	{"cam", "CAM", "the weights of the linear layer behind global pooling (Zhou 2016)", true, true, linearHead, classCAM},
}

// Choices lists the variants.
func (Variant) Choices() []viz.Choice {
	var out []viz.Choice
	for _, e := range variants {
		out = append(out, viz.Choice{Name: e.name, Help: e.help})
	}
	return out
}

func (v Variant) entry() *entry {
	for i := range variants {
		if variants[i].name == string(v) {
			return &variants[i]
		}
	}
	panic("cam: no variant " + v) // viz checks the choices
}

// gradCAM: w_k is the gradient's mean over the map, and the map is
// ReLU(Σ_k w_k A_k). arXiv 1610.02391, eq. 1 and 2.
func gradCAM(s stack) []float32 {
	return relu(s.sum(func(k int) float64 { return s.meanGrad(k) }))
}

// gradCAMpp: w_k = Σ α ReLU(g), α = g² / (2g² + Σ_ab A_ab g³). arXiv
// 1710.11063, eq. 19 with an exponential class score, whose factors cancel.
func gradCAMpp(s stack) []float32 {
	return relu(s.sum(func(k int) float64 {
		a, g := s.channel(k)
		total := 0.0
		for _, v := range a {
			total += float64(v)
		}
		w := 0.0
		for _, v := range g {
			g := float64(v)
			if g > 0 {
				if d := 2*g*g + total*g*g*g; d != 0 {
					w += g * g / d * g
				}
			}
		}
		return w
	}))
}

// xGradCAM: w_k = Σ g A_k / Σ A_k. arXiv 2008.02312, eq. 8.
func xGradCAM(s stack) []float32 {
	return relu(s.sum(func(k int) float64 {
		a, g := s.channel(k)
		dot, total := 0.0, 0.0
		for i := range a {
			dot += float64(a[i]) * float64(g[i])
			total += float64(a[i])
		}
		if total == 0 {
			return 0
		}
		return dot / total
	}))
}

// layerCAM: ReLU(Σ_k ReLU(g) ⊙ A_k). IEEE TIP 30 (2021), eq. 5 to 7.
func layerCAM(s stack) []float32 {
	return relu(s.sumProducts(func(g float32) float32 { return max(g, 0) }))
}

// hiResCAM: Σ_k g ⊙ A_k. arXiv 2011.08891, section 3; what speaks against the
// class is cut off as in Grad-CAM.
func hiResCAM(s stack) []float32 {
	return relu(s.sumProducts(func(g float32) float32 { return g }))
}

// classCAM: Σ_k w_k A_k, where w_k is the linear layer's weight for the class.
// arXiv 1512.04150, eq. 2. Behind the average pool the logit is linear in A,
// so that w_k is what the gradient adds up to over the map, whatever layers
// spell the head.
func classCAM(s stack) []float32 {
	return s.sum(func(k int) float64 { return s.meanGrad(k) * float64(s.area) })
}

func relu(v []float32) []float32 {
	for i, x := range v {
		if x < 0 {
			v[i] = 0
		}
	}
	return v
}
