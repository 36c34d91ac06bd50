package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/figure"
)

// writePanels says in words what a heatmap shows: for each picture the
// answers, and for each map where its heat lies.
func writePanels(h *figure.Heatmap, line func(string)) {
	for i, p := range h.Panels {
		if i > 0 {
			line("")
		}
		line(clean(p.Name))
		for _, pred := range p.Predictions {
			line(fmt.Sprintf("  %8s  %s", percentText(pred.Score), middle(clean(className(pred.Label, pred.Class)), widestColumn)))
		}
		if p.Truth != nil {
			line(fmt.Sprintf("  %8s  labelled %s", percentText(p.Truth.Score), middle(clean(className(p.Truth.Label, p.Truth.Class)), widestColumn)))
		}
		for _, m := range p.Maps {
			line(fmt.Sprintf("  %s, %s, for %s: %s", clean(m.Method), clean(m.Layer), clean(className(m.Label, m.Class)), whereHeat(m)))
		}
	}
}

// whereHeat says where a map is hottest, and in how much of the picture half
// of its heat lies. Cells that hold no number count as cold.
func whereHeat(m figure.Map) string {
	if m.Warning != "" || len(m.Values) == 0 || len(m.Values) != m.W*m.H {
		return "no information"
	}
	heat, _, _ := normalized(&m)
	hottest, total := 0, 0.0
	for i, v := range heat {
		if v > heat[hottest] {
			hottest = i
		}
		total += float64(v)
	}
	x, y := hottest%m.W, hottest/m.W
	slices.SortFunc(heat, func(a, b float32) int { return cmp.Compare(b, a) })
	half, places := 0.0, 0
	for half < total/2 && places < len(heat) {
		half += float64(heat[places])
		places++
	}
	if places == 0 {
		return "no heat anywhere"
	}
	return fmt.Sprintf("hottest %s; half of the heat lies in %.0f %% of the picture",
		place(float64(x)+0.5, float64(y)+0.5, m), 100*float64(places)/float64(len(heat)))
}

// place names one of nine parts of the picture, with the exact place behind.
func place(x, y float64, m figure.Map) string {
	third := func(t float64, names [3]string) string { return names[min(2, int(3*t))] }
	u, v := x/float64(m.W), y/float64(m.H)
	words := []string{third(v, [3]string{"top", "", "bottom"}), third(u, [3]string{"left", "", "right"})}
	name := strings.TrimSpace(strings.Join(words, " "))
	if name == "" {
		name = "in the middle"
	} else {
		name = "at the " + name
	}
	return fmt.Sprintf("%s (%.0f %% from the left, %.0f %% from the top)", name, 100*u, 100*v)
}
