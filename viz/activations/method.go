package activations

import (
	"context"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "activations",
	Doc:  "what each layer puts out, for one picture or a folder",
	About: `Every layer of a network puts out numbers: maps from convolutions, tokens from transformers, plain lists from linear layers. ` +
		`The strips and walls show them for one picture, the strongest channels first, each in its own scale of colours unless you ask for the layer's; ` +
		`a bright map in one tile may therefore be far weaker than a dull one in another, which the numbers below tell.` + "\n\n" +
		`Over a folder the statistics tell which units never answer and which are stuck at the ends of their activation function. ` +
		`They are true of the pictures you gave: a unit that is silent on fifty photographs of cats may still be what finds ships. ` +
		`Means, deviations and extremes are exact; medians and histograms are counted in bins that are 1.6 % wide, so that they are off by 0.8 % at most.` + "\n\n" +
		`The pictures that excite a unit most, and the crops that it sees of them, suggest what it finds, among what you gave it; a few of them make no proof. ` +
		`Contributions are activation × gradient, a first-order estimate, and exact only where the rest of the network is linear. ` +
		`The pruning report therefore tries what it proposes, and draws chance beside it: channels are put to zero and the network is not trained again, as one would before it is used. ` +
		`Rows of the matrix may be pictures, labels, answers or subsets of your own (ActiVis, arXiv 1704.01942). ` +
		`What reaches a layer is the activity of its places (arXiv 1612.03928) spread by their effective receptive fields (arXiv 1701.04128); it knows no class.`,
	Phases: []viz.Phase{viz.While, viz.After, viz.InUse},
	Needs:  viz.NeedsModel | viz.NeedsWeights | viz.NeedsImage,
	Examples: []viz.Example{
		{Line: "activations model.onnx photo.jpg -o layers.png", Remark: "the strongest channels of layer after layer"},
		{Line: "activations model.onnx photo.jpg --view wall --layer layer2 -o wall.html", Remark: "every channel of one layer, to explore in a browser"},
		{Line: "activations model.onnx pictures --view pruning --layer layer3 -o pruning.pdf", Remark: "how many channels can go, tried on pictures in folders named like their classes"},
		{Line: "activations model.onnx pictures --view matrix --subset 'striped=zebra*,tiger*' --subset 'plain=horse*' -o matrix.html", Remark: "subsets of your own against the units, to sort in a browser"},
		{Line: "activations model.onnx pictures --view units --layer layer4 --unit 17 -o unit17.png", Remark: "the pictures that excite one unit most"},
		{Line: "activations model.onnx pictures --view stats --layer all -o units.csv", Remark: "statistics of every unit over a folder, dead ones marked"},
	},
	Terminal: viz.Values{"view": {"summary"}},
	Defaults: Params{View: "layers", Rows: byPicture, Top: 12, Steps: 16, By: byMean, Span: spanChannel, Colormap: "inferno"},
	Run:      run,
})

// Params are what a user may set.
type Params struct {
	View     View     `help:"what is shown"`
	Layer    []string `help:"layer to read, by module, node or value, or 'all'; may be repeated; the default is the last one with maps, or all steps of the network where a view compares layers" source:"layers"`
	Unit     []int    `help:"unit to look at, counted from 0; may be repeated; the default are the choosiest" min:"0"`
	Class    []string `help:"class to give a row in --view classes, by number or label; may be repeated; the default are all of few, or those of the pictures" source:"classes"`
	Rows     Rows     `help:"what has a row of its own in --view matrix"`
	Subset   []string `help:"a subset of the pictures for --view matrix, as name=pattern,pattern for names or labels; may be repeated"`
	Top      int      `help:"how many are shown of what comes first" min:"1" max:"1000"`
	Steps    int      `help:"steps in which channels are taken away" min:"1" max:"1000" advanced:"true"`
	By       Measure  `help:"what makes a channel strong"`
	Span     Span     `help:"what the colours of a map span"`
	Colormap Colormap `help:"colours of the maps"`
}

// A Colormap is the name of one of figure.Colormaps.
type Colormap string

// Choices lists the colour maps.
func (Colormap) Choices() []viz.Choice { return attribution.Colormaps() }

// A Span says whose range of values the colours of a map stand for.
type Span string

const (
	spanChannel Span = "channel"
	spanLayer   Span = "layer"
)

// Choices lists the spans.
func (Span) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(spanChannel), Help: "each channel's own range: shows where it is strong, and not how strong"},
		{Name: string(spanLayer), Help: "the range of the whole layer: weak channels are dark"},
	}
}

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	for _, name := range p.Class { // whatever the view, a name that is not known is a mistake
		if _, err := in.Model.Class(name); err != nil {
			return nil, err
		}
	}
	s, err := newSurvey(in, p)
	if err != nil {
		return nil, err
	}
	view := p.View.entry()
	if view.most > 0 && len(in.Images) > view.most {
		return nil, viz.Userf("%s shows at most %d pictures at once, not %d; take fewer, or --view stats for what a folder does", view.name, view.most, len(in.Images))
	}
	c, err := view.collect(s)
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, c)
	if err == nil {
		if f, ok := c.(finisher); ok {
			err = f.finish(ctx)
		}
	}
	fig := s.signed(c.figure())
	if err == nil {
		s.in.Progress(viz.Progress{Done: s.total, Total: s.total})
	}
	return fig, err
}

// signed completes a figure's caption.
func (s *survey) signed(fig figure.Figure) figure.Figure {
	if fig == nil {
		return nil
	}
	about := fig.Caption()
	about.Subtitle = s.model.Name
	switch {
	case s.seen == 1:
		about.Subtitle += ", " + s.lastName
	case s.seen > 1:
		about.Subtitle += ", " + figure.Thousands(int64(s.seen)) + " pictures"
	}
	attribution.Describe(about, s.model)
	return fig
}
