package server

import (
	"net/url"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

func TestRestyle(t *testing.T) {
	kept := &figure.Heatmap{Colormap: "inferno", Opacity: 0.7}
	cases := map[string]struct {
		colormap string
		opacity  float64
	}{
		"":                           {"inferno", 0.7},
		"colormap=turbo":             {"turbo", 0.7},
		"opacity=0.25&colormap=gray": {"gray", 0.25},
		"opacity=0":                  {"inferno", 0},
	}
	for query, want := range cases {
		q, _ := url.ParseQuery(query)
		got, err := restyle(kept, q)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		h := got.(*figure.Heatmap)
		if h.Colormap != want.colormap || h.Opacity != want.opacity {
			t.Errorf("%s: got %s %v", query, h.Colormap, h.Opacity)
		}
	}
	if kept.Colormap != "inferno" || kept.Opacity != 0.7 {
		t.Error("the kept figure was changed")
	}
	for _, query := range []string{"colormap=pink", "opacity=2", "opacity=NaN", "opacity=x", "contour=-1"} {
		q, _ := url.ParseQuery(query)
		if _, err := restyle(kept, q); err == nil {
			t.Errorf("%s: no error", query)
		}
	}
	graph := &figure.Graph{}
	if got, err := restyle(graph, url.Values{"colormap": {"pink"}}); got != graph || err != nil {
		t.Errorf("a graph became %v, %v", got, err)
	}
}
