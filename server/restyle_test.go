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
	report := &figure.Report{Sections: []figure.Section{{Title: "words"}, {Figure: kept}}}
	got, err := restyle(report, url.Values{"colormap": {"turbo"}, "contour": {"0.5"}})
	if err != nil {
		t.Fatal(err)
	}
	if h := got.(*figure.Report).Sections[1].Figure.(*figure.Heatmap); h.Colormap != "turbo" || h.Contour != 0.5 || kept.Contour != 0 {
		t.Errorf("the heatmap in a report has %s and a contour at %v; the kept one at %v", h.Colormap, h.Contour, kept.Contour)
	}
	graph := &figure.Graph{}
	if got, err := restyle(graph, url.Values{"colormap": {"pink"}}); got != graph || err != nil {
		t.Errorf("a graph became %v, %v", got, err)
	}
}
