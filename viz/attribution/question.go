package attribution

import (
	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
	"github.com/tomo-viz/tomo/viz"
)

// A Question says what of an answer is to be explained, as users put it.
type Question struct {
	// Class names classes of a classifier or categories of a segmentation
	// network; Target is what of a class is explained.
	Class  []string
	Target Quantity
	// Region is where a category's scores are added up.
	Region Region
	// Value names elements of any value of the graph, as "boxes[0,3,:,2]", whose
	// sum is explained in place of a class; see ParseSelection.
	Value string
}

// Reads returns the value of the graph that the targets read. It errs, for the
// user, if the network's answer is none that the question fits.
func (q Question) Reads(m *model.Model) (ir.ValueID, error) {
	if q.Value != "" {
		s, err := ParseSelection(m, q.Value)
		return s.Value, err
	}
	if m.Head != nil {
		return m.Head.Logits, nil
	}
	if v := m.ScoreMaps(); v != ir.None {
		return v, nil
	}
	_, err := m.Classifier()
	return ir.None, viz.Userf("%w; say what to explain by the name of a value, as --value %q", err, exampleOf(m))
}

// exampleOf is a selection from the network's first output.
func exampleOf(m *model.Model) string {
	if len(m.Net.Outputs) == 0 {
		return "NAME[0]"
	}
	return m.Net.Values[m.Net.Outputs[0]].Name + "[0]"
}

// Targets returns what is to be explained of an answer that kept the value that
// the question reads, and the network's predictions, the best first.
func (q Question) Targets(a *Answer) ([]Target, []figure.Prediction, error) {
	switch {
	case q.Value != "":
		return q.selected(a)
	case a.Model.Head != nil:
		return q.classes(a)
	}
	return q.categories(a)
}

func (q Question) selected(a *Answer) ([]Target, []figure.Prediction, error) {
	s, err := ParseSelection(a.Model, q.Value)
	if err != nil {
		return nil, nil, err
	}
	out := a.Out[s.Value]
	if out.DType() != tensor.Float32 {
		return nil, nil, viz.Userf("%s holds %s, and only floats can be explained", s.Name, out)
	}
	places, err := s.places(out.Shape())
	if err != nil {
		return nil, nil, err
	}
	var ranked []figure.Prediction
	if a.Logits != nil {
		ranked = a.Model.Rank(a.Logits.F32())
	}
	weights := make([]float32, out.Len())
	for _, at := range places {
		weights[at] = 1
	}
	return []Target{weighted(s.Value, noClass, q.Value, weights)}, ranked, nil
}

// noClass is the class of targets that belong to none.
const noClass = -1

func (q Question) classes(a *Answer) ([]Target, []figure.Prediction, error) {
	ranked := a.Model.Rank(a.Logits.F32())
	classes, err := PickClasses(a.Model, q.Class, ranked)
	if err != nil {
		return nil, nil, err
	}
	var out []Target
	for _, class := range classes {
		out = append(out, OfClass(a.Model, class, q.Target))
	}
	return out, ranked, nil
}

// categories explains categories of a segmentation network: the sum of one's
// logits over a region.
func (q Question) categories(a *Answer) ([]Target, []figure.Prediction, error) {
	v := a.Model.ScoreMaps()
	if q.Target != Logit {
		return nil, nil, viz.Userf("%s puts out maps of scores, of which logits are explained and not probabilities", a.Model.Name)
	}
	grid := a.Grid(v)
	scores := a.Out[v].F32()
	won := winners(grid, scores)
	ranked := rankCategories(a.Model, grid, won, scores)
	classes, err := PickClasses(a.Model, q.Class, ranked)
	if err != nil {
		return nil, nil, err
	}
	var out []Target
	for _, class := range classes {
		if class >= grid.Channels {
			return nil, nil, viz.Userf("there is no category %d; %s has %d, from 0", class, a.Model.Name, grid.Channels)
		}
		inside, err := q.Region.within(a, grid)
		if err != nil {
			return nil, nil, err
		}
		weights, n := make([]float32, len(scores)), 0
		for i := range grid.Places() {
			if inside(i) || q.Region.won() && won[i] == class {
				weights[grid.At(class, i/grid.W, i%grid.W)] = 1
				n++
			}
		}
		if n == 0 {
			return nil, nil, viz.Userf("category %q wins nowhere in this picture; explain another, or its score everywhere with --region all, or in a box", a.Model.Label(class))
		}
		out = append(out, weighted(v, class, a.Model.Label(class), weights))
	}
	return out, ranked, nil
}

// weighted explains a weighted sum of a value's elements.
func weighted(v ir.ValueID, class int, label string, weights []float32) Target {
	return Target{
		Value: v, Class: class, Label: label, Linear: true,
		Slope: func([]float32) []float32 { return weights },
		Score: func(row []float32) float64 {
			sum := 0.0
			for i, w := range weights {
				if w != 0 {
					sum += float64(w) * float64(row[i])
				}
			}
			return sum
		},
	}
}

// ClassName is what a target is called.
func (t Target) ClassName(m *model.Model) string {
	if t.Label != "" {
		return t.Label
	}
	return m.Label(t.Class)
}
