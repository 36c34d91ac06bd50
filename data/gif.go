package data

import (
	"bytes"
	"image"
	"image/draw"
	"image/gif"
)

func surveyGIF(raw []byte) (survey, error) {
	s, err := surveyed(gif.DecodeConfig(bytes.NewReader(raw)))
	s.perPixel = 5 // the frame and the screen it is drawn on
	s.densest = 8 * 4096 / 12
	return s, err
}

// decodeGIF returns the first frame in its place on the screen (GIF89a, 18),
// which it need not fill.
func decodeGIF(raw []byte) (*Image, error) {
	config, err := gif.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if frame.Bounds() == image.Rect(0, 0, config.Width, config.Height) {
		return flatten(frame), nil
	}
	m := flatten(placed(frame, frame.Bounds().Min, config.Width, config.Height))
	m.Source.Mode = Palette
	return m, nil
}

// placed returns src with its top left at a point of a transparent screen.
func placed(src image.Image, at image.Point, w, h int) *image.NRGBA {
	screen := image.NewNRGBA(image.Rect(0, 0, w, h))
	b := src.Bounds()
	draw.Draw(screen, b.Sub(b.Min).Add(at), src, b.Min, draw.Src)
	return screen
}
