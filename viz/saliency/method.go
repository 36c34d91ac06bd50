package saliency

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/trust"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "saliency",
	Doc:  "which pixels an answer rests on, for and against one class",
	About: `A saliency map gives every pixel a share in the score of the class. Where the map is signed, red pixels speak for the class and blue ones against it, as against the baseline; ` +
		`where it is not, only the strength of the influence is shown. The colours end at a high percentile of the magnitudes, so that a few extreme pixels do not darken the rest; the raw numbers are kept in the figure.` + "\n\n" +
		`Signals, volumes and maps of any number of channels are given as arrays, and are taken as they are. Each channel of a signal has a lane, with its own shares over it; a volume is cut into slices. ` +
		`The shares of all numbers, in the shape of the input, are in -o FILE.npz, .json and .csv. Windows and masks lie along every direction that the input has, and LIME and KernelSHAP hide stretches of a signal and boxes of a volume, through all channels.` + "\n\n" +
		`Rows of features [N, F], as arrays or as a .csv with the features' names in its first line, give a table: the features of each row with their shares as bars, the largest first, under their sum. ` +
		`Occlusion hides one feature at a time (feature ablation), LIME and KernelSHAP each feature for itself; the baselines mean and random, and the strength of noise on each feature, are taken of all rows that are given.` + "\n\n" +
		`Sequences of tokens are given as arrays of their numbers, [T] or [N, T], with further inputs such as attention_mask beside them in a .npz by their names (else masks are ones, and the rest zeros). What is explained are the embeddings that stand for the tokens, and each token has the sum over its own; the words are those of a vocab.txt beside the model.` + "\n\n" +
		`The gradient tells what a small change would do, and is noisy; SmoothGrad averages the noise away. Integrated gradients, GradientSHAP, DeepLIFT and LRP divide up the score itself, and most of them say how exactly their shares add up to it. ` +
		`They compare with a baseline: what equals the baseline gets no share, so a black object on a black baseline is never seen. Try another baseline before you believe that something does not matter. ` +
		`Occlusion, RISE, LIME and KernelSHAP hide parts of the picture and ask the network again; they need no gradient and many passes.` + "\n\n" +
		`LRP follows AttnLRP (Achtibat et al. 2024, arXiv 2402.05602) through transformers: softmax by its Taylor expansion, a product of two activations by halves, layer, RMS and group normalization with the deviation held constant, activations by the identity rule. ` +
		`Relevance that biases, learned tokens and the constant term of softmax absorb does not reach the pixels; the caption tells how much does. The γ and αβ rules are made for units that are never negative, as behind a ReLU: where units have both signs, as in transformers, their quotients may be huge, and lrp, whose γ is for convolutions alone, or lrpepsilon is the one to take.` + "\n\n" +
		`Guided backpropagation and deconvolution draw crisp edges that hardly depend on the class or on what was learned (Adebayo et al. 2018): they show what the picture looks like to the first layers and not why the answer was given.`,
	Phases: []viz.Phase{viz.After, viz.InUse},
	Needs:  viz.NeedsModel | viz.NeedsWeights | viz.NeedsGradients | viz.NeedsImage,
	Masks:  true,
	Examples: []viz.Example{
		{Line: "saliency model.onnx photo.jpg -o map.png", Remark: "integrated gradients of the class that the network names first"},
		{Line: "saliency model.onnx photo.jpg --method gradient --method smoothgrad --method ig --class zebra -o maps.html", Remark: "three methods side by side, to explore in a browser"},
		{Line: "saliency model.onnx photo.jpg --method kernelshap --segments 12 --queries 5000 -o map.png", Remark: "exact Shapley values of twelve parts, since all their subsets can be asked about"},
		{Line: "saliency model.onnx ecg.npy --method ig --method occlusion -o map.png", Remark: "an input that is prepared already: a signal [N, C, L], maps [N, C, H, W] or a volume [N, C, D, H, W]"},
		{Line: "saliency model.onnx patients.csv --method kernelshap --baseline mean -o table.html", Remark: "rows of features, against the mean of all rows"},
		{Line: "saliency bert.onnx input_ids.npy --method ig --padding 0 -o tokens.html", Remark: "tokens by their numbers, against the embedding of the padding token"},
		{Line: "saliency model.onnx photo.jpg --method ig --baseline blurred --steps 100 -o map.png", Remark: "against a blurred picture and not against a blank one"},
	},
	Arrays:   true,
	Defaults: defaults,
	Run:      run,
})

var defaults = Params{
	Method: []Variant{"ig"}, Class: []string{"top"}, Target: attribution.Logit,
	Sign: "auto", Channels: "auto", Percentile: 99,
	Baseline: "zero", Padding: -1, Steps: 50, Quadrature: "gauss-legendre", Samples: 25, Noise: 0.15,
	Superpixels: "slic", Segments: 50, Queries: 1000,
	Epsilon: 1e-6, Gamma: 0.25, Alpha: 2, FirstRule: "auto",
	Region: "won", Slices: "hottest", Show: 64, Colormap: "auto", Opacity: 0.9,
}

// Params are what a user may set.
type Params struct {
	Method      []Variant            `help:"how the score is attributed to pixels; may be repeated"`
	Class       []string             `help:"class to explain, by number or label, or 'top 3' for the first three; may be repeated" source:"classes"`
	Target      attribution.Quantity `help:"what is explained of the class"`
	Region      attribution.Region   `help:"where a segmentation network's scores are added up: won (the pixels where the category is the best), all, or a box left,top,right,bottom in pixels of the network's input" advanced:"true"`
	Value       string               `help:"value of the graph to explain in place of a class, as boxes or boxes[0,3,:,2]; the elements that are named are added up" advanced:"true"`
	Sign        Sign                 `help:"whether the map tells what speaks for the class from what speaks against it"`
	Channels    Channels             `help:"how the numbers of a pixel's colours, or of a place's channels, become one"`
	Percentile  float64              `help:"percentile of the magnitudes at which colours end" min:"50" max:"100" step:"0.5" unit:"%" advanced:"true"`
	Baseline    Baseline             `help:"what the input is compared with, or parts of it are replaced by"`
	Padding     int                  `help:"of tokens, the number of the one whose embedding they are compared with, in place of a baseline by name; -1 leaves that" min:"-1" max:"10000000" advanced:"true"`
	Steps       int                  `help:"points on the way from the baseline, for integrated gradients" min:"2" max:"1000" advanced:"true"`
	Quadrature  Quadrature           `help:"how integrated gradients place and weigh these points" advanced:"true"`
	Samples     int                  `help:"noisy or random copies, for the methods that average over them" min:"1" max:"1000" advanced:"true"`
	Noise       float64              `help:"strength of the noise on those copies, as a share of the range of values" min:"0" max:"10" step:"0.05" advanced:"true"`
	Difference  bool                 `help:"show also how each further map differs from the first, both scaled to their strongest value"`
	Window      int                  `help:"side of the window that occlusion hides, in pixels, samples or voxels; 0 is a fifteenth of the shorter side, of a volume a fifth, of a signal a sixtieth" min:"0" max:"16384" advanced:"true"`
	Stride      int                  `help:"step of that window; 0 is half of it" min:"0" max:"16384" advanced:"true"`
	Superpixels Partition            `help:"what LIME and KernelSHAP hide as a whole" advanced:"true"`
	Segments    int                  `help:"about how many of these parts there are" min:"1" max:"300"`
	Queries     int                  `help:"how often RISE, LIME and KernelSHAP ask the network" min:"2" max:"20000"`
	Epsilon     float64              `help:"what keeps LRP's quotients from zero" min:"0" max:"1000" advanced:"true"`
	Gamma       float64              `help:"how much LRP's gamma rule favours positive weights" min:"0" max:"1000" step:"0.05" advanced:"true"`
	Alpha       float64              `help:"share of the positive side in LRP's alpha-beta rule; beta is alpha less 1" min:"1" max:"10" step:"0.5" advanced:"true"`
	FirstRule   FirstRule            `help:"how LRP leaves the first layer" advanced:"true"`
	Compare     bool                 `help:"measure the methods on the images and rank them, as a report: which map to trust"`
	Box         []string             `help:"box around what should matter, as left,top,right,bottom in pixels of the picture, for --compare; may be repeated"`
	Slices      attribution.Slices   `help:"which slices of a volume are shown" advanced:"true"`
	Show        int                  `help:"how many pictures of a folder are shown: those first on which the network errs or is least sure" min:"1" max:"1000"`
	Colormap    Colormap             `help:"colours of the map"`
	Opacity     float64              `help:"how much the map covers the picture where it is strongest" min:"0" max:"1" step:"0.05"`
	Contour     float64              `help:"line around the places that are above this share of the colour scale; 0 draws none" min:"0" max:"1" step:"0.05"`
}

func (p Params) question() attribution.Question {
	return attribution.Question{Class: p.Class, Target: p.Target, Region: p.Region, Value: p.Value}
}

// Defaults are the parameters that nobody sets.
func Defaults() Params { return defaults }

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	if tokens, ok := in.Model.Tokens(); ok && attribution.OfArrays(in) {
		if p.Compare {
			return nil, attribution.Comparable(in, p.Value)
		}
		return explainTokens(ctx, in, p, tokens)
	}
	in, err := attribution.Taken(in)
	if err != nil {
		return nil, err
	}
	if p.Compare {
		if err := attribution.Comparable(in, p.Value); err != nil {
			return nil, err
		}
		return compareMethods(ctx, in, p)
	}
	if in.Model.TakesRows() {
		return explainRows(ctx, in, p)
	}
	fig := &figure.Heatmap{Colormap: p.colors(), Opacity: p.Opacity, Contour: p.Contour}
	fig.Title, fig.Subtitle = title(p.Method), in.Model.Name
	attribution.DescribeInput(&fig.About, in)
	p.describe(&fig.About)
	list, err := attribution.Choose(ctx, in, p.Show)
	if err != nil {
		return list.SoFar(fig), err
	}
	list.Describe(&fig.About)
	n := 0
	for s, err := range attribution.Subjects(ctx, in, list.Images, attribution.Readying{}) {
		if err != nil {
			return list.SoFar(fig), err
		}
		what := fmt.Sprintf("image %d of %d: %s", n+1, len(list.Images), s.Name)
		report := func(what string, partial figure.Figure) {
			in.Progress(viz.Progress{Done: list.Steps(n), Total: list.All(), What: what, Partial: partial})
		}
		report(what, list.SoFar(fig))
		o := Options{Params: p, Seed: in.Seed}
		o.Progress = func(variant string, done, total int) {
			report(fmt.Sprintf("%s, %s: pass %d of %d", what, variant, done, total), nil)
		}
		made, err := explain(ctx, in.Model, s, len(list.Images), o)
		fig.Panels = append(fig.Panels, made.panels...)
		fig.Attributions = append(fig.Attributions, made.shares...)
		for _, note := range made.notes {
			note.writeTo(&fig.About, s.Name, len(list.Images) > 1)
		}
		if err != nil {
			return list.SoFar(fig), err
		}
		n++
	}
	in.Progress(viz.Progress{Done: list.All(), Total: list.All()})
	attribution.WarnOnce(fig)
	trust.WarnOfSaturation(&fig.About, fig.Panels, p.Target)
	return fig, nil
}

func title(methods []Variant) string {
	if len(methods) == 1 {
		return methods[0].entry().title
	}
	return "Saliency maps"
}
