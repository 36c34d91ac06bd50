package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/viz"
)

// errFound ends the program with exitFound.
var errFound = errors.New("something was found")

// verdict makes the verb, below a technique's own, that tells scripts what the
// technique found.
func (p *program) verdict(m *viz.Method) *cobra.Command {
	var failOn string
	cmd := &cobra.Command{
		Use:   "verdict" + usageOf(m),
		Short: "Tell by the exit code what was found, for scripts",
		Long: fmt.Sprintf(`Verdict looks at what is given as tomo %s does, prints what it found, and ends with exit code 3 if any of it is at least as grave as --fail-on says; with 0 if not. Mistakes in what is given are 2 and bugs 1, as everywhere.

With --json it prints the findings alone, as a list of objects with subject, kind, severity, metric, step and text.`, m.Name),
		Example: fmt.Sprintf("  # fails where a run went wrong, and not for warnings\n  tomo %s verdict logs --fail-on failure", m.Name),
		Args:    exactly(argsOf(m)),
	}
	o := p.addOptions(cmd, m, slices.Collect(maps.Keys(m.Verdict)))
	cmd.Flags().StringVar(&failOn, "fail-on", "warning", "the least severity for exit code 3: "+strings.Join(figure.Severities(), ", "))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		least := slices.Index(figure.Severities(), failOn)
		if least < 0 {
			return fault.Userf("--fail-on is %s, not %q", strings.Join(figure.Severities(), ", "), failOn)
		}
		maps.Copy(o.values, m.Verdict)
		return p.runVerdict(cmd.Context(), m, o, args, least)
	}
	return cmd
}

func (p *program) runVerdict(ctx context.Context, m *viz.Method, o *techniqueOptions, args []string, least int) error {
	fig, err := p.figureOf(ctx, m, o, args)
	if err != nil {
		return err
	}
	report, ok := fig.(*figure.Report)
	if !ok {
		return fmt.Errorf("%s gives a %s for a verdict", m.Name, fig.Kind())
	}
	if o.output.json {
		err = p.printFindings(report.Findings)
		o.output.json = false
		if err != nil {
			return err
		}
		if len(o.output.files) == 0 {
			return found(report, least)
		}
	}
	if err := p.write(m, fig, &o.output); err != nil { // what could not be written is the worse news
		return err
	}
	return found(report, least)
}

func (p *program) printFindings(list []figure.Finding) error {
	if list == nil {
		list = []figure.Finding{}
	}
	out := json.NewEncoder(p.stdout)
	out.SetIndent("", "  ")
	return out.Encode(list)
}

func found(r *figure.Report, least int) error {
	for _, f := range r.Findings {
		if slices.Index(figure.Severities(), f.Severity) >= least {
			return errFound
		}
	}
	return nil
}
