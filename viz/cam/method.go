package cam

import (
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/trust"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "cam",
	Doc:  "where the network looks, for one class",
	About: `A class activation map is heat over the picture: it is strong where the chosen layer found what speaks for the class. ` +
		`Look first whether the heat lies on the thing that is named, and not on what stands beside it. ` +
		`The map has the resolution of the layer, often 7×7 or 13×13, so its edges mean little.` + "\n\n" +
		`Grad-CAM weighs each channel by its mean gradient and is the usual start; LayerCAM and HiResCAM weigh each place on its own and stay sharp in early layers; ` +
		`EigenCAM knows no class and shows what stands out in the layer at all. ` +
		`Score-CAM and Ablation-CAM ask the network itself, with hundreds of passes, and need no gradient; Ablation-CAM divides by the score, so for a class whose score is negative it shows what speaks against it. ` +
		`Random and Sobel are no explanations but what any other map has to beat. If methods disagree, trust none of them before you know why.`,
	Phases: []viz.Phase{viz.After, viz.InUse},
	Needs:  viz.NeedsModel | viz.NeedsWeights | viz.NeedsGradients | viz.NeedsImage,
	Masks:  true,
	Examples: []viz.Example{
		{Line: "cam model.onnx photo.jpg -o heat.png", Remark: "the class that the network names first, in the last layer with maps"},
		{Line: "cam model.onnx photo.jpg --class zebra --class 'top 2' --method gradcam --method layercam -o heat.png", Remark: "two methods, three classes"},
		{Line: "cam model.onnx input.npy --method layercam -o heat.npz", Remark: "an input that is prepared already: a picture, a signal [N, C, L] or a volume [N, C, D, H, W]"},
		{Line: "cam model.onnx photo.jpg --layer layer2 --layer layer4 -o heat.html", Remark: "two layers side by side, to explore in a browser"},
		{Line: "cam model.onnx photos --compare --masks masks -o trust.html", Remark: "which method to trust on these pictures, by fourteen measures; the masks show what should matter"},
	},
	Arrays:   true,
	Defaults: Params{Method: []Variant{"gradcam"}, Class: []string{"top"}, Target: attribution.Logit, Region: "won", Fuse: "none", Slices: "hottest", Show: 64, Samples: 10, Noise: 0.15, Colormap: "inferno", Opacity: 0.7},
	Run:      run,
})

// Params are what a user may set.
type Params struct {
	Method      []Variant            `help:"how the layer's channels are weighed; may be repeated"`
	Layer       []string             `help:"layer to read, by module, node or value; may be repeated; the default is the last one with maps" source:"layers"`
	Class       []string             `help:"class to explain, by number or label, or 'top 3' for the first three; may be repeated" source:"classes"`
	Target      attribution.Quantity `help:"what is explained of the class"`
	Region      attribution.Region   `help:"where a segmentation network's scores are added up: won (the pixels where the category is the best), all, or a box left,top,right,bottom in pixels of the network's input" advanced:"true"`
	Value       string               `help:"value of the graph to explain in place of a class, as boxes or boxes[0,3,:,2]; the elements that are named are added up" advanced:"true"`
	Fuse        Fusion               `help:"whether the maps of several layers become one"`
	Augment     bool                 `help:"average the maps of the picture, its mirror image, and darker and lighter copies of both: six times the work, less noise" advanced:"true"`
	EigenSmooth bool                 `help:"show the strongest pattern among the weighted channels and not their sum, for methods that weigh channels: less noise" advanced:"true"`
	Show        int                  `help:"how many pictures of a folder are shown: those first on which the network errs or is least sure" min:"1" max:"1000"`
	Slices      attribution.Slices   `help:"which slices of a volume are shown" advanced:"true"`
	Samples     int                  `help:"noisy copies or steps, for the methods that average over them" min:"1" max:"1000" advanced:"true"`
	Noise       float64              `help:"strength of the noise on those copies, as a share of the range of values" min:"0" max:"10" step:"0.05" advanced:"true"`
	Compare     bool                 `help:"measure the methods on the images and rank them, as a report: which map to trust"`
	Box         []string             `help:"box around what should matter, as left,top,right,bottom in pixels of the picture, for --compare; may be repeated"`
	Colormap    Colormap             `help:"colours of the heat"`
	Opacity     float64              `help:"how much the heat covers the picture where it is strongest" min:"0" max:"1" step:"0.05"`
	Difference  bool                 `help:"show also how each further map differs from the first, both scaled to their strongest value"`
	Contour     float64              `help:"line around the places that are above this share of the strongest heat; 0 draws none" min:"0" max:"1" step:"0.05"`
}

func (p Params) question() attribution.Question {
	return attribution.Question{Class: p.Class, Target: p.Target, Region: p.Region, Value: p.Value}
}

// A Colormap is the name of one of figure.Colormaps.
type Colormap string

// Choices lists the colour maps.
func (Colormap) Choices() []viz.Choice { return attribution.Colormaps() }

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	reads, err := p.question().Reads(in.Model)
	if err != nil {
		return nil, err
	}
	if in, err = attribution.Taken(in); err != nil {
		return nil, err
	}
	var shape []int
	if attribution.OfArrays(in) {
		shape = in.Images[0].Array.Shape()
	}
	layers, err := pickLayers(in.Model, p.Layer, reads, shape...)
	if err != nil {
		return nil, err
	}
	if p.Compare {
		if err := attribution.Comparable(in, p.Value); err != nil {
			return nil, err
		}
		return compareMethods(ctx, in, layers, p)
	}
	fig := &figure.Heatmap{Colormap: string(p.Colormap), Opacity: p.Opacity, Contour: p.Contour}
	fig.Title = title(p.Method, layers)
	fig.Subtitle = in.Model.Name
	attribution.DescribeInput(&fig.About, in)
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
		o := Options{Fuse: p.Fuse, Augment: p.Augment, EigenSmooth: p.EigenSmooth, Samples: p.Samples, Noise: p.Noise, Seed: in.Seed}
		o.Progress = func(variant string, done, total int) {
			report(fmt.Sprintf("%s, %s: pass %d of %d", what, variant, done, total), nil)
		}
		panels, err := explain(ctx, in.Model, s, len(list.Images), layers, p, o)
		if err != nil {
			return list.SoFar(fig), err
		}
		fig.Panels = append(fig.Panels, panels...)
		n++
	}
	in.Progress(viz.Progress{Done: list.All(), Total: list.All()})
	attribution.WarnOnce(fig)
	trust.WarnOfSaturation(&fig.About, fig.Panels, p.Target)
	if shape == nil { // an array may have other extents than the model says
		warnOfLayers(&fig.About, in.Model, layers)
	}
	return fig, nil
}

func title(methods []Variant, layers []model.Layer) string {
	name := "Class activation maps"
	if len(methods) == 1 {
		name = methods[0].entry().title
	}
	if len(layers) == 1 {
		name += " at " + layers[0].Name
	}
	return name
}
