package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// looksLikeModel tells by its name a model file that is absent or damaged from a
// log, so that it is reported as what it was meant to be.
func looksLikeModel(path string) bool { return strings.EqualFold(filepath.Ext(path), ".onnx") }

// loadSeries opens one or more models, and the data that they are judged on.
func (p *program) loadSeries(ctx context.Context, o *inputOptions, in *viz.Input, paths []string) (err error) {
	if in.Model, err = o.openModel(paths[0]); err != nil {
		return err
	}
	if len(paths) > 1 {
		for _, path := range paths {
			if _, err := os.Stat(path); err != nil {
				return fault.Userf("there is no model %s: %w", path, err)
			}
			in.Checkpoints = append(in.Checkpoints, viz.Checkpoint{
				Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)),
				Open: func() (*model.Model, error) { return o.openModel(path) },
			})
		}
	}
	if o.data == "" {
		return fault.Userf("give the data by --data: a folder with one folder of pictures for each class, an IDX file, or a .npz of arrays")
	}
	in.Data = filepath.Base(filepath.Clean(o.data))
	if err := p.loadData(ctx, o.data, in); err != nil {
		return err
	}
	in.Model.LookForLabels(filepath.Dir(o.data))
	in.Model.LookForLabels(o.data)
	return nil
}

// loadData finds out what kind of data a path is. Pictures are opened when they
// are needed.
func (p *program) loadData(ctx context.Context, path string, in *viz.Input) (err error) {
	switch {
	case strings.EqualFold(filepath.Ext(path), ".npz"):
		in.Arrays, err = tensor.OpenNPZ(path)
		return fault.AsUser(err)
	case data.IsIDX(path):
		set, err := data.OpenIDXDataset(path, "")
		if err != nil {
			return fault.AsUser(err)
		}
		in.Images = imagesOfIDX(set)
		return nil
	}
	folder, err := data.OpenFolder(ctx, []string{path}, data.FolderOptions{})
	if err != nil {
		return fault.AsUser(err)
	}
	for _, problem := range folder.Problems {
		fmt.Fprintln(p.stderr, "tomo:", problem)
	}
	in.Images, in.Classes = imagesOf(folder), folder.Classes()
	return nil
}

// imagesOfIDX lists the pictures of a data set whose labels are numbers.
func imagesOfIDX(set *data.IDX) []viz.Image {
	images := make([]viz.Image, set.Len())
	for i := range images {
		images[i].Name = strconv.Itoa(i)
		if label := set.Label(i); label != data.NoLabel {
			images[i].Label = strconv.Itoa(label)
		}
		images[i].Picture = func(ctx context.Context) (*data.Image, error) {
			s, err := set.At(ctx, i)
			return s.Image, err
		}
	}
	return images
}
