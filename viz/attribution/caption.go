package attribution

import (
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// Describe adds what maps rest on: how pictures are prepared, and where the
// class names come from.
func Describe(about *figure.About, m *model.Model) {
	if m.Prep != nil {
		about.Add("input", m.Prep.String())
		about.Add("input settings from", m.Prep.Source)
	}
	if m.Labels.Source != "" {
		about.Add("labels from", m.Labels.Source)
	}
	if m.Prep != nil && m.Prep.Guessed {
		about.Warn("How pictures are prepared is only guessed. If the predictions look wrong, say how the network was trained: --input-recipe, --input-mean, ... or a tomo.json beside the model.")
	}
}

// WarnOnce lifts the maps' warnings to the figure, each once.
func WarnOnce(fig *figure.Heatmap) {
	seen := map[string]bool{}
	for _, panel := range fig.Panels {
		for _, m := range panel.Maps {
			if m.Warning != "" && !seen[m.Warning] {
				seen[m.Warning] = true
				fig.Warn(m.Warning)
			}
		}
	}
}

// Colormaps are figure's colour maps as choices of a parameter.
func Colormaps() []viz.Choice {
	var out []viz.Choice
	for _, c := range figure.Colormaps() {
		out = append(out, viz.Choice{Name: c.Name, Help: c.Help})
	}
	return out
}
