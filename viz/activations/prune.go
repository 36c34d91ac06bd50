package activations

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A pruning takes channels away, those that contribute least first, and counts
// how many pictures are still named rightly.
type pruning struct {
	*survey
	classes map[string]int    // of the pictures' labels
	wanted  []int             // the right class of each picture, by its index
	sums    map[int]*classSum // by right class
	weights []float64         // of each channel: its mean contribution to the class that gains most by it
	counts  []int             // channels away at each step
	orders  [2]order          // by contribution, and at random
}

// An order is one in which channels are taken away, and what comes of it.
type order struct {
	channels []int
	rank     []int // of each channel in it
	right    []int // pictures named rightly at each step
	judged   int
}

func collectPruning(s *survey) (collector, error) {
	if err := s.explains(); err != nil {
		return nil, err
	}
	c := &pruning{survey: s, wanted: make([]int, len(s.in.Images)), sums: map[int]*classSum{}}
	c.total *= 2
	return c, c.readLabels()
}

// readLabels finds the classes of the pictures' labels. Where no picture has
// one, what counts is that an answer stays what it is without pruning.
func (c *pruning) readLabels() error {
	c.classes = map[string]int{}
	unlabelled := 0
	for _, img := range c.in.Images {
		if img.Label == "" {
			unlabelled++
			continue
		}
		if _, known := c.classes[img.Label]; known {
			continue
		}
		class, err := c.model.Class(img.Label)
		if err != nil {
			return viz.Userf("the folder %q is taken for the class of its pictures: %w", img.Label, err)
		}
		c.classes[img.Label] = class
	}
	if unlabelled > 0 && unlabelled < len(c.in.Images) {
		return viz.Userf("%d of %d pictures have no label; put every picture into a folder that is named like its class", unlabelled, len(c.in.Images))
	}
	return nil
}

func (c *pruning) labelled() bool { return len(c.classes) > 0 }

func (c *pruning) add(ctx context.Context, r *reading) error {
	logits := r.answer.Logits.F32()
	answer := leading(logits)
	c.wanted[r.Index] = answer
	if class, ok := c.classes[r.Label]; ok {
		c.wanted[r.Index] = class
	}
	contributions, err := c.contributions(ctx, r, logOdds(c.model, c.wanted[r.Index]))
	if err != nil {
		return err
	}
	sum := c.sums[c.wanted[r.Index]]
	if sum == nil {
		sum = &classSum{of: make([]float64, len(contributions))}
		c.sums[c.wanted[r.Index]] = sum
	}
	sum.count++
	for k, v := range contributions {
		sum.of[k] += v
	}
	return nil
}

// A classSum adds up the channels' contributions over the pictures of a class.
type classSum struct {
	of    []float64
	count int
}

// gains are each channel's mean contribution to the class that gains most by it,
// so that one which a single class needs is not taken for useless.
func (c *pruning) gains() []float64 {
	var out []float64
	for _, class := range slices.Sorted(maps.Keys(c.sums)) {
		sum := c.sums[class]
		if out == nil {
			out = slices.Repeat([]float64{math.Inf(-1)}, len(sum.of))
		}
		for k, v := range sum.of {
			out[k] = math.Max(out[k], v/float64(sum.count))
		}
	}
	return out
}

// leading is the class with the greatest logit, the first of equals.
func leading(logits []float32) int {
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	return best
}

// finish ablates for every picture again.
func (c *pruning) finish(ctx context.Context) error {
	c.weights = c.gains()
	c.plan()
	return c.pass(ctx, c, "pruning", func(r *reading) error {
		for i := range c.orders {
			if err := c.ablate(ctx, r, &c.orders[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// plan settles the orders and the steps.
func (c *pruning) plan() {
	n := len(c.weights)
	steps := min(c.params.Steps, n)
	for i := range steps + 1 {
		c.counts = append(c.counts, (i*n+steps/2)/steps)
	}
	proposed, random := ascending(c.weights), make([]int, n)
	for k := range random {
		random[k] = k
	}
	rand.New(rand.NewPCG(uint64(c.in.Seed), 0)).Shuffle(n, func(i, j int) { random[i], random[j] = random[j], random[i] })
	for i, channels := range [][]int{proposed, random} {
		o := order{channels: channels, rank: make([]int, n), right: make([]int, len(c.counts))}
		for at, k := range channels {
			o.rank[k] = at
		}
		c.orders[i] = o
	}
}

// ablate runs what comes after the layer, with more and more of its channels put
// to zero.
func (c *pruning) ablate(ctx context.Context, r *reading, o *order) error {
	v, g := c.layers[0].Value, r.maps[0].Grid
	whole := r.answer.Out[v].F32()
	step := 0
	fill := func(i int, row []float32) {
		for j, x := range whole {
			if row[j] = x; o.rank[channelAt(g, j)] < c.counts[i] {
				row[j] = 0
			}
		}
	}
	err := r.answer.Rows(ctx, c.model.Head.Logits, attribution.Variations{Value: v, N: len(c.counts), Fill: fill}, func(logits []float32) {
		if leading(logits) == c.wanted[r.Index] {
			o.right[step]++
		}
		step++
	})
	if err == nil {
		o.judged++
	}
	return err
}

// tolerated is how many pictures in a hundred may be lost in what is proposed.
const tolerated = 1.0

// spare is how many channels can go, of the steps that were tried, so that no
// step until there loses more than is tolerated.
func (c *pruning) spare() int {
	o, n := &c.orders[0], 0
	for i, right := range o.right {
		if 100*float64(o.right[0]-right) > tolerated*float64(o.judged) {
			break
		}
		n = c.counts[i]
	}
	return n
}

func (c *pruning) figure() figure.Figure {
	if c.orders[1].judged == 0 {
		return c.contributed()
	}
	return c.report()
}

// contributed is what there is before any channel is taken away: what each adds,
// the least first.
func (c *pruning) contributed() figure.Figure {
	gains := c.gains()
	if gains == nil {
		return nil
	}
	t := &figure.Table{Columns: []figure.Column{{Name: "channel", Number: true}, {Name: "contribution", Number: true}}}
	t.Title = "What the channels of " + c.layers[0].Name + " contribute"
	for _, k := range ascending(gains) {
		t.Rows = append(t.Rows, figure.Row{Cells: []figure.Cell{{Text: fmt.Sprint(k), Value: float64(k)}, {Text: brief(gains[k]), Value: gains[k]}}})
	}
	return t
}

// ascending orders channels by a number each, the least first.
func ascending(of []float64) []int {
	order := make([]int, len(of))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(of[a], of[b]) })
	return order
}
