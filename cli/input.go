package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// inputOptions say how the model and the pictures are opened.
type inputOptions struct {
	engine engineOptions
	prep   map[string]*string
	labels string
	masks  string
	data   string
	runs   logOptions
	seed   int64
}

func (o *inputOptions) add(cmd *cobra.Command, m *viz.Method) {
	flags := cmd.Flags()
	if m.Needs.Has(viz.NeedsModel) {
		flags.StringVar(&o.labels, "labels", "", "file with the names of the classes, one to a line or JSON")
		o.engine.add(cmd)
		o.addPrep(flags)
	}
	if m.Masks {
		flags.StringVar(&o.masks, "masks", "", "picture of what should matter, white on black, or a folder of them named as the images are; the default are those beside the images, called photo_mask.png or masks/photo.png")
	}
	if m.Series {
		flags.StringVar(&o.data, "data", "", "labelled data: a folder with one folder of pictures for each class, an IDX file, or a .npz of arrays such as x and y")
	}
	if m.Takes(viz.NeedsRuns) {
		o.runs.add(flags)
	}
	flags.Int64Var(&o.seed, "seed", 0, "starts every random choice; the same seed gives the same figure")
}

func (o *inputOptions) addPrep(flags *pflag.FlagSet) {
	o.prep = map[string]*string{}
	for _, f := range model.PrepFields() {
		help := "input: " + f.Help
		for i, c := range f.Choices {
			help += map[bool]string{true: ": ", false: ", "}[i == 0] + c
		}
		o.prep[f.Name] = flags.String("input-"+f.Name, "", help)
	}
}

func (o *inputOptions) openModel(path string) (*model.Model, error) {
	executor, err := o.engine.choose()
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for name, text := range o.prep {
		if *text != "" {
			settings[name] = *text
		}
	}
	return model.Open(path, model.Options{Input: settings, Labels: o.labels, Executor: executor})
}

// load opens what the technique needs but the pictures, which it opens itself.
// What it opens is closed by the function that it returns.
func (p *program) load(ctx context.Context, m *viz.Method, o *inputOptions, args []string) (in *viz.Input, closeInput func(), err error) {
	in, closeInput = &viz.Input{Seed: o.seed}, func() {}
	if m.Instead.Has(viz.NeedsRuns) && o.data == "" && !model.Sniff(args[0]) && !looksLikeModel(args[0]) {
		in.Runs, closeInput, err = p.openRuns(ctx, &o.runs, args)
		return in, closeInput, err
	}
	if m.Series {
		return in, closeInput, p.loadSeries(ctx, o, in, args)
	}
	if m.Needs.Has(viz.NeedsModel) {
		if in.Model, err = o.openModel(args[0]); err != nil {
			return nil, nil, err
		}
		args = args[1:]
	}
	switch {
	case m.Needs.Has(viz.NeedsRuns):
		in.Runs, closeInput, err = p.openRuns(ctx, &o.runs, args)
	case m.Needs.Has(viz.NeedsImage):
		err = p.loadImages(ctx, m, o, in, args)
	}
	return in, closeInput, err
}

func (p *program) loadImages(ctx context.Context, m *viz.Method, o *inputOptions, in *viz.Input, args []string) (err error) {
	if in.Images, err = p.findImages(ctx, m, args); err != nil {
		return err
	}
	if o.masks != "" {
		if err := p.addMasks(ctx, in.Images, o.masks); err != nil {
			return err
		}
	}
	for _, path := range args {
		in.Model.LookForLabels(filepath.Dir(path))
		in.Model.LookForLabels(path)
	}
	return nil
}

func (p *program) findImages(ctx context.Context, m *viz.Method, paths []string) ([]viz.Image, error) {
	if m.Arrays && slices.ContainsFunc(paths, isArray) {
		if !slices.ContainsFunc(paths, func(path string) bool { return !isArray(path) }) {
			return readArrays(paths)
		}
		return nil, fault.Userf("give pictures or arrays, and not both at a time")
	}
	folder, err := data.OpenFolder(ctx, paths, data.FolderOptions{})
	if err != nil {
		return nil, fault.AsUser(err)
	}
	for _, err := range folder.Problems {
		fmt.Fprintln(p.stderr, "tomo:", err)
	}
	return imagesOf(folder), nil
}

// isArray tells files of arrays by their names.
func isArray(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".npy" || ext == ".npz" || ext == ".csv" || ext == ".tsv"
}

// readArrays reads files of arrays, of which a .npz may hold several, and a table
// of text is one, of rows.
func readArrays(paths []string) ([]viz.Image, error) {
	var out []viz.Image
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.EqualFold(filepath.Ext(path), ".npy") {
			x, err := tensor.OpenNPY(path)
			if err != nil {
				return nil, fault.AsUser(err)
			}
			out = append(out, viz.Image{Name: name, Array: x})
			continue
		}
		if !strings.EqualFold(filepath.Ext(path), ".npz") {
			t, err := data.OpenTable(path)
			if err != nil {
				return nil, fault.AsUser(err)
			}
			out = append(out, viz.Image{Name: name, Array: tensor.Of(t.Values, t.Rows(), t.Width), Features: t.Columns})
			continue
		}
		arrays, err := tensor.OpenNPZ(path)
		if err != nil {
			return nil, fault.AsUser(err)
		}
		for _, key := range slices.Sorted(maps.Keys(arrays)) {
			out = append(out, viz.Image{Name: name + ":" + key, Array: arrays[key]})
		}
	}
	return out, nil
}

// imagesOf lists pictures, to be opened when they are needed.
func imagesOf(folder *data.Folder) []viz.Image {
	images := make([]viz.Image, folder.Len())
	for i := range images {
		images[i].Name = filepath.Base(folder.Path(i))
		if label := folder.Label(i); label != data.NoLabel {
			images[i].Label = folder.Classes()[label]
		}
		images[i].Picture = sourceOf(folder, i)
		if path := folder.Mask(i); path != "" {
			images[i].Mask = func(context.Context) (*data.Image, error) {
				mask, err := data.OpenImage(path)
				return mask, fault.AsUser(err)
			}
		}
	}
	return images
}

// sourceOf opens one picture of a folder.
func sourceOf(folder *data.Folder, i int) viz.Source {
	return func(ctx context.Context) (*data.Image, error) {
		sample, err := folder.At(ctx, i)
		return sample.Image, fault.AsUser(err)
	}
}

// A skipper tells of pictures that cannot be used, the first hundred by name.
// Of a single one the verb's error tells.
type skipper struct {
	*progress
	total, count int
}

func (s *skipper) tell(_ int, why error) {
	const named = 100
	if s.count++; s.count <= named && s.total > 1 {
		s.say(fmt.Sprint("skipped: ", why))
	}
}

// end counts them.
func (s *skipper) end() {
	if s.count > 0 && s.total > 1 {
		s.say(fmt.Sprintf("%d of %d pictures could not be used", s.count, s.total))
	}
}
