package activations

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// A projector colours pixels by what of them reaches a layer: the activity of
// its places, the root of Σ_k A_k² (the activation-based attention of Zagoruyko
// and Komodakis, ICLR 2017, arXiv 1612.03928, section 3.1, there without the
// root), each place spread over the pixels that it sees by its effective
// receptive field. A pixel's number is the mean activity of the places that see
// it, weighted by how well they do. No gradient is taken, and no class asked for.
type projector struct {
	*survey
	views []*outlook // by layer; nil before the first picture
	fig   figure.Images
}

func collectReach(s *survey) (collector, error) { return &projector{survey: s}, nil }

func (c *projector) add(_ context.Context, r *reading) error {
	if c.views == nil {
		for i, l := range c.layers {
			o, err := c.lookOut(l, &r.maps[i])
			if err != nil {
				return err
			}
			c.views = append(c.views, o)
		}
	}
	strip := figure.Strip{Title: r.Name}
	strip.Tiles = append(strip.Tiles, figure.Photo("input", "", r.Seen))
	for i, l := range c.layers {
		t := figure.Photo(l.Name, "", r.Seen)
		t.W, t.H = c.model.Prep.Width, c.model.Prep.Height
		t.Values = c.views[i].project(activity(&r.maps[i]))
		_, t.High = rangeOf(t.Values)
		if t.High <= 0 {
			t.High = 1
		}
		t.Value = float64(t.High)
		t.Note = "up to " + brief(t.Value)
		strip.Tiles = append(strip.Tiles, t)
	}
	c.fig.Strips = append(c.fig.Strips, strip)
	return nil
}

// activity is the norm over the channels at each place.
func activity(m *layerMaps) []float64 {
	out := make([]float64, m.Places())
	for k := range m.Channels {
		for i, v := range m.channel(k) {
			out[i] += float64(v) * float64(v)
		}
	}
	for i := range out {
		out[i] = math.Sqrt(out[i])
	}
	return out
}

// An outlook is how well each row and column of places sees each row and column
// of pixels.
type outlook struct{ down, across [][]float64 }

func (c *projector) lookOut(l model.Layer, m *layerMaps) (*outlook, error) {
	e, ok := c.model.EffectiveField(l.Value)
	if !ok || m.Places() < 2 {
		return nil, viz.Userf("every place of layer %q sees all of the picture, so that its pixels cannot be told apart; choose one with maps before it, such as %q", l.Name, lastMaps(c.model)[0].Name)
	}
	o := &outlook{}
	for y := range m.H {
		f := c.model.Field(l.Value, image.Rect(0, y, m.W, y+1))
		o.down = append(o.down, bell(e.Offset[0]+e.Scale[0]*float64(y), e.Sigma[0], f.Min.Y, f.Max.Y, c.model.Prep.Height))
	}
	for x := range m.W {
		f := c.model.Field(l.Value, image.Rect(x, 0, x+1, m.H))
		o.across = append(o.across, bell(e.Offset[1]+e.Scale[1]*float64(x), e.Sigma[1], f.Min.X, f.Max.X, c.model.Prep.Width))
	}
	return o, nil
}

// bell is a Gaussian over n pixels, cut off where the field ends; a place that
// sees one pixel has all of its weight there.
func bell(centre, sigma float64, from, to, n int) []float64 {
	out := make([]float64, n)
	for i := from; i < min(to, n); i++ {
		d := (float64(i) - centre) / max(sigma, 0.25)
		out[i] = math.Exp(-d * d / 2)
	}
	return out
}

// project gives each pixel the weighted mean over the places that see it, 0
// where none does.
func (o *outlook) project(activity []float64) figure.Floats {
	h, w := len(o.down[0]), len(o.across[0])
	rows, columns := len(o.down), len(o.across)
	sums, weights := make([]float64, w*rows), make([]float64, w)
	for x := range columns {
		for px, k := range o.across[x] {
			if k == 0 {
				continue
			}
			weights[px] += k
			for y := range rows {
				sums[y*w+px] += k * activity[y*columns+x]
			}
		}
	}
	out := make(figure.Floats, w*h)
	for py := range h {
		total := 0.0
		line := make([]float64, w)
		for y := range rows {
			if k := o.down[y][py]; k > 0 {
				total += k
				for px := range w {
					line[px] += k * sums[y*w+px]
				}
			}
		}
		for px := range w {
			if all := total * weights[px]; all > 0 {
				out[py*w+px] = float32(line[px] / all)
			}
		}
	}
	return out
}

func (c *projector) figure() figure.Figure {
	if len(c.fig.Strips) == 0 {
		return nil
	}
	fig := c.fig
	fig.Title, fig.Colormap, fig.Opacity = "What reaches "+c.layers[0].Name, string(c.params.Colormap), 0.75
	if len(c.layers) > 1 {
		fig.Title = fmt.Sprintf("What reaches %d layers", len(c.layers))
	}
	fig.Add("colour", "activity (root of the sum of squares over the channels) of the places that see a pixel, weighted by their effective receptive fields (Luo et al. 2016)")
	return &fig
}
