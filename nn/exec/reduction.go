package exec

import (
	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/kernel"
)

// A reduction is a fold over some axes: lines along the last axis, kept or
// reduced as a whole, at the offsets of what is kept and what is reduced before.
type reduction struct {
	fold
	kept, reduced []int // offsets into the input
	inner         int   // extent of the last axis
	keepInner     bool
	count         int // numbers that make one
}

func (p *planner) reducing(x, y ir.ValueID, reduced []bool, f fold) *stage {
	r := newReduction(p.shape(x), reduced, f)
	return &stage{reads: []ir.ValueID{x}, writes: []ir.ValueID{y}, run: func(run *run) error {
		r.run(run.team, run.out(y), run.in(x))
		return nil
	}}
}

func newReduction(shape []int, reduced []bool, f fold) *reduction {
	r := &reduction{fold: f, kept: []int{0}, reduced: []int{0}, count: 1}
	extents, kinds := joined(shape, reduced)
	last := len(extents) - 1
	r.inner, r.keepInner = extents[last], !kinds[last]
	strides := stridesOf(extents)
	for a, n := range extents {
		if kinds[a] {
			r.count *= n
		}
		switch {
		case a == last:
		case kinds[a]:
			r.reduced = spread(r.reduced, n, strides[a])
		default:
			r.kept = spread(r.kept, n, strides[a])
		}
	}
	return r
}

// joined joins neighbouring axes that are reduced alike; there is at least one.
func joined(shape []int, reduced []bool) (extents []int, kinds []bool) {
	for a, n := range shape {
		last := len(extents) - 1
		switch {
		case n == 1:
		case last >= 0 && kinds[last] == reduced[a]:
			extents[last] *= n
		default:
			extents, kinds = append(extents, n), append(kinds, reduced[a])
		}
	}
	if len(extents) == 0 {
		return []int{1}, []bool{false}
	}
	return extents, kinds
}

// spread lists offsets with n steps added to each.
func spread(offsets []int, n, step int) []int {
	out := make([]int, 0, len(offsets)*n)
	for _, o := range offsets {
		for k := range n {
			out = append(out, o+k*step)
		}
	}
	return out
}

func (r *reduction) run(t *kernel.Team, dst, src []float32) {
	switch {
	case len(dst) == 0:
		return
	case r.count == 0:
		fill(dst, r.start)
	case !r.keepInner:
		r.toNumbers(t, dst, src)
	default:
		r.toLines(t, dst, src)
	}
	if r.end != nil {
		r.end(dst, r.count)
	}
}

// toNumbers folds lines to one number for each kept offset.
func (r *reduction) toNumbers(t *kernel.Team, dst, src []float32) {
	t.Ranges(len(r.kept), grain/(r.inner*len(r.reduced)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			line := src[r.kept[i]:]
			y := r.line(line[r.reduced[0] : r.reduced[0]+r.inner])
			for _, o := range r.reduced[1:] {
				y = r.pair(y, r.line(line[o:o+r.inner]))
			}
			dst[i] = y
		}
	})
}

// toLines folds lines to a line for each kept offset, some columns at a time.
func (r *reduction) toLines(t *kernel.Team, dst, src []float32) {
	strips := min(r.inner, max(1, 2*t.Threads()/len(r.kept)))
	t.Ranges(len(r.kept)*strips, grain*strips/(r.inner*len(r.reduced)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			k, strip := i/strips, i%strips
			c0, c1 := r.inner*strip/strips, r.inner*(strip+1)/strips
			r.column(dst[k*r.inner+c0:k*r.inner+c1], src[r.kept[k]+c0:])
		}
	})
}

// column folds lines of the length of dst, which begin at the reduced offsets.
func (r *reduction) column(dst, src []float32) {
	first := src[r.reduced[0]:][:len(dst)]
	var squared []float32
	if r.each == nil {
		copy(dst, first)
	} else {
		r.each(dst, first)
		squared = make([]float32, len(dst))
	}
	for _, o := range r.reduced[1:] {
		line := src[o:][:len(dst)]
		if r.each != nil {
			r.each(squared, line)
			line = squared
		}
		r.lines(dst, dst, line)
	}
}
