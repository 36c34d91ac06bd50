package viz

import (
	"context"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/internal/spell"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/track"
)

// An Input is all that a technique may use: no files, flags or globals.
type Input struct {
	Model  *model.Model
	Images []Image
	Runs   []Run
	// Seed makes every random choice; the same seed gives the same figure.
	Seed int64
	// Progress is told how far the work is; Method.Run makes it never nil.
	Progress func(Progress)
}

// An Image is a picture with the name users know it by.
type Image struct {
	Name  string
	Label string // the true class, if known
	*data.Image
	// Read opens a picture that is not in memory, whose Image is nil; only a
	// technique that streams is given such.
	Read func(context.Context) (*data.Image, error)
	// Array is an input as the network takes it, in place of a picture, with the
	// batch first or without; only a technique that takes arrays is given one.
	Array *tensor.Tensor
	// Mask is white where the picture holds what should matter, such as the
	// object or the organ; nil if that is not known.
	Mask *data.Image
}

// A Run is a run of a training, in the store that keeps it.
type Run struct {
	Store *track.Store
	Run   *track.Run
}

// Name is what people call the run: its title, or else its ID.
func (r Run) Name() string {
	if r.Run.Title != "" {
		return r.Run.Title
	}
	return r.Run.ID
}

// Pictures are the images as a data set, each opened when it is asked for, so
// that thousands of them take no more memory than a few.
func (in *Input) Pictures() data.Dataset { return pictures(in.Images) }

type pictures []Image

func (p pictures) Len() int          { return len(p) }
func (p pictures) Classes() []string { return nil }

func (p pictures) At(ctx context.Context, i int) (data.Sample, error) {
	s := data.Sample{Name: p[i].Name, Label: data.NoLabel, Image: p[i].Image}
	if err := ctx.Err(); err != nil || s.Image != nil || p[i].Read == nil {
		return s, err
	}
	var err error
	s.Image, err = p[i].Read(ctx)
	return s, err
}

// Progress is how far a piece of work is.
type Progress struct {
	Done, Total int    // Total is 0 when not known
	What        string // "image 3 of 20", "epoch 2"
	// Partial is what the figure would be if the work stopped here; may be nil.
	Partial figure.Figure
}

// Userf makes an error of the user's making: it is shown as one sentence that
// says what is wrong, where, and what to do, and is not taken for a bug.
func Userf(format string, args ...any) error { return fault.Userf(format, args...) }

// Hint ends an error about a name that is not known: `; did you mean "x"?` with
// the nearest of the known names, or nothing.
func Hint(name string, known []string) string { return spell.Hint(name, known) }

// IsUser reports whether err is, or wraps, a mistake of the user's making.
func IsUser(err error) bool { return fault.IsUser(err) }
