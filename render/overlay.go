package render

import (
	"image"
	"math"

	"github.com/tomo-viz/tomo/figure"
)

// Pictures smaller than this are enlarged in whole pixels, so that one sees
// what the network saw and not what a viewer makes of it; maps are worked out
// at this many pixels at least.
const smallestSide = 224

// holdsPixels reports whether a picture has as many pixels as it says.
func holdsPixels(p figure.Picture) bool {
	return p.W > 0 && p.H > 0 && p.W <= longestSide && p.H <= longestSide && len(p.Pix) >= 3*p.W*p.H
}

// photograph converts a panel's picture for canvases; nil if there is none.
func photograph(p figure.Picture) *image.NRGBA {
	if !holdsPixels(p) {
		return nil
	}
	k := enlargement(p.W, p.H)
	img := image.NewNRGBA(image.Rect(0, 0, p.W*k, p.H*k))
	for y := range p.H * k {
		out := img.Pix[y*img.Stride:]
		row := p.Pix[3*p.W*(y/k):]
		for x := range p.W * k {
			in := row[3*(x/k):]
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = in[0], in[1], in[2], 255
		}
	}
	return img
}

// enlargement is the whole factor that brings a small picture to a size at
// which neighbouring pixels do not run into one another.
func enlargement(w, h int) int {
	longer := max(w, h)
	if longer >= smallestSide/2 {
		return 1
	}
	return (smallestSide + longer - 1) / longer
}

// holdsValues reports whether a map has as many values as it says.
func holdsValues(m *figure.Map) bool {
	return m.W > 0 && m.H > 0 && m.W <= longestSide && m.H <= longestSide && len(m.Values) >= m.W*m.H
}

// overlay colours a map's strengths at w×h points, for laying over a picture.
// Where the map is weak it is transparent, where it is strongest it has the full
// opacity; points that hold no number are hatched.
func overlay(strength []float32, table *overlayTable, w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i, t := range strength {
		pix := img.Pix[4*i : 4*i+4]
		if t != t {
			hatchPixel(pix, i%w, i/w)
			continue
		}
		copy(pix, table[uint8(max(0, min(t, 1))*255+0.5)][:])
	}
	return img
}

// An overlayTable has the colour and opacity of each of 256 strengths.
type overlayTable [256][4]uint8

// overlayColors returns the table for a map: diverging colours over a map with
// both signs are strong at both ends, all others at the high end.
func overlayColors(m *figure.Map, colors *Colormap, opacity float64) *overlayTable {
	var table overlayTable
	opacity = max(0, min(opacity, 1))
	signed := isSigned(m, colors)
	for i, c := range colors.Colors {
		t := float64(i) / 255
		if signed {
			t = math.Abs(2*t - 1)
		}
		table[i] = [4]uint8{c[0], c[1], c[2], uint8(255*opacity*visibility(t) + 0.5)}
	}
	return &table
}

// isSigned reports whether a map is strong at both ends of its scale.
func isSigned(m *figure.Map, colors *Colormap) bool {
	return colors.Type == "diverging" && m.Low < 0 && m.High > 0
}

// strip returns the scale of colours from low to high as a picture, fading out
// where overlays do.
func (t *overlayTable) strip() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 256, 1))
	for i := range t {
		copy(img.Pix[4*i:], t[i][:])
	}
	return img
}

// visibility is the share of the opacity that a strength t gets, rising slowly
// at both ends (smoothstep): what the network ignores stays photograph, and
// what it looks at most is seen in full colour.
func visibility(t float64) float64 { return t * t * (3 - 2*t) }

// hatchPixel draws thin diagonal lines in grey.
func hatchPixel(pix []uint8, x, y int) {
	pix[0], pix[1], pix[2], pix[3] = 128, 132, 140, 90
	if (x+y)%8 < 2 {
		pix[0], pix[1], pix[2], pix[3] = 60, 64, 72, 200
	}
}
