package main

import (
	"context"
	"time"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz/attribution"
	"github.com/tomo-viz/tomo/viz/cam"
)

// What all of them explain.
const (
	class = 3
	layer = "layer4"
)

// mapTime is the median time of a map, its forward pass included.
func (b *bench) mapTime(ctx context.Context, method string) (time.Duration, error) {
	m, photo, err := b.Open()
	if err != nil {
		return 0, err
	}
	l, err := m.Layer(layer)
	if err != nil {
		return 0, err
	}
	target := attribution.OfClass(m, class, attribution.Logit)
	rounds, warm := 15, 3
	if method == "scorecam" {
		rounds, warm = 1, 1
	}
	var seconds []float64
	for i := range warm + rounds {
		start := time.Now()
		look, err := cam.Look(ctx, m, photo, []model.Layer{l}, target.Value)
		if err != nil {
			return 0, err
		}
		if _, err := look.Maps(ctx, target, []cam.Variant{cam.Variant(method)}, cam.Options{}); err != nil {
			return 0, err
		}
		if i >= warm {
			seconds = append(seconds, time.Since(start).Seconds())
		}
	}
	return time.Duration(median(seconds) * 1e9), nil
}
