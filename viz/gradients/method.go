package gradients

import (
	"context"
	"fmt"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "gradients",
	Doc:  "how the gradient flows through the layers, and whether it vanishes, explodes or breaks",
	About: `Training moves each parameter against its gradient. Where gradients vanish on their way back, the first layers hardly learn; where they explode, one step undoes what was learnt; and a single number that is not finite ends the training. ` +
		`Tomo computes every layer's gradient itself, from a model and labelled data, over a series of checkpoints, or reads what was logged while a network was trained, and says in words what it finds, with the numbers that it rests on.` + "\n\n" +
		rulesInWords() + "\n\n" +
		`A network is judged as it is, in inference form: batch normalizations use the statistics that they have kept, dropouts let all pass, so that gradients are not quite those of the training step. ` +
		`A weight's gradient also depends on what its layer is given; the second plot of the flow, of the gradient with respect to what layers put out, does not. ` +
		`Of a log, only what was logged is known: norms of many steps are drawn by their greatest value, so that no spike is lost.`,
	Phases:  []viz.Phase{viz.Before, viz.While, viz.After},
	Needs:   viz.NeedsModel | viz.NeedsWeights | viz.NeedsGradients | viz.NeedsImage,
	Instead: viz.NeedsRuns,
	Series:  true,
	Examples: []viz.Example{
		{Line: "gradients model.onnx --data pictures", Remark: "what is wrong, in words, for pictures in folders named like their classes"},
		{Line: "gradients model.onnx --data train-images-idx3-ubyte.gz --view flow -o flow.png", Remark: "norms by depth, for MNIST's files"},
		{Line: "gradients model.onnx --data arrays.npz --loss mse -o table.csv --view table", Remark: "every parameter's gradient, for arrays x and target"},
		{Line: "gradients ckpt-100.onnx ckpt-200.onnx ckpt-300.onnx --data pictures --view heatmap -o training.html", Remark: "layers against checkpoints"},
		{Line: "gradients model.onnx --data pictures --view graph -o graph.svg", Remark: "painted on the network's architecture"},
		{Line: "gradients runs --view verdict", Remark: "the verdict on what was logged in a folder, by Tomo, Lightning, W&B, TensorBoard or Hugging Face"},
	},
	Verdict:  viz.Values{"view": {"verdict"}},
	Defaults: defaults,
	Run:      run,
})

var defaults = Params{View: "verdict", Loss: crossEntropy, Reduce: byMean, Batch: 16, Samples: 512}

// Params are what a user may set.
type Params struct {
	View    View      `help:"what is shown"`
	Loss    Loss      `help:"what is differentiated"`
	Value   string    `help:"value for --loss value, by module, node or value; the default is the first output" source:"layers"`
	Reduce  Reduction `help:"what makes one number of it"`
	Only    []string  `help:"show only parameters whose names have this in them; may be repeated"`
	Batch   int       `help:"samples in a batch, where the network takes any number" min:"1" max:"4096"`
	Samples int       `help:"samples that are used at most, drawn by the seed; 0 means all" min:"0" max:"100000000"`
	Noise   bool      `help:"also the gradient signal-to-noise ratio, which takes one more copy of the gradients in memory" advanced:"true"`
}

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	if len(in.Runs) > 0 {
		return ofLogs(ctx, in, p)
	}
	if p.Value != "" { // whatever the loss, a name that is not known is a mistake
		if _, _, err := valueOf(in.Model, p.Value); err != nil {
			return nil, err
		}
	}
	if len(in.Checkpoints) > 1 {
		return ofSeries(ctx, in, p)
	}
	return ofModel(ctx, in, p)
}

// ofModel looks at one model.
func ofModel(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	s, err := newPass(ctx, in, in.Model, p)
	if err != nil {
		return nil, err
	}
	total := len(s.which)
	err = s.run(ctx, func(done int) {
		in.Progress(viz.Progress{Done: done, Total: total, What: fmt.Sprintf("batch %d of %d", done+1, total), Partial: partial(ctx, s, p, done)})
	})
	if s.samples == 0 {
		return nil, err
	}
	fig, viewErr := show(context.WithoutCancel(ctx), s.conclude(), p)
	if err != nil {
		return fig, err
	}
	in.Progress(viz.Progress{Done: total, Total: total})
	return fig, viewErr
}

// partial is the figure so far, from time to time: to make it may take longer
// than a batch.
func partial(ctx context.Context, s *pass, p Params, done int) figure.Figure {
	if done == 0 || done&(done-1) != 0 || s.samples == 0 {
		return nil
	}
	fig, err := show(ctx, s.conclude(), p)
	if err != nil {
		return nil
	}
	return fig
}

// show makes the view of a history.
func show(ctx context.Context, h *history, p Params) (figure.Figure, error) {
	shown, err := h.only(p.Only)
	if err != nil {
		return nil, err
	}
	v := p.View.entry()
	if v.rows && len(h.rows) == 0 {
		return nil, viz.Userf("--view %s looks at single parameters, and %s has logged the norm of all gradients together only", v.name, h.title)
	}
	fig, err := v.draw(ctx, shown)
	if fig != nil {
		shown.sign(fig.Caption())
	}
	return fig, err
}

// sign completes a figure's caption.
func (h *history) sign(about *figure.About) {
	if about.Subtitle == "" {
		about.Subtitle = h.title
	}
	about.Facts = append(about.Facts, h.facts...)
	if h.model != nil {
		attribution.Describe(about, h.model)
	}
	about.Warnings = append(about.Warnings, h.warnings...)
}

// only keeps the rows whose names have one of some texts in them.
func (h *history) only(texts []string) (*history, error) {
	if len(texts) == 0 {
		return h, nil
	}
	var keep []int
	for i, p := range h.rows {
		for _, text := range texts {
			if strings.Contains(p.name, text) {
				keep = append(keep, i)
				break
			}
		}
	}
	if len(h.rows) == 0 {
		return nil, viz.Userf("%s has logged the norm of all gradients together, and nothing of single parameters", h.title)
	}
	if len(keep) == 0 {
		return nil, viz.Userf("no parameter's name has %q in it; the first is %q and the last %q", texts, h.rows[0].name, h.rows[len(h.rows)-1].name)
	}
	return h.choose(keep), nil
}
