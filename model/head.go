package model

import (
	"slices"
	"sort"

	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
)

// A Head is where a classifier states its answer.
type Head struct {
	// Logits is the value before the last softmax or sigmoid: [N, classes],
	// possibly with trailing extents of 1.
	Logits ir.ValueID
	// Activation is what turns logits into scores: "softmax", "sigmoid", or
	// "none" where the network ends with neither. Then the numbers are scores if
	// they look like it, and logits of a softmax otherwise.
	Activation string
	Classes    int
}

// passThrough are operators that do not change which class leads.
var passThrough = []string{"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Dropout", "ZipMap", "QuantizeLinear", "DequantizeLinear"}

// detectors are operators that no classifier has.
var detectors = []string{"NonMaxSuppression", "RoiAlign", "MaxRoiPool", "EfficientNMS_TRT", "BatchedNMS_TRT"}

// findHead looks from each output back to the logits.
func (m *Model) findHead(types []op.Type) *Head {
	for i := range m.Net.Nodes {
		if slices.Contains(detectors, m.Net.Nodes[i].Op) {
			return nil
		}
	}
	for _, out := range m.outputs() {
		if h := m.headAt(out, types); h != nil {
			return h
		}
	}
	return nil
}

// outputs lists the network's outputs, float tensors first.
func (m *Model) outputs() []ir.ValueID {
	outs := slices.Clone(m.Net.Outputs)
	sort.SliceStable(outs, func(i, j int) bool {
		return m.Net.Values[outs[i]].DType.IsFloat() && !m.Net.Values[outs[j]].DType.IsFloat()
	})
	return outs
}

// headAt follows an output back through what only reshapes it. What the output
// holds for each input must be one list, of the same length all the way.
func (m *Model) headAt(v ir.ValueID, types []op.Type) *Head {
	h := &Head{Logits: ir.None, Activation: "none"}
	most := scoresOf(types[v].Shape)
	if most == 0 {
		return nil
	}
	for v != ir.None {
		if n := m.classesOf(types[v]); n > 0 && (most < 0 || n == most) {
			h.Logits, h.Classes = v, n
		}
		p := m.Net.Values[v].Producer
		if p == ir.None {
			break
		}
		node := &m.Net.Nodes[p]
		switch {
		case node.Op == "Softmax" || node.Op == "LogSoftmax":
			return m.headBefore(node, types, "softmax")
		case node.Op == "Sigmoid":
			return m.headBefore(node, types, "sigmoid")
		case slices.Contains(passThrough, node.Op):
			v = node.Input(0)
		default:
			v = ir.None
		}
	}
	if h.Logits == ir.None {
		return nil
	}
	return h
}

func (m *Model) headBefore(node *ir.Node, types []op.Type, activation string) *Head {
	v := node.Input(0)
	if v == ir.None {
		return nil
	}
	n := m.classesOf(types[v])
	if n == 0 {
		return nil
	}
	return &Head{Logits: v, Activation: activation, Classes: n}
}

// scoresOf returns how many scores an output can hold: the extent that is not
// one, -1 if that is not known, 0 if there are several.
func scoresOf(s ir.Shape) int {
	if s == nil {
		return -1
	}
	n := 1
	for i, d := range s {
		switch {
		case i == 0 && len(s) > 1: // the batch
		case !d.IsKnown():
			return -1
		case d.N != 1 && n != 1:
			return 0
		case d.N != 1:
			n = d.N
		}
	}
	return n
}

// classesOf returns C for floats [N, C, 1, ...], and 0 for what is no list of
// scores. N is the batch, so where the picture's is known it is the same.
func (m *Model) classesOf(t op.Type) int {
	s := t.Shape
	if len(s) < 2 || s[1].N < 1 || !t.DType.IsFloat() {
		return 0
	}
	if m.Input != ir.None {
		batch := m.Net.Values[m.Input].Shape
		if s[0].N > 1 && (len(batch) == 0 || batch[0].N != s[0].N) {
			return 0
		}
	}
	for _, d := range s[2:] {
		if d.N != 1 {
			return 0
		}
	}
	return s[1].N
}

// Classes returns the number of classes, or 0 if the model is no classifier.
func (m *Model) Classes() int {
	if m.Head == nil {
		return 0
	}
	return m.Head.Classes
}

// Classifier returns the head, or a UserError that says what the model has
// instead.
func (m *Model) Classifier() (*Head, error) {
	if m.Head == nil {
		return nil, fault.Userf("%s is no classifier that Tomo recognizes: none of its outputs is one score for each class (%s)", m.Name, m.describeOutputs())
	}
	return m.Head, nil
}
