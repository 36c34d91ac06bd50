package attribution

import (
	"context"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// maskFor returns the mask of a picture on a model's input: that of its image,
// with the boxes added; nil if there is neither.
func maskFor(ctx context.Context, m *model.Model, img viz.Image, picture *data.Image, boxes []string) ([]bool, error) {
	if img.Mask == nil && len(boxes) == 0 {
		return nil, nil
	}
	white := data.NewImage(picture.W, picture.H)
	if img.Mask != nil {
		mask, err := img.Mask(ctx)
		if err != nil {
			return nil, viz.Userf("the mask of %s cannot be read: %w", img.Name, err)
		}
		if !alike(mask.W, mask.H, picture.W, picture.H) {
			return nil, viz.Userf("the mask of %s has %d×%d pixels, which is another shape than the picture's %d×%d", img.Name, mask.W, mask.H, picture.W, picture.H)
		}
		white = data.NewImage(mask.W, mask.H)
		copy(white.Pix, mask.Pix)
	}
	for _, text := range boxes {
		if err := fillBox(white, text, img.Name, picture); err != nil {
			return nil, err
		}
	}
	return MaskOf(m, white)
}

// alike reports whether two pictures have the same shape, to the rounding of a
// pixel.
func alike(w, h, W, H int) bool {
	off := w*H - h*W
	return max(off, -off) <= max(W, H)
}

// fillBox paints a box, given as left, top, right and bottom in pixels of the
// picture, white.
func fillBox(white *data.Image, text, name string, picture *data.Image) error {
	var at [4]float64
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == ':' })
	if len(parts) != 4 {
		return viz.Userf("the box %q is no four numbers; give left,top,right,bottom in pixels of the picture", text)
	}
	for i, s := range parts {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0 && v <= 1e6) {
			return viz.Userf("%q in the box %q is no place in a picture; give left,top,right,bottom in pixels", s, text)
		}
		at[i] = v
	}
	if at[0] >= at[2] || at[1] >= at[3] || at[0] >= float64(picture.W) || at[1] >= float64(picture.H) {
		return viz.Userf("the box %q holds nothing of %s, which has %d×%d pixels", text, name, picture.W, picture.H)
	}
	kx, ky := float64(white.W)/float64(picture.W), float64(white.H)/float64(picture.H)
	for y := range white.H {
		for x := range white.W {
			u, v := (float64(x)+0.5)/kx, (float64(y)+0.5)/ky
			if u >= at[0] && u < at[2] && v >= at[1] && v < at[3] {
				copy(white.Pix[3*(y*white.W+x):], []byte{255, 255, 255})
			}
		}
	}
	return nil
}

// MaskOf returns the mask that a picture of a mask gives on a model's input:
// the pixels that are brighter than mid-grey after the picture was prepared as
// the model's pictures are.
func MaskOf(m *model.Model, img *data.Image) ([]bool, error) {
	ready, err := m.Prep.Prepare(img)
	if err != nil {
		return nil, err
	}
	seen := ready.Seen
	grey := make([]float32, seen.W*seen.H)
	for i := range grey {
		grey[i] = float32(seen.Pix[3*i]) + float32(seen.Pix[3*i+1]) + float32(seen.Pix[3*i+2])
	}
	fit := Field{W: seen.W, H: seen.H, Values: grey}.Enlarge(m.Prep.Width, m.Prep.Height)
	mask := make([]bool, len(fit.Values))
	for i, v := range fit.Values {
		mask[i] = v > 3*127.5
	}
	return mask, nil
}
