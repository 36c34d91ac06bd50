package saliency

import (
	"math"

	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// A Partition is a way to divide an input into parts that are hidden as a whole.
type Partition string

// Choices lists the partitions.
func (Partition) Choices() []viz.Choice {
	return []viz.Choice{
		{Name: "slic", Help: "superpixels of like colour (Achanta 2012); what has no colours is divided as by grid"},
		{Name: "grid", Help: "rectangles; stretches of a signal, boxes of a volume"},
	}
}

// Segments are the parts of an input: for each place, row by row, the number of
// its part, from 0 to Count-1. The slices of a volume lie on one another.
type segments struct {
	w, h, count int
	of          []int
}

// segments divides the input.
func (p *probe) segments() *segments {
	planes := p.Planes()
	n := min(p.options.Segments, planes.Places())
	if p.isRow() || p.OfTokens() {
		n = planes.Places() // each feature, or token, for itself
	}
	if p.options.Superpixels == "grid" || p.Model.Prep == nil {
		return gridSegments(planes, n)
	}
	return slic(p.colors(), planes.W, planes.H, n)
}

// gridSegments divides into about n boxes, as cubic as can be: rectangles where
// there is but one slice.
func gridSegments(g model.Grid, n int) *segments {
	depth, h, w := g.Extents()
	layers := 1
	if depth > 1 {
		side := math.Cbrt(float64(g.Places()) / float64(n))
		layers = max(1, min(int(math.Round(float64(depth)/side)), depth, n))
	}
	rows := int(math.Round(math.Sqrt(float64(n/layers) * float64(h) / float64(w))))
	rows = max(1, min(rows, h, n/layers))
	cols := max(1, min(n/layers/rows, w))
	s := &segments{w: w, h: g.H, count: layers * rows * cols, of: make([]int, g.Places())}
	for i := range s.of {
		z, y, x := i/w/h, i/w%h, i%w
		s.of[i] = (z*layers/depth*rows+y*rows/h)*cols + x*cols/w
	}
	return s
}

// A place is a colour in CIELAB and where it is.
type place struct{ l, a, b, x, y float64 }

// The constants of SLIC: how much distance counts against colour, and how often
// centres move.
const (
	compactness = 10
	rounds      = 10
)

// slic is simple linear iterative clustering: k-means in colour and place, where
// each centre looks only about itself. Achanta et al., IEEE TPAMI 34 (2012),
// algorithm 1. Parts are connected in the end.
func slic(colors [][3]float64, w, h, n int) *segments {
	step := math.Sqrt(float64(w*h) / float64(n))
	centres := startCentres(colors, w, h, step)
	of, distance := make([]int, w*h), make([]float64, w*h)
	for range rounds {
		for i := range distance {
			distance[i] = math.Inf(1)
		}
		for k, c := range centres {
			reach := int(math.Ceil(step)) // 2S × 2S about the centre
			for y := max(0, int(c.y)-reach); y <= min(h-1, int(c.y)+reach); y++ {
				for x := max(0, int(c.x)-reach); x <= min(w-1, int(c.x)+reach); x++ {
					i := y*w + x
					if d := c.from(colors[i], x, y, step); d < distance[i] {
						distance[i], of[i] = d, k
					}
				}
			}
		}
		centres = means(colors, of, centres, w)
	}
	return connect(of, w, h, int(step*step/4))
}

// from is the squared distance in colour and place.
func (c place) from(color [3]float64, x, y int, step float64) float64 {
	dl, da, db := color[0]-c.l, color[1]-c.a, color[2]-c.b
	dx, dy := float64(x)-c.x, float64(y)-c.y
	return dl*dl + da*da + db*db + (dx*dx+dy*dy)*compactness*compactness/(step*step)
}

// startCentres lie on a grid, a step apart.
func startCentres(colors [][3]float64, w, h int, step float64) []place {
	var out []place
	rows, cols := max(1, int(math.Round(float64(h)/step))), max(1, int(math.Round(float64(w)/step)))
	for r := range rows {
		for c := range cols {
			x, y := (2*c+1)*w/(2*cols), (2*r+1)*h/(2*rows)
			color := colors[y*w+x]
			out = append(out, place{color[0], color[1], color[2], float64(x), float64(y)})
		}
	}
	return out
}

// means moves every centre to the mean of what belongs to it.
func means(colors [][3]float64, of []int, centres []place, w int) []place {
	sums, counts := make([]place, len(centres)), make([]float64, len(centres))
	for i, k := range of {
		s := &sums[k]
		s.l, s.a, s.b = s.l+colors[i][0], s.a+colors[i][1], s.b+colors[i][2]
		s.x, s.y = s.x+float64(i%w), s.y+float64(i/w)
		counts[k]++
	}
	for k, n := range counts {
		if n == 0 {
			sums[k] = centres[k]
			continue
		}
		s := &sums[k]
		*s = place{s.l / n, s.a / n, s.b / n, s.x / n, s.y / n}
	}
	return sums
}

// connect makes every connected piece a part of its own, and gives those smaller
// than least to the neighbour before.
func connect(of []int, w, h, least int) *segments {
	s := &segments{w: w, h: h, of: make([]int, len(of))}
	for i := range s.of {
		s.of[i] = -1
	}
	for i := range of {
		if s.of[i] >= 0 {
			continue
		}
		before := -1
		if i%w > 0 {
			before = s.of[i-1]
		} else if i >= w {
			before = s.of[i-w]
		}
		piece := s.flood(of, i)
		if len(piece) < least && before >= 0 {
			for _, j := range piece {
				s.of[j] = before
			}
			continue
		}
		s.count++
	}
	return s
}

// flood gives the piece about a pixel the next number, and lists it.
func (s *segments) flood(of []int, from int) []int {
	piece := []int{from}
	s.of[from] = s.count
	for k := 0; k < len(piece); k++ {
		i := piece[k]
		x, y := i%s.w, i/s.w
		for _, d := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			u, v := x+d[0], y+d[1]
			if u < 0 || v < 0 || u >= s.w || v >= s.h {
				continue
			}
			if j := v*s.w + u; s.of[j] < 0 && of[j] == of[from] {
				s.of[j] = s.count
				piece = append(piece, j)
			}
		}
	}
	return piece
}
