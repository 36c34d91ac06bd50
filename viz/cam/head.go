package cam

import (
	"fmt"
	"slices"

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
// layer's maps; CAM is defined for no other network. It names a layer of which
// they are, if there is one.
func linearHead(s *Sight, layer int) error {
	m, l := s.Model, s.Layers[layer]
	why := s.nonlinear(l.Value)
	if why == "" {
		return nil
	}
	cure := "Use gradcam, which equals CAM where CAM is defined"
	for _, other := range slices.Backward(m.Layers()) {
		if _, ok := s.Spatial(other.Value); ok && !slices.Contains(copies, other.Op) && s.nonlinear(other.Value) == "" {
			cure = fmt.Sprintf("Take layer %q, of which they are, or gradcam, which equals CAM where CAM is defined", other.Name)
			break
		}
	}
	return viz.Userf("CAM needs a network whose logits are one linear layer on the average of the maps; at layer %q of %s %s. %s", l.Name, m.Name, why, cure)
}

// nonlinear says why the logits are no linear layer on the average of a value's
// maps; it is empty if they are.
func (s *Sight) nonlinear(v ir.ValueID) string {
	m := s.Model
	if m.Head == nil {
		return "there are no logits of classes"
	}
	consumers := m.Net.Consumers()
	spatial := func(v ir.ValueID) bool { _, ok := s.Spatial(v); return ok }
	pools := 0
	for v != m.Head.Logits {
		uses := consumers[v]
		if len(uses) != 1 {
			return "its output goes more than one way"
		}
		n := &m.Net.Nodes[uses[0]]
		if !slices.Contains(linearOps, n.Op) {
			return "the " + n.Op + " node " + n.Name + " lies between it and the logits"
		}
		out := n.Output(0)
		if out == ir.None {
			return "it does not lead to the logits"
		}
		if spatial(v) && !spatial(out) {
			pools++
			if !poolsEvenly(n.Op) {
				return "its maps are not averaged before the linear layer"
			}
		}
		v = out
	}
	if pools == 0 {
		return "its maps are not averaged before the logits"
	}
	return ""
}

func poolsEvenly(op string) bool {
	return op == "GlobalAveragePool" || op == "ReduceMean" || op == "AveragePool"
}
