package trust

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Randomized returns networks like m whose weights are drawn anew from the
// answer down, ever more of them: the last has none of its own. Each layer's are
// drawn from the normal distribution with the mean and deviation that it had.
// It returns fewer where they would take too much memory, and none if the
// network has no weights. arXiv 1810.03292, section 3, cascading.
func Randomized(m *model.Model, stages int, seed int64) []*model.Model {
	layers := weightsFromTheTop(m)
	bytes := 0
	for _, v := range layers {
		bytes += 4 * m.Net.Values[v].Const.Len()
	}
	stages = min(stages, len(layers), max(1, mostRandomBytes/max(bytes, 1)))
	var out []*model.Model
	for s := range stages {
		// The first has another last layer alone, the last nothing else.
		n := 1
		if s == stages-1 {
			n = len(layers)
		} else if s > 0 {
			n = max(1, s*len(layers)/(stages-1))
		}
		out = append(out, m.WithNet(redrawn(m.Net, layers[:n], seed)))
	}
	return out
}

// mostRandomBytes bounds the memory of all redrawn weights together.
const mostRandomBytes = 1 << 30

// weightsFromTheTop lists the weights that the answer rests on, the last layer's
// first. Vectors, such as biases and the scales of normalization, are not among
// them: they keep the network in the range it was made for.
func weightsFromTheTop(m *model.Model) []ir.ValueID {
	needed := m.Net.Needed([]ir.ValueID{m.Head.Logits}, nil)
	seen := map[ir.ValueID]bool{}
	var out []ir.ValueID
	for i := len(m.Net.Nodes) - 1; i >= 0; i-- {
		if !needed[i] {
			continue
		}
		for _, v := range m.Net.Nodes[i].Inputs {
			if v != ir.None && !seen[v] && isWeight(m.Net.Values[v].Const) {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

func isWeight(t *tensor.Tensor) bool {
	if t == nil || t.DType() != tensor.Float32 || t.Len() < 2 {
		return false
	}
	extents := 0
	for _, n := range t.Shape() {
		if n > 1 {
			extents++
		}
	}
	return extents > 1
}

// redrawn returns a copy of a graph with other weights. Each layer's are the
// same however many others are drawn.
func redrawn(g *ir.Graph, weights []ir.ValueID, seed int64) *ir.Graph {
	c := g.Clone()
	for _, v := range weights {
		random := rand.New(rand.NewPCG(uint64(seed), uint64(v)))
		old := g.Values[v].Const
		mean, sigma := 0.0, deviation(old.F32())
		for _, x := range old.F32() {
			mean += float64(x) / float64(old.Len())
		}
		t := tensor.New(tensor.Float32, old.Shape()...)
		for i := range t.F32() {
			t.F32()[i] = float32(mean + sigma*random.NormFloat64())
		}
		c.Values[v].Const = t
	}
	return c
}

// A Likeness is how alike two maps are: by the ranks of their places, by
// structure and by the directions of their edges, each 1 for the same map and
// about 0 for unrelated ones.
type Likeness struct{ Spearman, SSIM, HOG float64 }

// Like compares the case's heat with another of the picture's size.
func (c *Case) Like(heat []float32) Likeness {
	p := c.Planes()
	return Likeness{RankCorrelation(c.Heat, heat), ssim(c.Heat, heat, p.W, p.H), hogSimilarity(c.Heat, heat, p.W, p.H)}
}

// Cascade returns how alike the case's map is to those of networks whose weights
// are drawn anew; see Randomized.
func (c *Case) Cascade(ctx context.Context, networks []*model.Model) ([]Likeness, error) {
	var out []Likeness
	for i, m := range networks {
		f, err := c.Method.Explain(ctx, m, c.Input, c.Target.Class)
		if err != nil {
			return nil, err
		}
		out = append(out, c.Like(caseOf(c.Answer, c.Target.Class, c.Method, f, nil, c.Options).Heat))
		c.Options.Progress("randomized", i+1, len(networks))
	}
	return out, nil
}

// randomized is the rank correlation, without its sign, with the map of the
// network none of whose weights is its own; the curve follows the cascade.
func randomized(ctx context.Context, c *Case) (Result, error) {
	if c.Randomized == nil {
		c.Randomized = Randomized(c.Model, c.Options.Stages, c.Options.Seed)
	}
	likenesses, err := c.Cascade(ctx, c.Randomized)
	if err != nil || len(likenesses) == 0 {
		return Result{Value: math.NaN()}, err
	}
	r := Result{X: []float64{0}, Y: []float64{1}}
	for i, l := range likenesses {
		r.X, r.Y = append(r.X, float64(i+1)), append(r.Y, l.Spearman)
		r.Value = math.Abs(l.Spearman)
	}
	return r, nil
}
