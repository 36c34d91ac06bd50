package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/viz"
)

func (p *program) check() *cobra.Command {
	o := &checkOptions{}
	cmd := &cobra.Command{
		Use:   "check MODEL [IMAGE] [flags]",
		Short: "Find out whether a model runs, and what stands in the way",
		Long: `Check looks for operators that are not known and weights that are missing, runs the model on the executor and on the plain reference, and says how far apart they are; which operators have no native kernel; which let no gradient through between the input and the answer; and where a NaN or an infinite number first comes up, with the ranges of what it was computed from.

The model is run on what is given and on made-up inputs for the rest. Exit code 0: it runs, whatever else is told; 2: it does not.`,
		Example: `  # is this model all right?
  tomo check model.onnx
  # where do the NaN come from that this picture gives?
  tomo check model.onnx photo.jpg
  # is ONNX Runtime of the same opinion?
  tomo check model.onnx --executor ort
  # for a script, without the slow reference
  tomo check model.onnx --quick --json`,
		Args: exactly(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runCheck(cmd.Context(), o, args) },
	}
	o.add(cmd.Flags())
	o.model.engine.add(cmd)
	cmd.Flags().BoolVar(&o.quick, "quick", false, "leave out the run on the slow reference, and the comparison with it")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the report as JSON")
	return cmd
}

type checkOptions struct {
	feedOptions
	quick, json bool
}

// runCheck prints a report also of a model that cannot be opened.
func (p *program) runCheck(ctx context.Context, o *checkOptions, args []string) error {
	m, err := o.model.openModel(args[0])
	if err != nil {
		if o.json && fault.IsUser(err) {
			_ = p.printReport(&inspect.Report{Model: args[0], Obstacles: []inspect.Obstacle{{Kind: "file", What: err.Error()}}}, o.json)
		}
		return err
	}
	given, err := o.given(m, args[1:])
	if err != nil {
		return err
	}
	progress := p.newProgress("check")
	r, err := inspect.Check(ctx, m, given, inspect.CheckOptions{
		FillOptions: o.fill(), Quick: o.quick,
		Progress: func(done, total int, what string) {
			progress.report(viz.Progress{Done: done, Total: total, What: what})
		},
	})
	progress.end()
	if err != nil {
		return err
	}
	if err := p.printReport(r, o.json); err != nil || r.Runs {
		return err
	}
	return fault.Userf("%s cannot run: %s", args[0], r.Obstacles[0].What)
}

func (p *program) printReport(r *inspect.Report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.stdout).Encode(r)
	}
	if p.quiet {
		return nil
	}
	verdict := "runs"
	if !r.Runs {
		verdict = "cannot run"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n\n", r.Model, verdict)
	for _, f := range findings(r) {
		fmt.Fprintf(&b, "%-12s %s\n", f[0], f[1])
	}
	_, err := io.WriteString(p.stdout, printable(b.String()))
	return err
}
