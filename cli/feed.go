package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/inspect"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/exec"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// feedOptions say what a model is run on.
type feedOptions struct {
	model  inputOptions
	inputs []string
	dims   map[string]int
}

func (o *feedOptions) add(flags *pflag.FlagSet) {
	o.model.addPrep(flags)
	flags.StringArrayVar(&o.inputs, "input", nil, "a value as NAME=FILE: a NumPy array, or a picture for the image input; or an .npz file whose arrays have the names; may be repeated")
	flags.StringToIntVar(&o.dims, "dim", nil, "an open extent of the inputs that are made up, as NAME=NUMBER; without a name it is called INPUT.AXIS; may be repeated")
	flags.Int64Var(&o.model.seed, "seed", 0, "starts the inputs that are made up")
}

// given opens what the command line gives beside the model.
func (o *feedOptions) given(m *model.Model, pictures []string) (inspect.Given, error) {
	given := inspect.Given{}
	for _, spec := range o.inputs {
		if err := given.Read(m, spec); err != nil {
			return nil, err
		}
	}
	for _, file := range pictures {
		if err := given.ReadPicture(m, file); err != nil {
			return nil, err
		}
	}
	return given, nil
}

func (o *feedOptions) fill() inspect.FillOptions {
	return inspect.FillOptions{Seed: o.model.seed, Extents: o.dims}
}

// checkTarget refuses a file that cannot be written before any work is done.
func checkTarget(file, ending string) error {
	if file == "" {
		return nil
	}
	if !strings.EqualFold(filepath.Ext(file), ending) {
		return fault.Userf("%s cannot be written: its ending must be %s", file, ending)
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return fault.Userf("%s cannot be written: there is no folder %s", file, filepath.Dir(file))
	}
	return nil
}

// counted returns a context whose runs are told as progress.
func counted(ctx context.Context, progress *progress, total int) context.Context {
	done := 0
	return exec.Observe(ctx, func(s *exec.Step) {
		done += len(s.Nodes)
		progress.report(viz.Progress{Done: min(done, total), Total: total, What: s.Nodes[0].Name})
	})
}

// addMade tells what the numbers rest on.
func addMade(about *figure.About, made []inspect.Made) {
	for _, in := range made {
		about.Add("made up: "+in.Name, in.String())
	}
}

// printTable prints tables one below the other.
func (p *program) printTable(tables ...*figure.Table) error {
	for i, t := range tables {
		if i > 0 {
			fmt.Fprintln(p.stdout)
		}
		if err := render.Write(p.stdout, t, "txt", render.Options{}); err != nil {
			return err
		}
	}
	return nil
}
