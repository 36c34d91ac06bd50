package saliency

import (
	"context"

	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A Variant is the name of a way to attribute a score to pixels.
type Variant string

// An entry is one variant: its words, how its map is usually shown, and how it
// is made: attribute gives every number of the prepared picture its share;
// regions, which others have instead, gives every pixel one.
type entry struct {
	name, title, help string
	signed            bool     // shown with both signs
	channels          Channels // how channels are usually combined
	compares          bool     // against a baseline
	relative          bool     // only differences within the map mean something
	attribute         func(ctx context.Context, p *probe) ([]float32, error)
	regions           func(ctx context.Context, p *probe) (attribution.Field, error)
}

// variants is the one table of them.
var variants = []entry{
	{name: "gradient", title: "Gradient", help: "what a small change of each pixel would do (Simonyan 2013)", channels: "max", attribute: gradient},
	{name: "inputxgradient", title: "Input × gradient", help: "each pixel by its gradient and its own value (Shrikumar 2016)", signed: true, channels: "sum", attribute: inputTimesGradient},
	{name: "ig", title: "Integrated gradients", help: "gradients along the way from a baseline; shares add up to the score (Sundararajan 2017)", signed: true, channels: "sum", compares: true, attribute: integratedGradients},
	{name: "gradientshap", title: "GradientSHAP", help: "gradients at random places between baselines and the picture (Lundberg 2017, Erion 2021)", signed: true, channels: "sum", compares: true, attribute: gradientShap},
	{name: "smoothgrad", title: "SmoothGrad", help: "gradients averaged over noisy copies of the picture (Smilkov 2017)", channels: "max", attribute: smoothGrad},
	{name: "smoothgradsquared", title: "SmoothGrad²", help: "squared gradients averaged over noisy copies (Hooker 2019)", channels: "abs", attribute: smoothGradSquared},
	{name: "vargrad", title: "VarGrad", help: "the variance of gradients over noisy copies (Adebayo 2018)", channels: "abs", attribute: varGrad},
	{name: "guidedbackprop", title: "Guided backpropagation", help: "gradients of which rectifiers let back only what is positive; hardly depends on the class (Springenberg 2014)", channels: "max", attribute: guidedBackprop},
	{name: "deconvnet", title: "Deconvnet", help: "as guided backpropagation, whatever a rectifier let through (Zeiler 2013)", channels: "max", attribute: deconvnet},
	{name: "guidedgradcam", title: "Guided Grad-CAM", help: "guided backpropagation where Grad-CAM is (Selvaraju 2017)", channels: "max", attribute: guidedGradCAM},
	{name: "deeplift", title: "DeepLIFT", help: "differences from a baseline, layer by layer, by the rescale rule; shares add up exactly (Shrikumar 2017)", signed: true, channels: "sum", compares: true, attribute: deepLIFT},
	{name: "lrp", title: "LRP", help: "relevance sent back layer by layer: z^B at the input, γ in convolutions, ε in dense layers (Bach 2015, Montavon 2019)", signed: true, channels: "sum", attribute: lrpComposite},
	{name: "lrpepsilon", title: "LRP-ε", help: "relevance divided by what each input adds (Bach 2015)", signed: true, channels: "sum", attribute: lrpEpsilon},
	{name: "lrpgamma", title: "LRP-γ", help: "the same, in favour of what adds (Montavon 2019)", signed: true, channels: "sum", attribute: lrpGamma},
	{name: "lrpalphabeta", title: "LRP-αβ", help: "what adds and what takes away divided on their own (Bach 2015)", signed: true, channels: "sum", attribute: lrpAlphaBeta},
	{name: "occlusion", title: "Occlusion", help: "how far the score falls when a window hides the pixel (Zeiler 2013)", signed: true, channels: "sum", compares: true, regions: occlusion},
	{name: "rise", title: "RISE", help: "random masks weighed by the score of the picture seen through them; only differences within the map count (Petsiuk 2018)", signed: true, channels: "sum", compares: true, relative: true, regions: rise},
	{name: "lime", title: "LIME", help: "a linear model of which superpixels show (Ribeiro 2016)", signed: true, channels: "sum", compares: true, regions: lime},
	{name: "kernelshap", title: "KernelSHAP", help: "Shapley values of superpixels; they add up to the score, and few parts have exact ones (Lundberg 2017)", signed: true, channels: "sum", compares: true, regions: kernelShap},
}

// Choices lists the variants.
func (Variant) Choices() []viz.Choice { return viz.ChoicesOf(variants, entry.choice) }

func (e entry) choice() viz.Choice { return viz.Choice{Name: e.name, Help: e.help} }

func (v Variant) entry() *entry { return viz.Chosen(variants, entry.choice, string(v)) }
