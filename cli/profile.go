package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/viz"
)

func (p *program) profile() *cobra.Command {
	o := &profileOptions{}
	cmd := &cobra.Command{
		Use:   "profile MODEL [IMAGE] [flags]",
		Short: "Measure what takes the time in a model",
		Long: `Profile runs a model some times and prints where the time goes: by operator, by module, and the slowest steps, each with its share, its multiply-accumulates, its speed and the bytes that it writes.

A step is one node, or several that Tomo computes as one (Conv + Relu). Nodes that are constant, that change nothing, or that are done by reading in another order take no step. Times are medians.

With --gradients it is the way forward and back: the gradient of the classes' scores, or else of the first output, with respect to the input or to all parameters.`,
		Example: `  # where does the time go?
  tomo profile model.onnx
  # for a batch of eight on one processor
  tomo profile model.onnx --dim batch=8 --threads 1
  # what does a step of training take?
  tomo profile model.onnx --gradients parameters
  # a timeline for chrome://tracing or ui.perfetto.dev
  tomo profile model.onnx -o trace.json`,
		Args: exactly(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runProfile(cmd.Context(), o, args) },
	}
	o.add(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("gradients", cobra.FixedCompletions(
		[]string{string(inspect.InputGradients), string(inspect.ParameterGradients)}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

type profileOptions struct {
	feedOptions
	runs, depth, top int
	gradients, file  string
	json             bool
}

func (o *profileOptions) add(flags *pflag.FlagSet) {
	o.feedOptions.add(flags)
	o.model.engine.addThreads(flags)
	flags.IntVar(&o.runs, "runs", 10, "runs to measure, after one to warm up")
	flags.IntVar(&o.depth, "depth", 2, "how many names of a module's path are told apart")
	flags.IntVar(&o.top, "top", 15, "slowest steps to print; 0 means all")
	flags.StringVar(&o.gradients, "gradients", "", "measure gradients too: input or parameters")
	flags.StringVarP(&o.file, "output", "o", "", "file for the timeline of one run as a Chrome trace, .json")
	flags.BoolVar(&o.json, "json", false, "print every step as JSON")
}

// check refuses numbers that mean nothing.
func (o *profileOptions) check() error {
	if o.runs < 1 || o.runs > 100000 {
		return fault.Userf("--runs is 1 to 100000, not %d", o.runs)
	}
	if o.depth < 1 || o.top < 0 {
		return fault.Userf("--depth is at least 1 and --top at least 0")
	}
	return checkTarget(o.file, ".json")
}

func (p *program) runProfile(ctx context.Context, o *profileOptions, args []string) error {
	if err := o.check(); err != nil {
		return err
	}
	gradients, err := inspect.ParseGradients(o.gradients)
	if err != nil {
		return err
	}
	m, err := o.model.openModel(args[0])
	if err != nil {
		return err
	}
	given, err := o.given(m, args[1:])
	if err != nil {
		return err
	}
	progress := p.newProgress("profile")
	profile, err := inspect.Measure(ctx, m, given, inspect.ProfileOptions{
		FillOptions: o.fill(), Runs: o.runs, Gradients: gradients,
		Progress: func(done, total int) { progress.report(viz.Progress{Done: done, Total: total, What: "runs"}) },
	})
	progress.end()
	if err != nil {
		return err
	}
	if o.file != "" {
		if err := replaceFile(o.file, profile.WriteChrome); err != nil {
			return err
		}
		return p.tellFile(o.file, profile.Made)
	}
	return p.printProfile(profile, o)
}

func (p *program) printProfile(profile *inspect.Profile, o *profileOptions) error {
	if o.json {
		return json.NewEncoder(p.stdout).Encode(profile)
	}
	if p.quiet {
		return nil
	}
	tables := []*figure.Table{costTable("operator", profile.Operators(), profile)}
	if modules := profile.Modules(o.depth); len(modules) > 1 {
		tables = append(tables, costTable("module", modules, profile))
	}
	steps := profile.Slowest()
	if o.top > 0 {
		steps = steps[:min(o.top, len(steps))]
	}
	tables = append(tables, costTable("step", steps, profile))
	tables[0].Title = profile.Model
	tables[0].Subtitle = fmt.Sprintf("%s for one run, the median of %d", roundTime(profile.Time), profile.Runs)
	addMade(&tables[len(tables)-1].About, profile.Made)
	return p.printTable(tables...)
}

// costTable has a line for each cost, as a share of what all steps take.
func costTable(name string, costs []inspect.Cost, profile *inspect.Profile) *figure.Table {
	total := time.Duration(1)
	for _, c := range profile.Steps {
		total += c.Time
	}
	t := &figure.Table{Columns: []figure.Column{
		{Name: name}, number("steps"), number("time"), number("ms"), number("MACs"), number("GFLOP/s"), number("bytes"), {Name: "by"},
	}}
	for _, c := range costs {
		t.Rows = append(t.Rows, figure.Row{Cells: costCells(c, float64(c.Time)/float64(total))})
	}
	return t
}

func costCells(c inspect.Cost, share float64) []figure.Cell {
	name, by, ms, speed := c.Name, "kernel", float64(c.Time.Nanoseconds())/1e6, figure.Text("–")
	if name == "" {
		name = "(no module)"
	}
	if !c.Kernel {
		by = "reference"
	}
	if c.FLOPs > 0 && c.Time > 0 {
		speed = figure.Cell{Text: fmt.Sprintf("%.1f", c.GFLOPS()), Value: c.GFLOPS()}
	}
	return []figure.Cell{
		figure.Text(name), figure.Count(int64(c.Steps)),
		{Text: fmt.Sprintf("%.1f %%", 100*share), Value: share}, {Text: fmt.Sprintf("%.3f", ms), Value: ms},
		figure.Count(c.MACs), speed, figure.Count(c.Bytes), figure.Text(by),
	}
}
