package model

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/op"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// A Head is where a classifier states its answer.
type Head struct {
	// Logits is the value before the last softmax or sigmoid: [N, classes],
	// possibly with trailing extents of 1.
	Logits ir.ValueID
	// Activation is what turns logits into scores: "softmax", "sigmoid", or
	// "none" where the network's output is scores already.
	Activation string
	Classes    int
}

// passThrough are operators that do not change which class leads.
var passThrough = []string{"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Dropout", "ZipMap", "QuantizeLinear", "DequantizeLinear"}

// findHead looks from each output back to the logits.
func (m *Model) findHead(types []op.Type) *Head {
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

func (m *Model) headAt(v ir.ValueID, types []op.Type) *Head {
	h := &Head{Logits: ir.None, Activation: "softmax"}
	for v != ir.None {
		if n := classesOf(types[v].Shape); n > 0 {
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
		case !slices.Contains(passThrough, node.Op):
			v = ir.None
			continue
		}
		v = node.Input(0)
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
	n := classesOf(types[v].Shape)
	if n == 0 {
		return nil
	}
	return &Head{Logits: v, Activation: activation, Classes: n}
}

// classesOf returns C for [N, C, 1, ...], and 0 for what is no list of scores.
func classesOf(s ir.Shape) int {
	if len(s) < 2 || s[1].N < 1 {
		return 0
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

// Scores turns one row of logits into scores from 0 to 1.
func (h *Head) Scores(logits []float32) []float64 {
	out := make([]float64, len(logits))
	if h.Activation == "sigmoid" {
		for i, x := range logits {
			out[i] = 1 / (1 + math.Exp(-float64(x)))
		}
		return out
	}
	if alreadyScores(logits) {
		for i, x := range logits {
			out[i] = float64(x)
		}
		return out
	}
	top, sum := slices.Max(logits), 0.0
	for i, x := range logits {
		out[i] = math.Exp(float64(x - top))
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// alreadyScores recognizes a softmax that is not spelled as one: no number is
// negative and they sum to one.
func alreadyScores(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		if x < 0 || x != x {
			return false
		}
		sum += float64(x)
	}
	return len(v) > 1 && math.Abs(sum-1) < 1e-3
}

// Predict returns all classes for a prepared picture, best first.
func (m *Model) Predict(ctx context.Context, x *tensor.Tensor) ([]figure.Prediction, error) {
	head, err := m.Classifier()
	if err != nil {
		return nil, err
	}
	out, err := m.Session().Run(ctx, map[ir.ValueID]*tensor.Tensor{m.Input: x}, head.Logits)
	if err != nil {
		return nil, err
	}
	return m.Rank(out[0].F32()), nil
}

// Rank returns the classes for one row of logits, best first; classes that tie
// stay in order.
func (m *Model) Rank(logits []float32) []figure.Prediction {
	scores := m.Head.Scores(logits)
	out := make([]figure.Prediction, len(logits))
	for i := range out {
		out[i] = figure.Prediction{Class: i, Label: m.Label(i), Score: scores[i], Logit: float64(logits[i])}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Logit > out[j].Logit })
	return out
}
