package layout

import (
	"cmp"
	"math"
	"slices"
)

// pack sets the pictures of the parts side by side in rows, highest first, and
// files their content under the indices of the graph.
func pack(res *Result, parts []*part, pictures []picture, opt Options) {
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(pictures[b].height, pictures[a].height)
	})
	gap := 2 * opt.NodeGap
	limit := rowWidth(pictures, gap, opt.aspect())
	x, y, row := 0.0, 0.0, 0.0
	for _, i := range order {
		pic := pictures[i]
		if x > 0 && x+pic.width > limit {
			x, y, row = 0, y+row+gap, 0
		}
		parts[i].file(res, pic, x, y)
		res.W, res.H = max(res.W, x+pic.width), max(res.H, y+pic.height)
		x += pic.width + gap
		row = max(row, pic.height)
	}
}

// aspect is the width over height to aim for, before LeftRight is turned.
func (o Options) aspect() float64 {
	const wide = 1.6
	if o.Direction == LeftRight {
		return 1 / wide
	}
	return wide
}

// rowWidth gives the whole about the aspect, width over height, unless a part
// is wider.
func rowWidth(pictures []picture, gap, aspect float64) float64 {
	widest, area := 0.0, 0.0
	for _, pic := range pictures {
		widest = max(widest, pic.width)
		area += (pic.width + gap) * (pic.height + gap)
	}
	return max(widest, math.Sqrt(aspect*area))
}

// file copies a picture at x, y into the result.
func (p *part) file(res *Result, pic picture, x, y float64) {
	for v, b := range p.nodes {
		if b.id != None {
			res.Nodes[b.id] = Point{pic.nodes[v].X + x, pic.nodes[v].Y + y}
		}
	}
	for i, a := range p.arcs {
		res.Edges[a.id] = pic.arcs[i].moved(x, y)
	}
	for i, lp := range p.loops {
		res.Edges[lp.id] = pic.loops[i].moved(x, y)
	}
	for g := 1; g < len(p.groups); g++ {
		r := pic.groups[g]
		res.Groups[p.groups[g].id] = Rect{r.X + x, r.Y + y, r.W, r.H}
	}
}

func (p Path) moved(x, y float64) Path {
	for i := range p.Points {
		p.Points[i].X += x
		p.Points[i].Y += y
	}
	if p.Label != (Point{}) {
		p.Label.X += x
		p.Label.Y += y
	}
	return p
}
