package server

import (
	"net/url"
	"strconv"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/render"
)

// restyle returns a heatmap in other colours (?colormap=turbo) or opacity
// (?opacity=0.5): the app changes both without running the technique again, and
// what is saved is what is seen. Other figures, and the one that is kept, stay
// as they are.
func restyle(fig figure.Figure, q url.Values) (figure.Figure, error) {
	h, ok := fig.(*figure.Heatmap)
	if !ok {
		return fig, nil
	}
	drawn := *h
	if name := q.Get("colormap"); name != "" {
		if _, err := render.ColormapByName(name); err != nil {
			return nil, fault.AsUser(err)
		}
		drawn.Colormap = name
	}
	if text := q.Get("opacity"); text != "" {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return nil, fault.Userf("opacity is 0 to 1, not %q", text)
		}
		drawn.Opacity = v
	}
	return &drawn, nil
}
