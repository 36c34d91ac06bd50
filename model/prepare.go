package model

import (
	"github.com/tomo-viz/tomo/data"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Prepared picture is what the network is given.
type Prepared struct {
	// Tensor is the input for a batch of one: float32 [1,C,H,W] or [1,H,W,C].
	Tensor *tensor.Tensor
	// Seen is the same part of the picture for people: RGB, with at least the
	// network's resolution, before scale, mean and std. Pixel for pixel it
	// covers the same area as the tensor.
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

// fit makes the picture zoom times as large as the network's input.
func (p *Prep) fit(img *data.Image, zoom int) (*data.Image, error) {
	w, h := p.Width*zoom, p.Height*zoom
	switch p.Fit {
	case FitStretch:
		return data.Resize(img, w, h, p.Filter)
	case FitPad:
		return p.letterbox(img, w, h)
	}
	// The scaled picture must cover the crop on both sides.
	short := max(p.Shorter, min(p.Width, p.Height)) * zoom
	sw, sh := data.ShorterSide(img.W, img.H, short)
	if sw < w || sh < h {
		f := max(float64(w)/float64(img.W), float64(h)/float64(img.H))
		sw, sh = max(w, int(float64(img.W)*f)), max(h, int(float64(img.H)*f))
	}
	scaled, err := data.Resize(img, sw, sh, p.Filter)
	if err != nil {
		return nil, err
	}
	return data.CenterCrop(scaled, w, h)
}

// letterbox scales the picture to fit inside and fills up with the grey that
// detectors of the YOLO family are trained with (114 of 255).
func (p *Prep) letterbox(img *data.Image, w, h int) (*data.Image, error) {
	f := min(float64(w)/float64(img.W), float64(h)/float64(img.H))
	sw, sh := min(w, max(1, int(float64(img.W)*f+0.5))), min(h, max(1, int(float64(img.H)*f+0.5)))
	scaled, err := data.Resize(img, sw, sh, p.Filter)
	if err != nil {
		return nil, err
	}
	left, top := (w-sw)/2, (h-sh)/2
	return data.Pad(scaled, left, top, w-sw-left, h-sh-top, [3]uint8{114, 114, 114})
}

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
		mean, std := pick(p.Mean, ch, 0), pick(p.Std, ch, 1)
		for v := range 256 {
			t[ch][v] = float32((float64(v)*p.Scale - mean) / std)
		}
	}
	return t
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
