package saliency

import (
	"math"

	"github.com/tomo-viz/tomo/model"
)

// colors are the prepared picture's pixels in CIELAB, row by row.
func (p *probe) colors() [][3]float64 {
	planes := p.Planes()
	out := make([][3]float64, planes.W*planes.H)
	x := p.Input.F32()
	for i := range out {
		var rgb [3]float64
		for k := range rgb {
			c := min(k, planes.Channels-1)
			if p.Model.Prep.Channels == model.BGR {
				c = planes.Channels - 1 - c
			}
			dark, bright := float64(p.Model.Prep.Level(c, 0)), float64(p.Model.Prep.Level(c, 255))
			rgb[k] = (float64(x[planes.At(c, i/planes.W, i%planes.W)]) - dark) / (bright - dark)
		}
		out[i] = cielab(rgb)
	}
	return out
}

// cielab converts sRGB, 0 to 1, to CIELAB under D65.
func cielab(rgb [3]float64) [3]float64 {
	for i, v := range rgb {
		if v = min(max(v, 0), 1); v <= 0.04045 {
			rgb[i] = v / 12.92
		} else {
			rgb[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (v*24389/27 + 16) / 116
	}
	x := f((0.4124564*rgb[0] + 0.3575761*rgb[1] + 0.1804375*rgb[2]) / 0.95047)
	y := f(0.2126729*rgb[0] + 0.7151522*rgb[1] + 0.0721750*rgb[2])
	z := f((0.0193339*rgb[0] + 0.1191920*rgb[1] + 0.9503041*rgb[2]) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
