package model

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/internal/fault"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Scores turns one row of logits into scores from 0 to 1.
func (h *Head) Scores(logits []float32) []float64 {
	switch {
	case h.Activation == "sigmoid":
		return sigmoid(logits)
	case h.AreScores(logits):
		return widen(logits)
	}
	return softmax(logits)
}

// AreScores reports whether one row of what the network answers is scores
// already, by a softmax that is not spelled as one.
func (h *Head) AreScores(row []float32) bool { return h.Activation == "none" && alreadyScores(row) }

// ScoreGradient returns the derivative of one class's score with respect to
// each logit.
func (h *Head) ScoreGradient(logits []float32, class int) []float32 {
	out := make([]float32, len(logits))
	scores := h.Scores(logits)
	p := scores[class]
	switch {
	case h.Activation == "sigmoid":
		out[class] = float32(p * (1 - p))
	case h.AreScores(logits):
		out[class] = 1
	default:
		for c, q := range scores {
			out[c] = float32(-p * q)
		}
		out[class] += float32(p)
	}
	return out
}

func sigmoid(v []float32) []float64 {
	out := widen(v)
	for i, x := range out {
		out[i] = 1 / (1 + math.Exp(-x))
	}
	return out
}

func softmax(v []float32) []float64 {
	out, sum := widen(v), 0.0
	if len(out) == 0 {
		return out
	}
	top := slices.Max(out)
	for i, x := range out {
		out[i] = math.Exp(x - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

func widen(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
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
	if err := m.Runnable(); err != nil {
		return nil, err
	}
	out, err := m.Session().Run(ctx, map[ir.ValueID]*tensor.Tensor{m.Input: x}, head.Logits)
	if err != nil {
		return nil, err
	}
	logits := out[0].F32()
	if len(logits) != head.Classes {
		return nil, fault.Userf("%s answers with %s where one score for each of %d classes was expected", m.Name, out[0], head.Classes)
	}
	return m.Rank(logits), nil
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
