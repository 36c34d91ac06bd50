package model

import (
	"slices"

	"github.com/tomo-viz/tomo/nn/ir"
)

// turnsScores are operators that may stand between the scores of a segmentation
// network and its output.
var turnsScores = []string{"Softmax", "LogSoftmax", "Sigmoid", "ArgMax", "Identity", "Cast", "Squeeze"}

// ScoreMaps returns where a network answers with a score for each category at
// each place, before a softmax or sigmoid; None if it does not.
func (m *Model) ScoreMaps() ir.ValueID {
	for _, v := range m.Net.Outputs {
		found := ir.ValueID(ir.None)
		for v != ir.None {
			if g, ok := m.Grids().Of(v); ok && g.Lead == 0 && g.H > 1 {
				found = v
			}
			p := m.Net.Values[v].Producer
			if p == ir.None || !slices.Contains(turnsScores, m.Net.Nodes[p].Op) {
				break
			}
			v = m.Net.Nodes[p].Input(0)
		}
		if found != ir.None {
			return found
		}
	}
	return ir.None
}
