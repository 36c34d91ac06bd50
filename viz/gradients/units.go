package gradients

import (
	"fmt"
)

// What the rule about ReLUs takes for wrong.
const (
	deadShare  = 0.75
	fewUnits   = 16
	fewSamples = 32
)

func findDead(h *history) []finding {
	if h.samples < fewSamples {
		return nil
	}
	var bad []string
	for i := range h.dead {
		if dead, units := h.dead[i].deadUnits(); units >= fewUnits && float64(dead) >= deadShare*float64(units) {
			bad = append(bad, fmt.Sprintf("%s (%d of %d)", h.dead[i].name, dead, units))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return []finding{{deadUnits, fmt.Sprintf("Channels that are zero for all %d samples let no gradient through: %s.", h.samples, some(bad, 4)), nowhere}}
}
