package cam

import (
	"cmp"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A Target is what a map explains of a class.
type Target string

// The targets.
const (
	Logit       Target = "logit"
	Probability Target = "probability"
)

// Choices lists the targets.
func (Target) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: string(Logit), Help: "the class's score before softmax, whatever the other classes"},
		{Name: string(Probability), Help: "its probability, which also falls where other classes rise"},
	}
}

// seed returns the derivative of the target with respect to the logits.
func (s *Sight) seed(class int, target Target) *tensor.Tensor {
	out := tensor.New(tensor.Float32, s.Logits.Shape()...)
	if target == Probability {
		copy(out.F32(), s.Model.Head.ScoreGradient(s.Logits.F32(), class))
	} else {
		out.F32()[class] = 1
	}
	return out
}

// Finer-CAM's constants: how many classes one is told from, and how much they
// count.
const (
	similarClasses = 3
	contrast       = 0.6
)

// contrastSeed makes the target what sets the class apart from the most similar
// ones, those with the nearest logits: y_c - γ·mean(y_d). Finer-CAM, arXiv
// 2501.11309, section 3.2.
func (s *Sight) contrastSeed(class int) *tensor.Tensor {
	logits := s.Logits.F32()
	var others []int
	for c := range logits {
		if c != class {
			others = append(others, c)
		}
	}
	distance := func(c int) float64 { return math.Abs(float64(logits[c]) - float64(logits[class])) }
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(distance(a), distance(b)) })
	others = others[:min(similarClasses, len(others))]
	out := tensor.New(tensor.Float32, s.Logits.Shape()...)
	out.F32()[class] = 1
	for _, c := range others {
		out.F32()[c] = -contrast / float32(len(others))
	}
	return out
}
