package cam

import (
	"context"
	"math"

	"github.com/tomo-viz/tomo/viz"

	"github.com/tomo-viz/tomo/viz/attribution"
)

// A Variant is the name of a way to weigh a layer's channels.
type Variant string

// An entry is one variant: its words, what it reads, and how its map is made:
// weigh is a pure function from the layer's output and the gradient there;
// probe, which others have instead, runs the network again.
type entry struct {
	name, title, help string
	reads             reading
	signed            bool // negative values count; else they are cut off
	check             func(s *Sight, layer int) error
	weigh             func(s stack) []float32
	probe             func(ctx context.Context, p *probe) (attribution.Field, error)
}

// A reading is what a variant needs beside the layer's output.
type reading int

const (
	outputOnly reading = iota
	ofClass            // the gradient of the class's score
	ofContrast         // the gradient of the class's score against similar classes
	itself             // it runs the network itself
)

// variants is the one table of them.
var variants = []entry{
	{"gradcam", "Grad-CAM", "each channel by its mean gradient (Selvaraju 2017)", ofClass, false, nil, gradCAM, nil},
	{"gradcam++", "Grad-CAM++", "by the positive gradients, so that several objects count (Chattopadhyay 2018)", ofClass, false, nil, gradCAMpp, nil},
	{"smoothgradcam++", "Smooth Grad-CAM++", "Grad-CAM++ with gradients averaged over noisy copies of the picture (Omeiza 2019)", itself, false, nil, nil, smoothGradCAMpp},
	{"xgradcam", "XGrad-CAM", "by the gradient where the channel is active (Fu 2020)", ofClass, false, nil, xGradCAM, nil},
	{"layercam", "LayerCAM", "each place by its own positive gradient; sharp in early layers (Jiang 2021)", ofClass, false, nil, layerCAM, nil},
	{"hirescam", "HiResCAM", "each place by its own gradient; faithful to what is computed (Draelos 2020)", ofClass, false, nil, hiResCAM, nil},
	{"elementwise", "Element-wise Grad-CAM", "what each place of each channel adds, where it adds (Gildenblat 2021)", ofClass, false, nil, elementWise, nil},
	{"finercam", "Finer-CAM", "Grad-CAM of the class against the three most similar ones (Zhang 2025)", ofContrast, false, nil, gradCAM, nil},
	{"shapleycam", "ShapleyCAM", "by the gradient and the curvature of the logit, as a Shapley value (Cai 2025)", itself, false, nil, nil, shapleyCAM},
	{"scorecam", "Score-CAM", "by the score of the picture seen through the channel; one pass for each (Wang 2020)", itself, false, nil, nil, scoreCAM},
	{"sscam", "SS-CAM", "Score-CAM averaged over noise on the channels; many passes (Wang 2020)", itself, false, nil, nil, smoothScoreCAM},
	{"iscam", "IS-CAM", "Score-CAM averaged along the way from a dark picture; many passes (Naidu 2020)", itself, false, nil, nil, integratedScoreCAM},
	{"ablationcam", "Ablation-CAM", "by how far the score falls without the channel (Desai 2020)", itself, false, nil, nil, ablationCAM},
	{"legrad", "LeGrad", "the gradients of a vision transformer's attention, over all blocks (Bousselham 2024)", itself, false, nil, nil, leGrad},
	{"fullgrad", "FullGrad", "the gradients of the input and of all biases together; of no layer (Srinivas 2019)", itself, false, nil, nil, fullGrad},
	{"eigencam", "EigenCAM", "the strongest pattern of the layer, for no class (Muhammad 2020)", outputOnly, false, nil, eigenCAM, nil},
	{"eigengradcam", "EigenGradCAM", "the strongest pattern of output times gradient (Muhammad 2020)", ofClass, false, nil, eigenGradCAM, nil},
	{"kpcacam", "KPCA-CAM", "the strongest pattern by kernel PCA, for no class (Karmani 2024)", itself, false, fewPlaces, nil, kernelCAM},
	{"fem", "FEM", "each channel by the share of places where it is rarely strong, for no class (Fuad 2020)", outputOnly, false, nil, fem, nil},
	{"cam", "CAM", "the weights of the linear layer behind global pooling (Zhou 2016)", ofClass, true, linearHead, classCAM, nil},
	{"sobel", "Sobel", "a baseline: the edges of the picture, whatever the network", itself, false, nil, nil, sobelEdges},
	{"random", "Random", "a baseline: channels weighed by chance", itself, true, nil, nil, randomCAM},
}

// Choices lists the variants.
func (Variant) Choices() []viz.Choice { return viz.ChoicesOf(variants, entry.choice) }

func (e entry) choice() viz.Choice { return viz.Choice{Name: e.name, Help: e.help} }

func (v Variant) entry() *entry { return viz.Chosen(variants, entry.choice, string(v)) }

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

// elementWise: Σ_k ReLU(g ⊙ A_k), a variant of the pytorch-grad-cam project.
func elementWise(s stack) []float32 {
	return s.combine(func(k int, out []float64) {
		a, g := s.channel(k)
		for i := range a {
			out[i] = max(float64(a[i])*float64(g[i]), 0)
		}
	})
}

// fem: w_k is the share of places where A_k exceeds its mean by more than two
// standard deviations. "Features understanding in 3D CNNs for actions
// recognition in video", IPTA 2020, section 3.
func fem(s stack) []float32 {
	return relu(s.sum(func(k int) float64 {
		a, _ := s.channel(k)
		mean, variance := moments(a)
		rare := 0
		for _, v := range a {
			if float64(v) > mean+2*math.Sqrt(variance) {
				rare++
			}
		}
		return float64(rare) / float64(s.area)
	}))
}

// moments returns the mean and the variance of all values.
func moments(v []float32) (mean, variance float64) {
	for _, x := range v {
		mean += float64(x)
	}
	mean /= float64(len(v))
	for _, x := range v {
		d := float64(x) - mean
		variance += d * d
	}
	return mean, variance / float64(len(v))
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
