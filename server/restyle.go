package server

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
)

// A style is how a figure is drawn beside its data: where it keeps the name of
// its colours, and what is told as a share, by name.
type style struct {
	colormap *string
	shares   map[string]*float64
}

// restyle returns a figure in other colours (?colormap=turbo) or, if it lies
// over a picture, opacity (?opacity=0.5) or with a contour (?contour=0.5): the
// app changes them without running the technique again, and what is saved is
// what is seen. Figures without, and the one that is kept, stay as they are.
func restyle(fig figure.Figure, q url.Values) (figure.Figure, error) {
	drawn, style := copyStyled(fig)
	if name := q.Get("colormap"); name != "" && style.colormap != nil {
		if _, err := render.ColormapByName(name); err != nil {
			return nil, fault.AsUser(err)
		}
		*style.colormap = name
	}
	for name, share := range style.shares {
		text := q.Get(name)
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return nil, fault.Userf("%s is 0 to 1, not %q", name, text)
		}
		*share = v
	}
	if r, ok := drawn.(*figure.Report); ok {
		return restyleSections(r, q)
	}
	return drawn, nil
}

// restyleSections restyles the figures in a copy of a report.
func restyleSections(r *figure.Report, q url.Values) (figure.Figure, error) {
	drawn := *r
	drawn.Sections = slices.Clone(r.Sections)
	for i, s := range drawn.Sections {
		if s.Figure == nil {
			continue
		}
		fig, err := restyle(s.Figure, q)
		if err != nil {
			return nil, err
		}
		drawn.Sections[i].Figure = fig
	}
	return &drawn, nil
}

// copyStyled returns a copy of a figure that has a style, with that of the copy;
// any other figure itself.
func copyStyled(fig figure.Figure) (figure.Figure, style) {
	switch f := fig.(type) {
	case *figure.Heatmap:
		c := *f
		return &c, style{&c.Colormap, map[string]*float64{"opacity": &c.Opacity, "contour": &c.Contour}}
	case *figure.Images:
		c := *f
		return &c, style{&c.Colormap, map[string]*float64{"opacity": &c.Opacity}}
	case *figure.Matrix:
		c := *f
		return &c, style{colormap: &c.Colormap}
	}
	return fig, style{}
}
