package render

import (
	"slices"
	"testing"

	"github.com/tomo-viz/tomo/figure"
)

func TestEveryNodeClassHasColours(t *testing.T) {
	var coloured []string
	for _, c := range Classes() {
		coloured = append(coloured, c.Class)
	}
	if want := figure.NodeClasses(); !slices.Equal(coloured, want) {
		t.Errorf("there are colours for %v, want them for %v in this order", coloured, want)
	}
}
