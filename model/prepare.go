package model

import (
	"math"

	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Prepared picture is what the network is given.
type Prepared struct {
	// Tensor is the input for a batch of one: float32 [1,C,H,W] or [1,H,W,C].
	Tensor *tensor.Tensor
	// Seen is the same part of the picture for people: RGB, before scale, mean
	// and std, a whole number of times as wide and as high as the tensor, so that
	// each pixel of the tensor is a square of it.
	Seen *data.Image
}

// seenSide is the length of the shorter side that Seen is given where the
// picture has that many pixels, so that maps lie over a sharp image.
const seenSide = 448

// Prepare brings a picture into the form the network takes.
func (p *Prep) Prepare(img *data.Image) (*Prepared, error) {
	net, err := p.fit(img, 1)
	if err != nil {
		return nil, fault.AsUser(err)
	}
	seen := net
	if zoom := p.zoom(img); zoom > 1 {
		if seen, err = p.fit(img, zoom); err != nil {
			return nil, fault.AsUser(err)
		}
	}
	return &Prepared{p.normalize(net), seen}, nil
}

// zoom is how many times larger than the network's input the picture can be
// shown: up to seenSide, and not beyond its own pixels.
func (p *Prep) zoom(img *data.Image) int {
	side := min(p.Width, p.Height)
	own := min(img.W*side/max(p.Width, 1), img.H*side/max(p.Height, 1))
	return max(1, min(seenSide, own)/side)
}

// A placement says how a picture lies on the network's input: it is scaled to
// w×h, and the input's corner lies at (x, y) of that, outside where it is
// padded.
type placement struct{ w, h, x, y int }

// fit makes the picture zoom times as large as the network's input.
func (p *Prep) fit(img *data.Image, zoom int) (*data.Image, error) {
	at := p.place(img)
	scaled, err := data.Resize(img, at.w*zoom, at.h*zoom, p.Filter)
	if err != nil {
		return nil, err
	}
	w, h := p.Width*zoom, p.Height*zoom
	if p.Fit != FitPad {
		return data.Crop(scaled, at.x*zoom, at.y*zoom, w, h)
	}
	left, top := -at.x*zoom, -at.y*zoom
	return data.Pad(scaled, left, top, w-scaled.W-left, h-scaled.H-top, padding)
}

// padding is the grey that detectors of the YOLO family are trained with.
var padding = [3]uint8{114, 114, 114}

func (p *Prep) place(img *data.Image) placement {
	var at placement
	short := max(p.Shorter, min(p.Width, p.Height))
	switch p.Fit {
	case FitPad:
		f := min(float64(p.Width)/float64(img.W), float64(p.Height)/float64(img.H))
		at.w, at.h = rounded(img.W, f, p.Width), rounded(img.H, f, p.Height)
		at.x, at.y = -((p.Width - at.w) / 2), -((p.Height - at.h) / 2)
		return at
	case FitStretch:
		side := min(p.Width, p.Height)
		at.w, at.h = p.Width*short/side, p.Height*short/side
	default:
		at.w, at.h = data.ShorterSide(img.W, img.H, short)
	}
	if at.w < p.Width || at.h < p.Height { // the scaled picture must cover the crop
		f := max(float64(p.Width)/float64(img.W), float64(p.Height)/float64(img.H))
		at.w, at.h = max(p.Width, int(float64(img.W)*f)), max(p.Height, int(float64(img.H)*f))
	}
	at.x, at.y = margin(at.w, p.Width), margin(at.h, p.Height)
	return at
}

func rounded(n int, f float64, most int) int { return min(most, max(1, int(float64(n)*f+0.5))) }

// margin is what a centred crop leaves on its left; torchvision gives a half
// pixel to the even neighbour.
func margin(whole, part int) int { return int(math.RoundToEven(float64(whole-part) / 2)) }

// normalize writes (pixel·scale − mean) / std in the network's order.
func (p *Prep) normalize(img *data.Image) *tensor.Tensor {
	c, n := p.Channels.Count(), img.W*img.H
	out := make([]float32, c*n)
	table := p.table()
	at := func(ch, i int) int { return ch*n + i }
	shape := []int{1, c, img.H, img.W}
	if p.Layout == NHWC {
		at = func(ch, i int) int { return i*c + ch }
		shape = []int{1, img.H, img.W, c}
	}
	if p.Channels == Gray {
		for i, y := range img.Luma() {
			out[i] = table[0][y]
		}
		return tensor.Of(out, shape...)
	}
	for ch := range c {
		from := ch
		if p.Channels == BGR {
			from = 2 - ch
		}
		for i := range n {
			out[at(ch, i)] = table[ch][img.Pix[3*i+from]]
		}
	}
	return tensor.Of(out, shape...)
}

// table holds, for each channel, the number that each of the 256 pixel values
// becomes.
func (p *Prep) table() [3][256]float32 {
	var t [3][256]float32
	for ch := range p.Channels.Count() {
		for v := range 256 {
			t[ch][v] = p.Level(ch, float64(v))
		}
	}
	return t
}

// Level returns what the network's input holds where a channel, in the network's
// order, has pixels of v, 0 to 255.
func (p *Prep) Level(ch int, v float64) float32 {
	return float32((v*p.Scale - pick(p.Mean, ch, 0)) / pick(p.Std, ch, 1))
}

// Pixel is what a channel of the picture was, in the network's order, where the
// network's input holds v: Level the other way round.
func (p *Prep) Pixel(ch int, v float32) byte {
	x := (float64(v)*pick(p.Std, ch, 1) + pick(p.Mean, ch, 0)) / p.Scale
	return byte(math.Round(min(max(x, 0), 255)))
}

// pick returns the number of a channel from a list of none, one or one each.
func pick(v []float64, ch int, none float64) float64 {
	switch {
	case len(v) == 0:
		return none
	case ch < len(v):
		return v[ch]
	}
	return v[0]
}
