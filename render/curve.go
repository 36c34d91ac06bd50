package render

import (
	"math"

	"github.com/tomo-viz/tomo/figure"
)

// A plotFrame places points of a plot in a box.
type plotFrame struct {
	figure.Box
	x, y *axisScale
}

// place returns where a point lies, and false if it has no place.
func (f plotFrame) place(x, y float64) (at [2]float64, ok bool) {
	if !f.x.shows(x) || !f.y.shows(y) {
		return at, false
	}
	return [2]float64{f.X + f.W*f.x.at(x), f.Y + f.H*(1-f.y.at(y))}, true
}

// inside reports whether a placed point lies in the box.
func (f plotFrame) inside(p [2]float64) bool {
	const slack = 1e-6
	return p[0] >= f.X-slack && p[0] <= f.X+f.W+slack && p[1] >= f.Y-slack && p[1] <= f.Y+f.H+slack
}

// strokes returns the pieces of a curve: each a polyline that the box does not
// cut. Where there are many points to a unit of length, only those are kept
// that show: for each column the first, the least, the greatest and the last.
func (f plotFrame) strokes(xs, ys []float64) [][][2]float64 {
	var out [][][2]float64
	var piece [][2]float64
	flush := func() {
		if len(piece) > 0 {
			out = append(out, piece)
		}
		piece = nil
	}
	for _, run := range f.runs(xs, ys) {
		for i, p := range run {
			if i == 0 {
				if f.inside(p) {
					piece = append(piece, p)
				}
				continue
			}
			a, b, ok := f.clip(run[i-1], p)
			if !ok {
				flush()
				continue
			}
			if len(piece) == 0 || piece[len(piece)-1] != a {
				flush()
				piece = append(piece, a)
			}
			piece = append(piece, b)
		}
		flush()
	}
	return out
}

// runs returns the placed points between gaps, thinned out.
func (f plotFrame) runs(xs, ys []float64) [][][2]float64 {
	var out [][][2]float64
	var run [][2]float64
	for i := range min(len(xs), len(ys)) {
		if p, ok := f.place(xs[i], ys[i]); ok {
			run = append(run, p)
			continue
		}
		if len(run) > 0 {
			out, run = append(out, f.thin(run)), nil
		}
	}
	if len(run) > 0 {
		out = append(out, f.thin(run))
	}
	return out
}

// columnsToUnit is how many columns of a unit of length may differ.
const columnsToUnit = 4

// thin keeps of a run whose points go to the right what can be seen of it.
func (f plotFrame) thin(run [][2]float64) [][2]float64 {
	if float64(len(run)) <= 4*columnsToUnit*f.W {
		return run
	}
	for i := 1; i < len(run); i++ {
		if run[i][0] < run[i-1][0] {
			return run
		}
	}
	column := func(i int) float64 { return math.Floor(run[i][0] * columnsToUnit) }
	var out [][2]float64
	for from := 0; from < len(run); {
		to, least, most := from, from, from
		for ; to < len(run) && column(to) == column(from); to++ {
			if run[to][1] < run[least][1] {
				least = to
			}
			if run[to][1] > run[most][1] {
				most = to
			}
		}
		last := -1
		for _, i := range []int{from, min(least, most), max(least, most), to - 1} {
			if i > last {
				out, last = append(out, run[i]), i
			}
		}
		from = to
	}
	return out
}

// clip cuts a segment to the box (Liang and Barsky 1984); false if none of it
// lies there.
func (f plotFrame) clip(a, b [2]float64) (from, to [2]float64, ok bool) {
	if f.inside(a) && f.inside(b) {
		return a, b, true
	}
	t0, t1 := 0.0, 1.0
	dx, dy := b[0]-a[0], b[1]-a[1]
	for _, edge := range [4][2]float64{
		{-dx, a[0] - f.X}, {dx, f.X + f.W - a[0]}, {-dy, a[1] - f.Y}, {dy, f.Y + f.H - a[1]},
	} {
		d, room := edge[0], edge[1]
		switch {
		case d == 0 && room < 0:
			return a, b, false
		case d < 0:
			t0 = max(t0, room/d)
		case d > 0:
			t1 = min(t1, room/d)
		}
	}
	if t0 > t1 {
		return a, b, false
	}
	at := func(t float64) [2]float64 { return [2]float64{a[0] + t*dx, a[1] + t*dy} }
	return at(t0), at(t1), true
}

// bands returns the outlines of a curve's band, up to the ends of the box.
func (f plotFrame) bands(c figure.Curve) [][][2]float64 {
	var out [][][2]float64
	var upper, lower [][2]float64
	flush := func() {
		if len(upper) > 1 {
			for i := len(lower) - 1; i >= 0; i-- {
				upper = append(upper, lower[i])
			}
			out = append(out, upper)
		}
		upper, lower = nil, nil
	}
	for i := range min(len(c.X), len(c.Low), len(c.High)) {
		low, okLow := f.place(c.X[i], c.Low[i])
		high, okHigh := f.place(c.X[i], c.High[i])
		if !okLow || !okHigh || low[0] < f.X-1e-6 || low[0] > f.X+f.W+1e-6 {
			flush()
			continue
		}
		upper, lower = append(upper, f.pull(high)), append(lower, f.pull(low))
	}
	flush()
	return out
}

// pull moves a point up or down into the box.
func (f plotFrame) pull(p [2]float64) [2]float64 {
	return [2]float64{p[0], max(f.Y, min(f.Y+f.H, p[1]))}
}
