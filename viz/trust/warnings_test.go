package trust

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/zoo"
	"github.com/tomo-viz/tomo/viz/attribution"
)

func TestSuspicions(t *testing.T) {
	nan := math.NaN()
	for want, v := range map[string][3]float64{
		"drawn anew":    {0.9, 0, 0},
		"another class": {0, 0.99, 0},
		"little noise":  {0, 0, 1.5},
		"":              {nan, nan, nan},
	} {
		got := strings.Join(Suspicions("M", v[0], v[1], v[2]), "\n")
		if want == "" && got != "" || !strings.Contains(got, want) || strings.Count(got, "\n") > 0 {
			t.Errorf("%v: %q, want %q alone", v, got, want)
		}
	}
}

// TestWarnOfSaturation warns where a probability of 1 or 0 was explained, once
// for each picture and class, and not where a logit was.
func TestWarnOfSaturation(t *testing.T) {
	panels := []figure.HeatPanel{{Name: "a.png",
		Predictions: []figure.Prediction{{Class: 2, Label: "cat", Score: 0.99999}, {Class: 5, Label: "dog", Score: 0.2}},
		Maps:        []figure.Map{{Class: 2}, {Class: 2}, {Class: 5}}}}
	for q, want := range map[attribution.Quantity]int{attribution.Probability: 1, attribution.Logit: 0} {
		var about figure.About
		WarnOfSaturation(&about, panels, q)
		if len(about.Warnings) != want || want == 1 && !strings.Contains(about.Warnings[0], "--target logit") {
			t.Errorf("%s: %q", q, about.Warnings)
		}
	}
}

// TestLayerWarning: the input of the head is a good layer; what comes after
// global pooling has nothing to tell.
func TestLayerWarning(t *testing.T) {
	_, a := small(t)
	var pooled, late model.Layer
	for _, l := range a.Model.Layers() {
		switch l.Op {
		case "GlobalAveragePool":
			pooled = l
		case "Relu":
			late = l
		}
	}
	if w := LayerWarning(a.Model, late); w != "" {
		t.Errorf("the last activation: %q", w)
	}
	if w := LayerWarning(a.Model, pooled); !strings.Contains(w, "global pooling") {
		t.Errorf("after global pooling: %q", w)
	}
}

// TestEarlyLayers: early layers are told from late ones in networks of any kind:
// convolutions, transformers and networks of whole blocks.
func TestEarlyLayers(t *testing.T) {
	names, seen := []string{"resnet18", "deit_tiny", "convnext_tiny"}, 0
	for _, a := range zoo.Architectures() {
		if !slices.Contains(names, a.Name) {
			continue
		}
		seen++
		m, err := model.New(a.Name+".onnx", a.Small.Build(1), model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var maps []model.Layer
		for _, l := range m.Layers() {
			if l.Spatial && LayerWarning(m, l) == "" || strings.Contains(LayerWarning(m, l), "early") {
				maps = append(maps, l)
			}
		}
		if len(maps) < 4 {
			t.Errorf("%s has %d layers with maps", a.Name, len(maps))
			continue
		}
		if w := LayerWarning(m, maps[0]); !strings.Contains(w, "early") {
			t.Errorf("%s: %s, the first of its layers, is not called early: %q", a.Name, maps[0].Name, w)
		}
		if w := LayerWarning(m, maps[len(maps)-1]); w != "" {
			t.Errorf("%s: %s, the last of its layers: %q", a.Name, maps[len(maps)-1].Name, w)
		}
	}
	if seen != len(names) {
		t.Errorf("%d of %d networks are there", seen, len(names))
	}
}
