package cam

import (
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/viz"
)

// linearOps are the operators that may stand between the layer and the logits
// for CAM: together they are linear in the layer's output, and pool it evenly.
var linearOps = []string{
	"GlobalAveragePool", "ReduceMean", "AveragePool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose",
	"Gemm", "MatMul", "Add", "Identity", "Dropout", "Cast",
}

// linearHead checks that the logits are a linear layer on the average of the
// layer's maps; CAM is defined for no other network.
func linearHead(s *Sight, layer int) error {
	m, l := s.Model, s.Layers[layer]
	if m.Head == nil {
		return refuse(m, l, "there are no logits of classes")
	}
	consumers := m.Net.Consumers()
	spatial := func(v ir.ValueID) bool { _, ok := s.Spatial(v); return ok }
	pools := 0
	for v := l.Value; v != m.Head.Logits; {
		uses := consumers[v]
		if len(uses) != 1 {
			return refuse(m, l, "its output goes more than one way")
		}
		n := &m.Net.Nodes[uses[0]]
		if !slices.Contains(linearOps, n.Op) {
			return refuse(m, l, "the "+n.Op+" node "+n.Name+" lies between it and the logits")
		}
		if out := n.Output(0); out != ir.None {
			if spatial(v) && !spatial(out) {
				pools++
				if !poolsEvenly(n.Op) {
					return refuse(m, l, "its maps are not averaged before the linear layer")
				}
			}
			v = out
			continue
		}
		return refuse(m, l, "it does not lead to the logits")
	}
	if pools == 0 {
		return refuse(m, l, "its maps are not averaged before the logits")
	}
	return nil
}

func poolsEvenly(op string) bool {
	return op == "GlobalAveragePool" || op == "ReduceMean" || op == "AveragePool"
}

func refuse(m *model.Model, l model.Layer, why string) error {
	return viz.Userf("CAM needs a network whose logits are one linear layer on the average of the maps; at layer %q of %s %s. Use gradcam, which equals CAM where CAM is defined", l.Name, m.Name, why)
}
