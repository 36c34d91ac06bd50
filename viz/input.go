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
	// What a technique of several models takes besides; see Method.Series.
	Series
	// Seed makes every random choice; the same seed gives the same figure.
	Seed int64
	// Progress is told how far the work is; Method.Run makes it never nil.
	Progress func(Progress)
	// Skip is told of each image, by its index, that cannot be used and is left
	// out, once. Method.Run makes it never nil, and the figure say how many.
	Skip func(image int, why error)
}

// An Image is a picture or an array with the name users know it by. Pictures
// are opened when they are needed, and let go of, so that thousands take no more
// memory than a few; a technique may open one again.
type Image struct {
	Name  string
	Label string // the true class, if known
	// Picture opens the picture; nil if there is an array.
	Picture Source
	// Array is an input as the network takes it, in place of a picture, with the
	// batch first or without; only a technique that takes arrays is given one.
	Array *tensor.Tensor
	// Features names the numbers of a row, where Array holds rows and the names are
	// known.
	Features []string
	// Mask opens a picture that is white where the image holds what should
	// matter, such as the object or the organ; nil if that is not known.
	Mask Source
}

// A Series is several models and the data that they are judged on.
type Series struct {
	// Checkpoints are all models if there are several, Input.Model among them.
	Checkpoints []Checkpoint
	// Data is what people call the images or arrays together: a folder, a file.
	Data string
	// Classes names the labels of the images in the order of their numbers, where
	// the data has such an order.
	Classes []string
	// Arrays are named arrays of samples along their first axis, in place of
	// pictures: inputs of the network, and labels or targets.
	Arrays map[string]*tensor.Tensor
}

// A Checkpoint is a model at one time of its training, opened when it is asked
// for.
type Checkpoint struct {
	Name string // of the file
	Open func() (*model.Model, error)
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

// A Source opens a picture. It may be asked several times, and by several
// goroutines.
type Source func(context.Context) (*data.Image, error)

// Held is a source of a picture that is in memory.
func Held(img *data.Image) Source {
	return func(ctx context.Context) (*data.Image, error) { return img, ctx.Err() }
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
