package server

import (
	"net/url"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
)

// restyle returns a figure in other colours (?colormap=turbo) or, if it lies
// over a picture, opacity (?opacity=0.5): the app changes both without running
// the technique again, and what is saved is what is seen. Figures without, and
// the one that is kept, stay as they are.
func restyle(fig figure.Figure, q url.Values) (figure.Figure, error) {
	drawn, colormap, opacity := copyStyled(fig)
	if name := q.Get("colormap"); name != "" && colormap != nil {
		if _, err := render.ColormapByName(name); err != nil {
			return nil, fault.AsUser(err)
		}
		*colormap = name
	}
	if text := q.Get("opacity"); text != "" && opacity != nil {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return nil, fault.Userf("opacity is 0 to 1, not %q", text)
		}
		*opacity = v
	}
	return drawn, nil
}

// copyStyled returns a copy of a figure that has colours, and where it keeps
// them; any other figure itself.
func copyStyled(fig figure.Figure) (drawn figure.Figure, colormap *string, opacity *float64) {
	switch f := fig.(type) {
	case *figure.Heatmap:
		c := *f
		return &c, &c.Colormap, &c.Opacity
	case *figure.Images:
		c := *f
		return &c, &c.Colormap, &c.Opacity
	case *figure.Matrix:
		c := *f
		return &c, &c.Colormap, nil
	}
	return fig, nil, nil
}
