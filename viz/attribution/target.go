package attribution

import (
	"cmp"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/viz"
)

// A Target is the number that is explained, a function of one row of one value
// of the graph.
type Target struct {
	Value ir.ValueID
	// Class is what the number belongs to, -1 if to none; Label is what it is
	// called, if not as the class.
	Class int
	Label string
	// Score is the number; Slope its derivative by each element of the row.
	Score func(row []float32) float64
	Slope func(row []float32) []float32
	// Linear says that Slope is the same for every row.
	Linear bool
}

// A Quantity is what of a class is explained.
type Quantity string

// The quantities.
const (
	Logit       Quantity = "logit"
	Probability Quantity = "probability"
)

// Choices lists the quantities.
func (Quantity) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(Logit), Help: "the class's score before softmax, whatever the other classes"},
		{Name: string(Probability), Help: "its probability, which also falls where other classes rise"},
	}
}

// OfClass explains a quantity of one class.
func OfClass(m *model.Model, class int, q Quantity) Target {
	t := Target{Value: m.Head.Logits, Class: class}
	if q == Probability {
		t.Score = func(logits []float32) float64 { return m.Head.Scores(logits)[class] }
		t.Slope = func(logits []float32) []float32 { return m.Head.ScoreGradient(logits, class) }
		return t
	}
	t.Linear = true
	t.Score = func(logits []float32) float64 { return float64(logits[class]) }
	t.Slope = func(logits []float32) []float32 {
		out := make([]float32, len(logits))
		out[class] = 1
		return out
	}
	return t
}

// Finer-CAM's constants: how many classes one is told from, and how much they
// count.
const (
	similarClasses = 3
	contrast       = 0.6
)

// OfContrast explains what sets a class apart from the most similar ones, those
// with the nearest logits: y_c - γ·mean(y_d). Finer-CAM, arXiv 2501.11309,
// section 3.2.
func OfContrast(m *model.Model, class int) Target {
	return Target{
		Value: m.Head.Logits, Class: class,
		Slope: func(logits []float32) []float32 { return contrastWith(logits, class) },
		Score: func(logits []float32) float64 {
			sum := 0.0
			for c, weight := range contrastWith(logits, class) {
				sum += float64(weight) * float64(logits[c])
			}
			return sum
		},
	}
}

// contrastWith weighs the logits.
func contrastWith(logits []float32, class int) []float32 {
	var others []int
	for c := range logits {
		if c != class {
			others = append(others, c)
		}
	}
	distance := func(c int) float64 { return math.Abs(float64(logits[c]) - float64(logits[class])) }
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(distance(a), distance(b)) })
	others = others[:min(similarClasses, len(others))]
	out := make([]float32, len(logits))
	out[class] = 1
	for _, c := range others {
		out[c] = -contrast / float32(len(others))
	}
	return out
}
