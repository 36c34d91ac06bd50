package saliency

import (
	"context"
	"math/rand/v2"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// The constants of RISE: cells along each side of the small masks, and the share
// of them that shows. arXiv 1806.07421, section 4.1.
const (
	riseCells = 7
	riseShown = 0.5
)

// rise is the mean of random masks, each weighed by the score of the picture
// seen through it, over the share that shows: 1/(E[M] N) Σ f(x ⊙ M) M. Petsiuk
// et al., arXiv 1806.07421, eq. 6; masks as in section 3.2.
func rise(ctx context.Context, p *probe) (attribution.Field, error) {
	planes := p.Planes()
	x, base := p.Input.F32(), p.baseline()
	total := make([]float64, planes.Places())
	var waiting [][]float32 // masks whose scores have not come yet
	n := p.options.Queries
	v := attribution.Variations{Value: p.Main, N: n, Progress: p.progress, Fill: func(i int, row []float32) {
		if i == 0 {
			waiting = nil // it begins anew where batches are refused
		}
		mask := p.riseMask(planes)
		waiting = append(waiting, mask)
		for k, m := range mask {
			for c := range planes.Channels {
				at := planes.At(c, k/planes.W, k%planes.W)
				row[at] = base[at] + m*(x[at]-base[at])
			}
		}
	}}
	err := p.Rows(ctx, p.target.Value, v, func(row []float32) {
		score := p.target.Score(row) / (riseShown * float64(n))
		for k, m := range waiting[0] {
			total[k] += score * float64(m)
		}
		waiting = waiting[1:]
	})
	if err != nil {
		return attribution.Field{}, err
	}
	p.fact("masks", "%d", n)
	return attribution.OnGrid(planes, narrow(total)), nil
}

// riseMask draws a small mask, enlarges it by a cell beyond the input, and cuts
// the input's size out somewhere: in each of its directions, one of a signal, three
// of a volume.
func (p *probe) riseMask(g model.Grid) []float32 {
	depth, height, width := g.Extents()
	x, y, z := riseAxis(width), riseAxis(height), riseAxis(depth)
	small := attribution.Field{W: x.cells, H: z.cells * y.cells, D: z.cells, Values: make([]float32, z.cells*y.cells*x.cells)}
	for i := range small.Values {
		if p.random.Float64() < riseShown {
			small.Values[i] = 1
		}
	}
	large := small.EnlargeTo(model.Grid{W: x.large, H: z.large * y.large, D: z.large})
	left, top, front := x.shift(p.random), y.shift(p.random), z.shift(p.random)
	out := make([]float32, 0, g.Places())
	for i := range depth * height {
		from := ((front+i/height)*y.large+top+i%height)*x.large + left
		out = append(out, large.Values[from:from+width]...)
	}
	return out
}

// A riseLine is how masks lie along one axis: how many cells they have, how many
// places these cover, and how far the input may lie in from their end.
type riseLine struct{ cells, large, room int }

func riseAxis(length int) riseLine {
	if length == 1 {
		return riseLine{1, 1, 1}
	}
	cell := (length + riseCells - 1) / riseCells
	return riseLine{riseCells, (riseCells + 1) * cell, cell}
}

func (l riseLine) shift(random *rand.Rand) int {
	if l.room == 1 {
		return 0
	}
	return random.IntN(l.room)
}
