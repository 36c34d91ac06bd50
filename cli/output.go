package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
	"github.com/tomo-viz/tomo/viz"
)

// outputOptions say where a figure goes.
type outputOptions struct {
	files []string
	json  bool
	theme string
	scale float64
}

func (o *outputOptions) add(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&o.files, "output", "o", nil, "file to write, its format by its ending; may be repeated")
	flags.BoolVar(&o.json, "json", false, "print the figure with all its numbers as JSON")
	flags.StringVar(&o.theme, "theme", "light", "colours of the picture: light or dark")
	flags.Float64Var(&o.scale, "scale", 2, "pixels to a point in PNG files")
}

// check refuses names without a format before any work is done.
func (o *outputOptions) check() error {
	for _, file := range o.files {
		if _, err := render.FormatOf(file); err != nil {
			return fault.AsUser(err)
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return fault.Userf("%s cannot be written: there is no folder %s", file, filepath.Dir(file))
		}
	}
	if _, err := render.ParseTheme(o.theme); err != nil {
		return fault.AsUser(err)
	}
	return nil
}

// write puts the figure into the files, or tells on standard output what it
// shows.
func (p *program) write(m *viz.Method, fig figure.Figure, o *outputOptions) error {
	for _, file := range o.files {
		if err := writeFile(file, fig, o); err != nil {
			return err
		}
		if !p.quiet {
			fmt.Fprintln(p.stderr, "wrote", file)
		}
	}
	if o.json {
		return render.Write(p.stdout, fig, "json", render.Options{})
	}
	if p.quiet {
		return nil
	}
	if len(o.files) > 0 {
		return printWarnings(p.stderr, fig)
	}
	return p.tell(m, fig)
}

// tell prints the figure as text, if it has such a form, and how to get the
// picture.
func (p *program) tell(m *viz.Method, fig figure.Figure) error {
	formats := render.Formats(fig)
	if slices.Contains(formats, "txt") {
		if err := render.Write(p.stdout, fig, "txt", render.Options{}); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.stderr, "\nFor the picture add -o with a file; its ending says the format: %s.%s.\n", m.Name, strings.Join(formats, ", ."))
	return nil
}

func printWarnings(w io.Writer, fig figure.Figure) error {
	for _, text := range fig.Caption().Warnings {
		if _, err := fmt.Fprintln(w, "warning:", text); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(path string, fig figure.Figure, o *outputOptions) error {
	format, err := render.FormatOf(path)
	if err != nil {
		return fault.AsUser(err)
	}
	return replaceFile(path, func(w io.Writer) error {
		return render.Write(w, fig, format, render.Options{Theme: render.Theme(o.theme), Scale: o.scale})
	})
}

// replaceFile writes beside the file first, so that an old one stays whole if
// the disk is full.
func replaceFile(path string, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tomo-*")
	if err != nil {
		return fault.Userf("%s cannot be written: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
		}
	}()
	err = write(tmp)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fault.Userf("%s cannot be written: %w", path, err)
	}
	return nil
}
