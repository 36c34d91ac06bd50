package saliency

import (
	"context"

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
	total := make([]float64, planes.W*planes.H)
	var waiting [][]float32 // masks whose scores have not come yet
	n := p.options.Queries
	v := attribution.Variations{Value: p.Model.Input, N: n, Progress: p.progress, Fill: func(i int, row []float32) {
		if i == 0 {
			waiting = nil // it begins anew where batches are refused
		}
		mask := p.riseMask(planes.W, planes.H)
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
	return attribution.Field{W: planes.W, H: planes.H, Values: narrow(total)}, nil
}

// riseMask draws a small mask, enlarges it by a cell beyond the picture, and cuts
// the picture's size out somewhere.
func (p *probe) riseMask(w, h int) []float32 {
	small := attribution.Field{W: riseCells, H: riseCells, Values: make([]float32, riseCells*riseCells)}
	for i := range small.Values {
		if p.random.Float64() < riseShown {
			small.Values[i] = 1
		}
	}
	cw, ch := (w+riseCells-1)/riseCells, (h+riseCells-1)/riseCells
	large := small.Enlarge((riseCells+1)*cw, (riseCells+1)*ch)
	left, top := p.random.IntN(cw), p.random.IntN(ch)
	out := make([]float32, 0, w*h)
	for y := range h {
		from := (top+y)*large.W + left
		out = append(out, large.Values[from:from+w]...)
	}
	return out
}
