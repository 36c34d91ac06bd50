package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

func (p *program) run() *cobra.Command {
	o := &runOptions{}
	cmd := &cobra.Command{
		Use:   "run MODEL [IMAGE] [flags]",
		Short: "Compute any values of a model",
		Long: `Run computes the outputs of a model, or any values inside it, prints what they are like, and writes them as NumPy arrays.

Inputs are NumPy arrays or, for the image input, a picture. Any value can be given, also one inside the model; then nothing before it runs. Inputs that are not given are made up, and it says how: a picture of noise, normal numbers, zeros for integers, ones for masks.`,
		Example: `  # the outputs for a picture
  tomo run model.onnx photo.jpg
  # two layers for an array of one's own, to be opened with numpy.load
  tomo run model.onnx --input x=x.npy --fetch layer1 --fetch layer4 -o layers.npz
  # the range of every value, with NaN and Inf counted
  tomo run model.onnx --fetch all
  # a language model on 128 tokens
  tomo run bert.onnx --input input_ids=tokens.npz --dim sequence=128`,
		Args: exactly(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runRun(cmd.Context(), o, args) },
	}
	o.add(cmd)
	_ = cmd.RegisterFlagCompletionFunc("fetch", func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		layers := viz.Param{Source: "layers"}
		return append(p.complete(&viz.Method{Needs: viz.NeedsModel}, layers, args), inspect.All), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

type runOptions struct {
	feedOptions
	fetch []string
	file  string
	json  bool
}

func (o *runOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.feedOptions.add(flags)
	o.model.engine.add(cmd)
	flags.StringArrayVar(&o.fetch, "fetch", nil, "value, node or module to compute, or all for every floating-point value; may be repeated; the outputs if left out")
	flags.StringVarP(&o.file, "output", "o", "", "file to write the values to, .npz")
	flags.BoolVar(&o.json, "json", false, "print the table as JSON")
}

func (p *program) runRun(ctx context.Context, o *runOptions, args []string) error {
	if err := checkTarget(o.file, ".npz"); err != nil {
		return err
	}
	m, err := o.model.openModel(args[0])
	if err != nil {
		return err
	}
	fetch, err := inspect.Find(m, o.fetch)
	if err != nil {
		return err
	}
	given, err := o.given(m, args[1:])
	if err != nil {
		return err
	}
	feeds, made, err := inspect.Fill(m, given, fetch, o.fill())
	if err != nil {
		return err
	}
	progress := p.newProgress("run")
	values, err := inspect.Run(counted(ctx, progress, len(m.Net.Nodes)), m, feeds, fetch)
	progress.end()
	if err != nil {
		return inspect.Advise(err, made)
	}
	fetch, values = inspect.Unpack(fetch, values)
	if o.file != "" {
		if err := replaceFile(o.file, func(w io.Writer) error { return inspect.Write(w, fetch, values) }); err != nil {
			return err
		}
		return p.tellFile(o.file, made)
	}
	return p.tellValues(m, fetch, inspect.SummarizeAll(values), made, o.json)
}

func (p *program) tellFile(file string, made []inspect.Made) error {
	if p.quiet {
		return nil
	}
	for _, in := range made {
		fmt.Fprintf(p.stderr, "%q was made up: %s\n", in.Name, in)
	}
	fmt.Fprintln(p.stderr, "wrote", file)
	return nil
}

func (p *program) tellValues(m *model.Model, fetch []inspect.Named, sums []inspect.Summary, made []inspect.Made, asJSON bool) error {
	if asJSON {
		type value struct {
			Name string `json:"name"`
			inspect.Summary
		}
		values := make([]value, len(sums))
		for i, s := range sums {
			values[i] = value{fetch[i].Name, s}
		}
		return json.NewEncoder(p.stdout).Encode(map[string]any{"values": values, "made": made})
	}
	if p.quiet {
		return nil
	}
	t := &figure.Table{About: figure.About{Title: m.Name}, Columns: []figure.Column{
		{Name: "value"}, {Name: "type"}, {Name: "shape"}, number("min"), number("mean"), number("max"), number("std"), number("NaN"), number("Inf"),
	}}
	for i, s := range sums {
		t.Rows = append(t.Rows, figure.Row{Cells: append([]figure.Cell{figure.Text(fetch[i].Name)}, summaryCells(s)...)})
	}
	addMade(&t.About, made)
	return p.printTable(t)
}

func number(name string) figure.Column { return figure.Column{Name: name, Number: true} }

// summaryCells leave out what no element has a number for.
func summaryCells(s inspect.Summary) []figure.Cell {
	cells := []figure.Cell{figure.Text(s.Type), figure.Text(inspect.ShapeText(s.Shape))}
	for _, x := range []float64{s.Min, s.Mean, s.Max, s.Std} {
		cell := figure.Text("–")
		if s.Finite() > 0 {
			cell = figure.Cell{Text: fmt.Sprintf("%.5g", x), Value: x}
		}
		cells = append(cells, cell)
	}
	return append(cells, figure.Count(int64(s.NaN)), figure.Count(int64(s.Inf)))
}
