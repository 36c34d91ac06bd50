// Package all holds the one list of techniques.
package all

import (
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/activations"
	"github.com/tomo-viz/tomo/viz/arch"
	"github.com/tomo-viz/tomo/viz/cam"
	"github.com/tomo-viz/tomo/viz/gradients"
	"github.com/tomo-viz/tomo/viz/report"
	"github.com/tomo-viz/tomo/viz/saliency"
	"github.com/tomo-viz/tomo/viz/training"
)

//go:generate go run ../../internal/docgen ../../docs/techniques

// Methods lists the techniques in the order in which people meet them.
func Methods() []*viz.Method {
	return []*viz.Method{
		arch.Method,
		cam.Method,
		saliency.Method,
		report.Method,
		activations.Method,
		gradients.Method,
		training.Method,
	}
}
