package training

import (
	"bytes"
	"context"
	"fmt"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/viz/training/findings"
)

// Bounds of the images of one figure.
const (
	mostStrips = 24
	mostTiles  = 12
	mostPixels = 320 // along the longer side of a tile
)

// showImages puts the images of each name into a strip, by step.
func showImages(ctx context.Context, s *session) (figure.Figure, error) {
	list, left, err := s.shelves(ctx, track.Image, mostStrips, mostTiles)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		s.total += len(l.heads)
	}
	fig := &figure.Images{Colormap: "viridis"}
	fig.Title = "Logged images"
	s.shelvesLeft(fig.Warn, left)
	broken := 0
	for _, l := range list {
		strip := figure.Strip{Title: s.titleOf(l), Note: l.some()}
		for _, h := range l.heads {
			s.step(l.name)
			tile, ok, err := tileOf(ctx, l, h)
			if err != nil {
				return part(fig, len(fig.Strips)), err
			}
			if ok {
				strip.Tiles = append(strip.Tiles, tile)
			} else {
				broken++
			}
		}
		fig.Strips = append(fig.Strips, strip)
	}
	fig.Add("images", fmt.Sprint(s.total))
	if broken > 0 {
		fig.Warn(findings.Plural(broken, "image") + " cannot be read and are left out.")
	}
	return fig, nil
}

// part is a figure of which some is made, or none.
func part(fig figure.Figure, made int) figure.Figure {
	if made == 0 {
		return nil
	}
	return fig
}

func tileOf(ctx context.Context, l *shelf, h track.RecordHead) (figure.Tile, bool, error) {
	if err := ctx.Err(); err != nil {
		return figure.Tile{}, false, err
	}
	body, err := l.run.store.RecordBody(ctx, h)
	if err != nil {
		return figure.Tile{}, false, err
	}
	img, err := data.ReadImage(bytes.NewReader(body))
	if err != nil {
		return figure.Tile{}, false, nil
	}
	note := fmt.Sprintf("%d × %d", img.W, img.H)
	if longer := max(img.W, img.H); longer > mostPixels {
		w, h := max(1, img.W*mostPixels/longer), max(1, img.H*mostPixels/longer)
		if img, err = data.Resize(img, w, h, data.Bilinear); err != nil {
			return figure.Tile{}, false, nil
		}
	}
	return figure.Photo("step "+findings.Figure(h.Step), note, figure.Picture{W: img.W, H: img.H, Pix: img.Pix}), true, nil
}
