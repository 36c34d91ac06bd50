package training

import (
	"context"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/training/curve"
)

// Method is the technique.
var Method = viz.Define(viz.Spec[Params]{
	Name: "training",
	Doc:  "how trainings go: their curves, what they logged, and what went wrong in them",
	About: `Curves are drawn from a pyramid of summaries: each column of a plot holds the least, the greatest and the mean of all points in it, so that no spike is lost however long a run is; the band around a curve is that range. ` +
		`Where values are smoothed, the curve before smoothing stays behind, faint. Smoothing is an exponentially weighted mean without bias at its beginning, by steps and not by points: at even steps it is TensorBoard's. ` +
		`Curves of up to a million points are smoothed over every point, longer ones over 16,384 buckets unless you ask for all.` + "\n\n" +
		`What a metric measures is told from its name: a loss, a score, the learning rate; of training, validation or test. A name that says none of this is drawn and not judged.` + "\n\n" +
		findingsAbout,
	Phases: []viz.Phase{viz.While, viz.After},
	Needs:  viz.NeedsRuns,
	Examples: []viz.Example{
		{Line: "training logs", Remark: "a verdict on every run below a folder, with its evidence"},
		{Line: "training logs --view curves --smoothing 0.9 -o curves.png", Remark: "curves, smoothed, the raw ones behind them"},
		{Line: "training logs --view curves --metric '^train/loss$' --x relative --log-y -o loss.svg", Remark: "one metric over the time since each run began"},
		{Line: "training logs --view curves --group optimizer --metric loss -o groups.pdf", Remark: "means of the runs of one optimizer, with bands"},
		{Line: "training runs.db --view table --sort val_loss", Remark: "runs with their settings, the best of each metric and its step"},
		{Line: "training runs.db --view parallel --metric val_loss -o sweep.svg", Remark: "settings against a metric, the better runs standing out"},
		{Line: "training logs --view histograms --name conv1 --style heatmap -o weights.png", Remark: "a histogram over the steps"},
	},
	Terminal: viz.Values{"view": {"verdict"}},
	Verdict:  viz.Values{"view": {"verdict"}},
	Defaults: Params{View: "curves", Plots: byThing, X: xStep, Band: Band(curve.Spreads[0].Name), Columns: 400, Style: stylePercentiles, Stop: "patience", Patience: 10},
	Run:      run,
})

// Params are what a user may set.
type Params struct {
	View      View     `help:"what is shown"`
	Metric    []string `help:"regular expression that finds metrics by name; may be repeated; the default are all, losses first"`
	Plots     Plots    `help:"which curves share a plot"`
	X         X        `help:"what lies along the plots"`
	XMetric   string   `help:"metric that lies along the plots, in place of --x; its values are interpolated between its steps"`
	Smoothing float64  `help:"weight of what came before in a smoothed value, per usual distance of two steps" min:"0" max:"0.9999" step:"0.01"`
	Exact     bool     `help:"smooth over every point of the longest curves, too" advanced:"true"`
	LogX      bool     `help:"logarithmic axis below"`
	LogY      bool     `help:"logarithmic upright axis"`
	Robust    bool     `help:"scale plots to the bulk of the values, and say how many lie outside"`
	From      float64  `help:"first step that is shown" name:"from-step"`
	To        float64  `help:"last step that is shown; 0 is the last there is" name:"to-step"`
	Group     string   `help:"setting or tag; runs that have the same value of it are drawn as their mean with a band"`
	Band      Band     `help:"what the band around a mean shows"`
	Columns   int      `help:"columns of a plot, in each of which a curve has its least, greatest and mean value" min:"10" max:"10000" advanced:"true"`
	Config    []string `help:"setting to show; may be repeated; the default are those that differ between runs"`
	Sort      string   `help:"column of the table to sort by, - before its name for the greatest first"`
	Name      []string `help:"regular expression that finds images, texts and histograms by name; may be repeated"`
	Style     Style    `help:"how histograms are drawn"`
	Stop      Rule     `help:"rule of early stopping that is suggested"`
	Patience  int      `help:"evaluations without a better one, for --stop patience" min:"1" max:"10000"`
	Where     string   `help:"condition on runs, such as 'lr<0.01 and state=finished and val_loss.min<0.4'"`
}

func run(ctx context.Context, in *viz.Input, p Params) (figure.Figure, error) {
	s, err := newSession(ctx, in, p)
	if err != nil {
		return nil, err
	}
	fig, err := p.View.entry().show(ctx, s)
	if fig == nil {
		return nil, err
	}
	s.describe(fig.Caption())
	if err == nil {
		s.done()
	}
	return fig, err
}

// A view is one way to look at runs.
type view struct {
	name, help string
	show       func(context.Context, *session) (figure.Figure, error)
}

var views = []view{
	{"curves", "metrics over the training, any number of runs in a plot", showCurves},
	{"verdict", "what went well and what went wrong in each run, with evidence, and where to stop early", showVerdict},
	{"table", "one row for each run: state, settings, and the last, least, greatest and best value of metrics", showTable},
	{"parallel", "settings and metrics as parallel axes, a line for each run", showParallel},
	{"images", "logged images, step by step", showImages},
	{"texts", "logged texts, step by step", showTexts},
	{"histograms", "logged histograms over the steps", showHistograms},
}

// A View is the name of one of the views.
type View string

// Choices lists the views.
func (View) Choices() []viz.Choice { return viz.ChoicesOf(views, view.choice) }

func (v view) choice() viz.Choice { return viz.Choice{Name: v.name, Help: v.help} }

func (v View) entry() *view { return viz.Chosen(views, view.choice, string(v)) }
