package arch

import (
	"context"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "arch",
	Doc:  "the network's architecture: layers, shapes, parameters and cost",
	About: `Every box is an operator, or a module that is folded; data flows along the lines. A box says what it puts out, how many numbers it has learnt, and how many multiply-accumulates it takes for one input. ` +
		`Check before training that shapes, counts and wiring are what you meant.` + "\n\n" +
		`Counts follow the usual conventions: parameters are what training changes, without the running statistics of batch normalization, which are listed as buffers; one multiply-accumulate is two floating-point operations. ` +
		`A symbolic extent, such as the batch, counts as one.`,
	Phases: []viz.Phase{viz.Before, viz.While, viz.After, viz.InUse},
	Needs:  viz.NeedsModel,
	Examples: []viz.Example{
		{Line: "arch model.onnx", Remark: "the layers as a table, in the terminal"},
		{Line: "arch model.onnx -o arch.svg", Remark: "the drawing"},
		{Line: "arch model.onnx --expand layer4 --fold layer1 -o arch.html", Remark: "open one module and fold another; explore it in a browser"},
		{Line: "arch model.onnx --direction left-right -o arch.pdf", Remark: "for a wide page"},
	},
	Defaults: defaults,
	Terminal: viz.Values{"view": {"table"}},
	Run:      run,
})

var defaults = Params{View: "graph", Direction: "top-down", MaxNodes: 60}

// Params are what a user may set.
type Params struct {
	View      View      `help:"a drawing or a table"`
	Expand    []string  `help:"module to open beyond those that fit; may be repeated" source:"modules"`
	Fold      []string  `help:"module to fold; may be repeated" source:"modules"`
	MaxNodes  int       `help:"boxes to draw before modules are folded" min:"1" max:"20000"`
	Direction Direction `help:"the way data flows"`
	Plumbing  bool      `help:"show also what only computes shapes and constants, and what quantizes"`
}

// A View is a form of the figure.
type View string

// Choices lists the views.
func (View) Choices() []viz.Choice {
	return []viz.Choice{{Name: "graph", Help: "boxes and lines"}, {Name: "table", Help: "a row for each layer, as a summary"}}
}

// A Direction is the way data flows in the drawing.
type Direction string

// Choices lists the directions.
func (Direction) Choices() []viz.Choice {
	return []viz.Choice{{Name: "top-down", Help: "for scrolling"}, {Name: "left-right", Help: "for wide pages"}}
}

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	in.Progress(viz.Progress{Total: 1, What: "reading the graph"})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s, err := survey(in.Model, p.Plumbing)
	if err != nil {
		return nil, err
	}
	tree := modulesOf(s)
	fig, err := view(ctx, s, tree, p)
	if err != nil {
		return nil, err
	}
	describe(fig.Caption(), in.Model, s)
	in.Progress(viz.Progress{Done: 1, Total: 1})
	return fig, nil
}

func view(ctx context.Context, s *network, tree *module, p Params) (figure.Figure, error) {
	if err := choose(s, tree, p); err != nil {
		return nil, err
	}
	if p.View == "table" {
		return tabulate(s, tree), nil
	}
	d, err := draw(ctx, s, tree, p)
	if err != nil {
		return nil, err
	}
	return d.fig, nil
}

func describe(about *figure.About, m *model.Model, s *network) {
	about.Title = "Architecture of " + m.Name
	about.Subtitle = summary(s)
	if maker := m.File.Meta["producer_name"]; maker != "" {
		about.Add("made by", strings.TrimSpace(maker+" "+m.File.Meta["producer_version"]))
	}
	if v, ok := m.File.Opsets[""]; ok {
		about.Add("operators", fmt.Sprintf("ONNX opset %d", v))
	}
	if text := notDrawn(s); text != "" {
		about.Add("not shown", text)
	}
	if s.inner > 0 {
		about.Warn(fmt.Sprintf("%d operators in the branches and bodies of If, Loop or Scan are not drawn. Their weights are counted; what they cost depends on the run and is not.", s.inner))
	}
	if len(s.unknown) > 0 {
		about.Warn(fmt.Sprintf("Tomo cannot run %s; what lies behind may lack shapes and costs.", list(s.unknown, 6)))
	}
	for _, text := range s.missing {
		about.Warn(text)
	}
}

// notDrawn says what is hidden, and how to see it.
func notDrawn(s *network) string {
	var parts []string
	if s.quantizers > 0 {
		parts = append(parts, figure.Thousands(int64(s.quantizers))+" operators that quantize")
	}
	if s.idle > 0 {
		parts = append(parts, figure.Thousands(int64(s.idle))+" operators that compute only shapes and constants")
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "; --plumbing shows them"
}

// summary is one line: inputs to outputs, and how many operators between.
func summary(s *network) string {
	return fmt.Sprintf("%s → %s, %s operators", ports(s, s.model.Net.Inputs), ports(s, s.model.Net.Outputs), figure.Thousands(int64(s.operators)))
}

func list(words []string, most int) string {
	if len(words) > most {
		return strings.Join(words[:most], ", ") + fmt.Sprintf(" and %d more", len(words)-most)
	}
	return strings.Join(words, ", ")
}
