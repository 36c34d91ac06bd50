package attribution

import (
	"context"
	"fmt"
	"iter"
	"runtime"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A Subject is an image that is ready to be explained.
type Subject struct {
	Index       int    // among the input's images
	Name, Label string // the label is the true class, if known
	// Input is what the network is fed, [1, ...].
	Input *tensor.Tensor
	Array bool // it was given as an array, and no picture
	// Features names the numbers of a row; nil if they have no names.
	Features []string
	// Seen is what there is to lay a map over: the part of the picture that the
	// network sees, or a drawing of an array.
	Seen figure.Picture
	// Mask tells of each pixel of the input whether it belongs to what should
	// matter; nil if that is not known, or was not asked for.
	Mask []bool
}

// Readying says what of an image is made ready beside the input.
type Readying struct {
	// Masks asks for masks of what should matter, to which Boxes are added:
	// each left,top,right,bottom in pixels of the picture.
	Masks bool
	Boxes []string
}

// mostAhead is how many pictures are decoded while others are explained.
// Explaining one takes longer than that, so that more would only fill memory.
const mostAhead = 3

// Subjects makes images of an input ready, one after another; of a picture no
// more is kept than the network and the figure are given. One that cannot be
// used is skipped, and it is an error if none can. A nil list means all.
func Subjects(ctx context.Context, in *viz.Input, images []int, o Readying) iter.Seq2[*Subject, error] {
	if images == nil {
		for i := range in.Images {
			images = append(images, i)
		}
	}
	return func(yield func(*Subject, error) bool) {
		at, used := -1, 0
		var first error
		ready := func(ctx context.Context, i int) (*Subject, error) { return Ready(ctx, in, images[i], o) }
		for s, err := range data.Ahead(ctx, len(images), min(mostAhead, runtime.GOMAXPROCS(0)), ready) {
			at++
			if err != nil {
				if first == nil {
					first = err
				}
				in.Skip(images[at], err)
				continue
			}
			if used++; !yield(s, nil) {
				return
			}
		}
		switch {
		case ctx.Err() != nil:
			yield(nil, ctx.Err())
		case used == 0 && len(images) == 1:
			yield(nil, viz.Userf("%w", first))
		case used == 0:
			yield(nil, viz.Userf("none of the %d pictures can be used; the first: %w", len(images), first))
		}
	}
}

// Ready opens one image of an input and makes it ready.
func Ready(ctx context.Context, in *viz.Input, image int, o Readying) (*Subject, error) {
	img := in.Images[image]
	s := &Subject{Index: image, Name: img.Name, Label: img.Label}
	var err error
	if img.Array != nil {
		s.Array, s.Features = true, img.Features
		s.Input, s.Seen, err = drawn(in.Model, img)
		return s, err
	}
	picture, err := img.Picture(ctx)
	if err != nil {
		return nil, err
	}
	if picture == nil || picture.W < 1 || picture.H < 1 {
		return nil, viz.Userf("%s has no pixels", img.Name)
	}
	if s.Input, s.Seen, err = prepared(in.Model, picture); err != nil {
		return nil, fmt.Errorf("%s: %w", img.Name, err)
	}
	if o.Masks {
		s.Mask, err = maskFor(ctx, in.Model, img, picture, o.Boxes)
	}
	return s, err
}

// prepared brings a picture into the form that the network takes.
func prepared(m *model.Model, picture *data.Image) (*tensor.Tensor, figure.Picture, error) {
	if err := TakesPictures(m); err != nil {
		return nil, figure.Picture{}, err
	}
	ready, err := m.Prep.Prepare(picture)
	if err != nil {
		return nil, figure.Picture{}, err
	}
	return ready.Tensor, figure.Picture{W: ready.Seen.W, H: ready.Seen.H, Pix: ready.Seen.Pix}, nil
}

// TakesPictures errs, for the user, if a model does not.
func TakesPictures(m *model.Model) error {
	if m.Prep == nil {
		return viz.Userf("%s takes no picture (none of its inputs has the shape of one), so there is nothing to lay a map over", m.Name)
	}
	return nil
}
