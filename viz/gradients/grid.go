package gradients

import (
	"context"
	"math"
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/track"
	"github.com/tomo-viz/tomo/track/series"
	"github.com/tomo-viz/tomo/viz"
)

// A grid is columns that steps are laid into: one for each step while they are
// few, and else of equal width.
type grid struct {
	columns []column
	steps   []float64 // of the columns, if each is of one
	low     float64
	width   float64
	wide    bool
}

// columns chooses them by the steps of the parameter, or of the norm of all, that
// has the most.
func (j *journal) columns(ctx context.Context) (*grid, error) {
	steps := map[float64]bool{}
	many := false
	for _, e := range j.entries {
		for _, c := range e.curves {
			many = many || c.Points > mostColumns
		}
	}
	many = many || j.total != nil && j.total.Points > mostColumns
	if !many {
		if err := j.eachStep(ctx, func(step float64) { steps[step] = true }); err != nil {
			return nil, err
		}
	}
	g := &grid{low: j.low, width: (j.high - j.low) / mostColumns}
	if !many && len(steps) <= mostColumns {
		for step := range steps {
			g.steps = append(g.steps, step)
		}
		slices.Sort(g.steps)
		for _, step := range g.steps {
			g.columns = append(g.columns, column{stepText(step), step, step})
		}
		return g, nil
	}
	if g.wide = true; !(g.width > 0) || math.IsInf(g.width, 0) {
		g.width = math.MaxFloat64
		g.columns = []column{{stepText(j.low), j.low, j.high}}
		return g, nil
	}
	for k := range mostColumns {
		from := g.low + float64(k)*g.width
		g.columns = append(g.columns, column{stepText(math.Ceil(from)), from, from + g.width})
	}
	return g, nil
}

// eachStep calls take with every step of a log that has few.
func (j *journal) eachStep(ctx context.Context, take func(float64)) error {
	each := func(c track.Curve) error {
		return j.run.Store.EachPoints(ctx, c, func(points []series.Point) error {
			for _, p := range points {
				take(p.Step)
			}
			return nil
		})
	}
	if j.total != nil {
		if err := each(*j.total); err != nil {
			return err
		}
	}
	for _, e := range j.entries {
		for _, c := range e.curves {
			if err := each(c); err != nil {
				return err
			}
		}
		if e.histogram == "" {
			continue
		}
		heads, err := j.run.Store.Records(ctx, j.run.Run, track.Histogram, e.histogram, 0, 0)
		if err != nil {
			return err
		}
		for _, r := range heads {
			take(r.Step)
		}
	}
	return nil
}

// at is the column of a step.
func (g *grid) at(step float64) int {
	if g.steps != nil {
		k, _ := slices.BinarySearch(g.steps, step)
		return min(k, len(g.steps)-1)
	}
	return max(0, min(len(g.columns)-1, int((step-g.low)/g.width)))
}

// lay sums up a curve by column. Every point is in one of them, so that no spike
// is lost; a summary that lies across the edge of two is in the first.
func (g *grid) lay(ctx context.Context, run viz.Run, c track.Curve, take func(k int, s series.Summary)) error {
	if len(g.columns) == 0 {
		return nil
	}
	low, high := g.columns[0].from, g.columns[len(g.columns)-1].to
	if g.steps == nil {
		high = max(high, c.Total.MaxStep)
	}
	if math.IsInf(high-low, 0) { // it has only one column
		take(0, c.Total)
		return nil
	}
	// Where each step has a column of its own, a window is as fine as to keep them
	// apart; the summaries of one step are put together below.
	fine := 2 * mostColumns
	if g.steps != nil {
		fine = max(fine, int(min(1e6, 4*(high-low)/smallestGap(g.steps))))
	}
	w, err := run.Store.Look(ctx, c, series.ByStep, low, high, fine)
	if err != nil {
		return err
	}
	sums := map[int]series.Summary{}
	for _, s := range w.Buckets {
		k := g.at(s.MinStep)
		if before, ok := sums[k]; ok {
			s = joined(before, s)
		}
		sums[k] = s
	}
	for k, s := range sums {
		take(k, s)
	}
	return nil
}

func smallestGap(steps []float64) float64 {
	gap := math.Inf(1)
	for i := 1; i < len(steps); i++ {
		gap = min(gap, steps[i]-steps[i-1])
	}
	return gap
}

// joined summarizes what two summaries are of.
func joined(a, b series.Summary) series.Summary {
	a.Count, a.NonFinite = a.Count+b.Count, a.NonFinite+b.NonFinite
	a.Min, a.Max, a.Sum, a.Last = min(a.Min, b.Min), max(a.Max, b.Max), a.Sum+b.Sum, b.Last
	a.MinStep, a.MaxStep = min(a.MinStep, b.MinStep), max(a.MaxStep, b.MaxStep)
	return a
}

// stepText writes a step as people do: 8,312.
func stepText(step float64) string {
	if step == math.Trunc(step) && math.Abs(step) < 1e15 {
		return figure.Thousands(int64(step))
	}
	return brief(step)
}
