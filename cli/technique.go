package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
)

type flag = pflag.Flag

// technique makes the verb of a technique from its description.
func (p *program) technique(m *viz.Method) *cobra.Command {
	cmd := &cobra.Command{
		Use:     m.Name + usageOf(m),
		Short:   capital(m.Doc),
		Long:    capital(m.Doc) + ".\n\n" + m.About,
		Example: examplesOf(m),
		GroupID: "technique",
		Args:    exactly(argsOf(m)),
	}
	o := p.addOptions(cmd, m, nil)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.runTechnique(cmd.Context(), m, o, args)
	}
	if m.Verdict != nil {
		cmd.AddCommand(p.verdict(m))
	}
	return cmd
}

// addOptions gives a verb the flags of a technique, but for parameters that are
// settled.
func (p *program) addOptions(cmd *cobra.Command, m *viz.Method, settled []string) *techniqueOptions {
	o := &techniqueOptions{values: viz.Values{}}
	o.input.add(cmd, m)
	o.output.add(cmd.Flags())
	for _, param := range m.Params() {
		if slices.Contains(settled, param.Name) {
			continue
		}
		cmd.Flags().Var(&paramFlag{param, o.values}, param.Name, helpOf(param))
		if param.Type == "bool" {
			cmd.Flags().Lookup(param.Name).NoOptDefVal = "true"
		}
		p.completeParam(cmd, m, param)
	}
	return o
}

type techniqueOptions struct {
	input  inputOptions
	output outputOptions
	values viz.Values
}

func (p *program) runTechnique(ctx context.Context, m *viz.Method, o *techniqueOptions, args []string) error {
	if len(o.output.files) == 0 && !o.output.json {
		for name, texts := range m.Terminal {
			if _, given := o.values[name]; !given {
				o.values[name] = texts
			}
		}
	}
	fig, err := p.figureOf(ctx, m, o, args)
	if fig == nil {
		return err
	}
	return errors.Join(p.write(m, fig, &o.output), err)
}

// figureOf opens what is given and runs the technique on it. A figure that comes
// with an error is a part of what it would have been.
func (p *program) figureOf(ctx context.Context, m *viz.Method, o *techniqueOptions, args []string) (figure.Figure, error) {
	if err := o.output.check(); err != nil {
		return nil, err
	}
	in, closeInput, err := p.load(ctx, m, &o.input, args)
	if err != nil {
		return nil, err
	}
	defer closeInput()
	progress := p.newProgress(m.Name)
	skipped := &skipper{progress: progress, total: len(in.Images)}
	in.Progress, in.Skip = progress.report, skipped.tell
	fig, err := m.Run(ctx, in, o.values)
	progress.end()
	skipped.end()
	if err != nil && (fig == nil || ctx.Err() == nil) {
		return nil, err
	}
	if err != nil {
		fig.Caption().Warn("This is a part of the figure: the work was stopped before its end.")
	}
	return fig, err
}

func usageOf(m *viz.Method) string {
	use := ""
	if m.Series {
		use = " MODEL... --data FOLDER|FILE"
		if m.Instead.Has(viz.NeedsRuns) {
			use += " | LOG|FOLDER|STORE..."
		}
		return use + " [flags]"
	}
	if m.Needs.Has(viz.NeedsModel) {
		use += " MODEL"
	}
	if m.Needs.Has(viz.NeedsImage) {
		use += " IMAGE|FOLDER..."
	}
	if m.Needs.Has(viz.NeedsRuns) {
		use += " LOG|FOLDER|STORE..."
	}
	return use + " [flags]"
}

func argsOf(m *viz.Method) cobra.PositionalArgs {
	n := 0
	if m.Series {
		return cobra.MinimumNArgs(1)
	}
	if m.Needs.Has(viz.NeedsModel) {
		n++
	}
	if m.Needs.Has(viz.NeedsImage) || m.Needs.Has(viz.NeedsRuns) {
		return cobra.MinimumNArgs(n + 1)
	}
	return cobra.ExactArgs(n)
}

func examplesOf(m *viz.Method) string {
	var b strings.Builder
	for _, e := range m.Examples {
		fmt.Fprintf(&b, "  # %s\n  tomo %s\n", e.Remark, e.Line)
	}
	return strings.TrimRight(b.String(), "\n")
}

// helpOf adds the choices, the range and the unit to a parameter's help.
func helpOf(p viz.Param) string {
	help := p.Help
	if len(p.Choices) > 0 {
		help += ":"
		for _, c := range p.Choices {
			help += fmt.Sprintf("\n  %-12s %s", c.Name, c.Help)
		}
		return help
	}
	switch {
	case p.Min != nil && p.Max != nil:
		help += fmt.Sprintf(", %v to %v", *p.Min, *p.Max)
	case p.Min != nil:
		help += fmt.Sprintf(", at least %v", *p.Min)
	case p.Max != nil:
		help += fmt.Sprintf(", at most %v", *p.Max)
	}
	if p.Unit != "" {
		help += " (" + p.Unit + ")"
	}
	return help
}

// A paramFlag is a parameter as a flag: it checks what it is given at once and
// collects it as text.
type paramFlag struct {
	viz.Param
	values viz.Values
}

func (f *paramFlag) Set(text string) error {
	if err := f.Check(text); err != nil {
		return err
	}
	if !f.List {
		f.values[f.Name] = viz.Strings{text}
		return nil
	}
	f.values[f.Name] = append(f.values[f.Name], text)
	return nil
}

func (f *paramFlag) String() string { return f.Default.String() }

func (f *paramFlag) Type() string {
	if f.Param.Type == "bool" {
		return ""
	}
	return f.Param.Type
}

// completeParam offers choices, and layers and classes of the model on the line,
// to the shell.
func (p *program) completeParam(cmd *cobra.Command, m *viz.Method, param viz.Param) {
	_ = cmd.RegisterFlagCompletionFunc(param.Name, func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		return p.complete(m, param, args), cobra.ShellCompDirectiveNoFileComp
	})
}

func (p *program) complete(m *viz.Method, param viz.Param, args []string) []string {
	var out []string
	for _, c := range param.Choices {
		out = append(out, c.Name+"\t"+c.Help)
	}
	if param.Source == "" || len(args) == 0 || !m.Needs.Has(viz.NeedsModel) {
		return out
	}
	model, err := (&inputOptions{}).openModel(args[0])
	if err != nil {
		return out
	}
	switch param.Source {
	case "layers":
		for _, l := range model.Layers() {
			out = append(out, l.Name+"\t"+l.Shape)
		}
	case "modules":
		out = append(out, model.Modules()...)
	case "classes":
		out = slices.Concat(out, model.Labels.Names)
	}
	return out
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
