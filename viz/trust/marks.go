package trust

import (
	"cmp"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/model"
)

// marks are what one method got over the pictures.
type marks struct {
	sums     map[Metric]float64
	counts   map[Metric]int
	curves   map[Metric]*Result // sums of curves of one length
	useless  int                // maps that say nothing
	measured int
}

func newMarks() *marks {
	return &marks{sums: map[Metric]float64{}, counts: map[Metric]int{}, curves: map[Metric]*Result{}}
}

func (k *marks) add(results map[Metric]Result, warning string) {
	k.measured++
	if warning != "" {
		k.useless++
	}
	for m, r := range results {
		if !math.IsNaN(r.Value) {
			k.sums[m] += r.Value
			k.counts[m]++
		}
		if len(r.X) == 0 {
			continue
		}
		sum := k.curves[m]
		if sum == nil {
			sum = &Result{X: r.X, Y: make([]float64, len(r.Y))}
			k.curves[m] = sum
		}
		for i, y := range r.Y[:min(len(r.Y), len(sum.Y))] {
			sum.Y[i] += y
		}
	}
}

// mean is what the method got in a metric; NaN if it was never measured.
func (k *marks) mean(m Metric) float64 {
	if k.counts[m] == 0 {
		return math.NaN()
	}
	return k.sums[m] / float64(k.counts[m])
}

// curve is the mean curve of a metric, nil if it has none.
func (k *marks) curve(m Metric) *Result {
	sum := k.curves[m]
	if sum == nil {
		return nil
	}
	out := &Result{X: sum.X}
	for _, y := range sum.Y {
		out.Y = append(out.Y, y/float64(k.measured))
	}
	return out
}

// meanRanks returns the mean of each method's ranks, 1 for the best, in the
// metrics that rank. Equal ones share theirs; whoever has no number is last.
func meanRanks(all []*marks, list []Metric) []float64 {
	out := make([]float64, len(all))
	n := 0
	for _, m := range list {
		e := m.entry()
		if !e.ranks {
			continue
		}
		n++
		value := func(i int) float64 {
			v := all[i].mean(m)
			switch {
			case math.IsNaN(v):
				return math.Inf(1)
			case e.higher:
				return -v
			}
			return v
		}
		order := make([]int, len(all))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(value(i), value(j)) })
		for from := 0; from < len(order); {
			to := from + 1
			for to < len(order) && value(order[to]) == value(order[from]) {
				to++
			}
			for _, i := range order[from:to] {
				out[i] += float64(from+to+1) / 2
			}
			from = to
		}
	}
	for i := range out {
		out[i] /= float64(max(n, 1))
	}
	return out
}

// randomNetworks are made once for all cases of one model.
type randomNetworks struct {
	made bool
	list []*model.Model
}

func (r *randomNetworks) of(c *Case) []*model.Model {
	if !r.made {
		r.made, r.list = true, Randomized(c.Model, c.Options.Stages, c.Options.Seed)
	}
	return r.list
}
