package report

import (
	"context"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "report",
	Doc:  "one answer explained in words: what the network says, where it looks, and how far to trust that",
	About: `A report is for readers who did not train the network, such as a clinician with a scan: it says in words where the heat lies, whether several methods agree, what tests of the maps say, and when not to believe them. ` +
		`It can be kept as one PDF or HTML file.` + "\n\n" +
		`Give a mask or a box of what should matter, such as the organ or the lesion, and the report says how much of the heat lies there; without one it says how much lies on the rim of what is seen, at the border of the picture and on empty ground, which is where networks look that have learnt the wrong thing.` + "\n\n" +
		`Maps show what the answer rests on, not whether it is right. A map that lies on the right place is no proof that the network reasons as a person would; a map that lies on the wrong one is a strong hint that it does not.`,
	Phases: []viz.Phase{viz.InUse, viz.After},
	Needs:  viz.NeedsModel | viz.NeedsWeights | viz.NeedsGradients | viz.NeedsImage,
	Masks:  true,
	Examples: []viz.Example{
		{Line: "report model.onnx scan.png -o scan.pdf", Remark: "the class that the network names first, as a PDF to hand on"},
		{Line: "report model.onnx scan.png --masks brain.png -o scan.html", Remark: "with how much of the heat lies on the brain"},
		{Line: "report model.onnx scan.png --class tumour --box 60,40,180,160 -o scan.html", Remark: "another class, and a box around what should matter"},
	},
	Defaults: Params{Class: "top", Show: 8, Colormap: "inferno", Opacity: 0.7},
	Run:      run,
})

// Params are what a user may set.
type Params struct {
	Class    string   `help:"class to explain, by number or label; top is the one that the network names first" source:"classes"`
	Layer    []string `help:"layer that the class activation maps read; the default is the last one with maps" source:"layers"`
	Box      []string `help:"box around what should matter, as left,top,right,bottom in pixels of the picture; may be repeated"`
	Show     int      `help:"how many pictures of a folder are reported on: those first on which the network errs or is least sure" min:"1" max:"100"`
	Colormap Colormap `help:"colours of the heat"`
	Opacity  float64  `help:"how much the heat covers the picture where it is strongest" min:"0" max:"1" step:"0.05"`
}

// A Colormap is the name of one of figure.Colormaps.
type Colormap string

// Choices lists the colour maps.
func (Colormap) Choices() []viz.Choice { return attribution.Colormaps() }

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	if _, err := in.Model.Classifier(); err != nil {
		return nil, err
	}
	if err := attribution.TakesPictures(in.Model); err != nil {
		return nil, err
	}
	methods, err := methodsFor(in.Model, p.Layer, in.Seed)
	if err != nil {
		return nil, err
	}
	list, err := attribution.Choose(ctx, in, p.Show)
	d := &draft{Input: in, list: list}
	if err != nil {
		return d.soFar(nil), err
	}
	total := list.All() * len(methods)
	n := 0
	for s, err := range attribution.Subjects(ctx, in, list.Images, attribution.Readying{Masks: true, Boxes: p.Box}) {
		if err != nil {
			return d.soFar(nil), err
		}
		w := &work{Input: in, params: p, methods: methods}
		w.report = func(k int, what string, a *account) {
			told := viz.Progress{Done: list.Steps(n)*len(methods) + k, Total: total, What: s.Name + ": " + what}
			if a != nil {
				told.Partial = d.soFar(a)
			}
			in.Progress(told)
		}
		a, err := w.explain(ctx, s)
		if err != nil {
			return d.soFar(a), err
		}
		d.add(a)
		n++
	}
	in.Progress(viz.Progress{Done: total, Total: total})
	return d.report(), nil
}
