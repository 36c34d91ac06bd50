package activations

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A ledger is what each channel of a layer contributes to each class's logit:
// the mean over the pictures of Σ activation × gradient.
type ledger struct {
	*survey
	labels  []int       // classes of the pictures' labels
	answers map[int]int // pictures by the class that the network answers
	classes []int       // the rows
	sums    [][]float64 // by class and channel
	count   int
}

// mostClasses is how many have a row where the user names none.
const mostClasses = 20

func collectLedger(s *survey) (collector, error) {
	if err := s.explains(); err != nil {
		return nil, err
	}
	c := &ledger{survey: s, answers: map[int]int{}}
	c.total *= 2
	for _, name := range s.params.Class {
		class, err := s.model.Class(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(c.classes, class) {
			c.classes = append(c.classes, class)
		}
	}
	for _, img := range s.in.Images {
		if class, err := s.model.Class(img.Label); img.Label != "" && err == nil && !slices.Contains(c.labels, class) {
			c.labels = append(c.labels, class)
		}
	}
	return c, nil
}

func (c *ledger) add(_ context.Context, r *reading) error {
	c.answers[leading(r.answer.Logits.F32())]++
	return nil
}

// finish settles the classes and goes through the pictures again.
func (c *ledger) finish(ctx context.Context) error {
	if len(c.classes) == 0 {
		c.classes = c.worthARow()
	}
	c.sums = make([][]float64, len(c.classes))
	return c.pass(ctx, c, "contributions", func(r *reading) error {
		for i, class := range c.classes {
			contributions, err := c.contributions(ctx, r, attribution.OfClass(c.model, class, attribution.Logit))
			if err != nil {
				return err
			}
			if c.sums[i] == nil {
				c.sums[i] = make([]float64, len(contributions))
			}
			for k, v := range contributions {
				c.sums[i][k] += v
			}
		}
		c.count++
		return nil
	})
}

// worthARow are all classes if they are few, or else those of the labels, or of
// the answers, the most frequent first.
func (c *ledger) worthARow() []int {
	if n := c.model.Classes(); n <= mostClasses {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	out := slices.Sorted(slices.Values(c.labels))
	if len(out) == 0 {
		out = c.byFrequency()
	}
	return out[:min(len(out), mostClasses)]
}

// answered is what there is before the second pass: how often each class is the
// answer.
func (c *ledger) answered() figure.Figure {
	if len(c.answers) == 0 {
		return nil
	}
	t := &figure.Table{Columns: []figure.Column{{Name: "answer"}, {Name: "pictures", Number: true}}}
	t.Title = "What the network answers"
	for _, class := range c.byFrequency() {
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{figure.Text(c.model.Label(class)), figure.Count(int64(c.answers[class]))}})
	}
	return t
}

// byFrequency has the classes that are answered, the most frequent first.
func (c *ledger) byFrequency() []int {
	out := slices.Collect(maps.Keys(c.answers))
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(cmp.Compare(c.answers[b], c.answers[a]), a-b) })
	return out
}

func (c *ledger) figure() figure.Figure {
	if c.count == 0 {
		return c.answered()
	}
	m := &figure.Matrix{RowsAre: "class", ColumnsAre: "channel", ValuesAre: "mean contribution to the logit", Colormap: "coolwarm"}
	m.Title = "What the channels of " + c.layers[0].Name + " contribute to the classes"
	for i, class := range c.classes {
		m.Rows = append(m.Rows, figure.Line{Name: c.model.Label(class), Note: fmt.Sprintf("answered for %d pictures", c.answers[class])})
		for _, v := range c.sums[i] {
			mean := float32(v / float64(c.count))
			m.Values = append(m.Values, mean)
			if mean-mean == 0 {
				m.High = max(m.High, float32(math.Abs(float64(mean))))
			}
		}
	}
	for k := range c.sums[0] {
		m.Columns = append(m.Columns, figure.Line{Name: fmt.Sprint(k)})
	}
	m.Low = -m.High
	m.Add("contribution", "activation × gradient of the class's logit, summed over the places, mean over all pictures")
	return m
}
