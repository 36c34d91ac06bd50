package report

import (
	"slices"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/viz/attribution"
)

// A region is a part of the picture that heat may lie in.
type region struct {
	name  string // "the mask", "the rim of what is seen"
	kind  regionKind
	area  []bool
	share float64 // of the picture
}

type regionKind int

const (
	given      regionKind = iota // what should matter
	rim                          // the edge of what stands out from the ground
	inside                       // the rest of it
	ground                       // the empty ground around it
	margin                       // the outer tenth of the picture on each side
	middleHalf                   // the middle half of each side
)

// Shares of the picture's shorter side.
const (
	marginShare = 0.1
	rimShare    = 0.06
)

// regionsOf are the regions of a picture of w×h: the mask, the margin and the
// middle, and, where the picture shows something on an even ground, as a scan
// does, its rim, its inside and the ground.
func regionsOf(seen figure.Picture, mask []bool, w, h int) []region {
	var out []region
	add := func(kind regionKind, name string, in func(i int) bool) {
		r := region{name: name, kind: kind, area: make([]bool, w*h)}
		n := 0
		for i := range r.area {
			if r.area[i] = in(i); r.area[i] {
				n++
			}
		}
		r.share = float64(n) / float64(w*h)
		if n > 0 {
			out = append(out, r)
		}
	}
	if mask != nil {
		add(given, "the mask of what should matter", func(i int) bool { return mask[i] })
	}
	if empty := groundOf(seen, w, h); empty != nil {
		depth := depths(empty, w, h)
		reach := max(1, int(rimShare*float64(min(w, h))+0.5))
		add(inside, "the inside of what is seen", func(i int) bool { return depth[i] > reach })
		add(rim, "the rim of what is seen", func(i int) bool { return !empty[i] && depth[i] <= reach })
		add(ground, "the empty ground around it", func(i int) bool { return empty[i] })
	}
	mx, my := marginShare*float64(w), marginShare*float64(h)
	add(middleHalf, "the middle half of each side", func(i int) bool {
		x, y := float64(i%w)+0.5, float64(i/w)+0.5
		return x > float64(w)/4 && x < 3*float64(w)/4 && y > float64(h)/4 && y < 3*float64(h)/4
	})
	add(margin, "the outer tenth at each edge of the picture", func(i int) bool {
		x, y := float64(i%w)+0.5, float64(i/w)+0.5
		return x < mx || y < my || x > float64(w)-mx || y > float64(h)-my
	})
	return out
}

// Ground is what is joined to the picture's edge and differs from the edge's
// median colour by no more than this in any channel.
const groundTolerance = 24

// evenEdge is how much of the picture's edge has to be ground for there to be
// one.
const evenEdge = 0.6

// groundOf marks the even ground around what a picture shows; nil if there is
// none, or nothing else.
func groundOf(seen figure.Picture, w, h int) []bool {
	even := evenWithEdge(seen)
	// The picture for people may have another size than the network's input.
	like := make([]float32, len(even))
	for i, e := range even {
		if e {
			like[i] = 1
		}
	}
	fit := attribution.Field{W: seen.W, H: seen.H, Values: like}.Enlarge(w, h).Values
	out := make([]bool, w*h)
	var front []int
	for i := range out {
		if x, y := i%w, i/w; (x == 0 || y == 0 || x == w-1 || y == h-1) && fit[i] > 0.5 {
			out[i], front = true, append(front, i)
		}
	}
	n := len(front)
	if float64(n) < evenEdge*float64(2*(w+h)-4) {
		return nil // a scene and no scan
	}
	for len(front) > 0 {
		i := front[len(front)-1]
		front = front[:len(front)-1]
		eachBeside(i, w, h, func(j int) {
			if !out[j] && fit[j] > 0.5 {
				out[j], front = true, append(front, j)
				n++
			}
		})
	}
	if share := float64(n) / float64(w*h); share < 0.05 || share > 0.9 {
		return nil
	}
	return out
}

// evenWithEdge marks pixels that look like the median of the picture's edge.
func evenWithEdge(seen figure.Picture) []bool {
	var median [3]int
	for c := range median {
		var edge []int
		for i := range seen.W * seen.H {
			if x, y := i%seen.W, i/seen.W; x == 0 || y == 0 || x == seen.W-1 || y == seen.H-1 {
				edge = append(edge, int(seen.Pix[3*i+c]))
			}
		}
		slices.Sort(edge)
		median[c] = edge[len(edge)/2]
	}
	out := make([]bool, seen.W*seen.H)
	for i := range out {
		out[i] = true
		for c, m := range median {
			if d := int(seen.Pix[3*i+c]) - m; d > groundTolerance || d < -groundTolerance {
				out[i] = false
			}
		}
	}
	return out
}

// depths is how many steps each pixel lies from the ground.
func depths(ground []bool, w, h int) []int {
	out := make([]int, w*h)
	var front []int
	for i, g := range ground {
		if g {
			front = append(front, i)
		} else {
			out[i] = -1
		}
	}
	for len(front) > 0 {
		i := front[0]
		front = front[1:]
		eachBeside(i, w, h, func(j int) {
			if out[j] < 0 {
				out[j], front = out[i]+1, append(front, j)
			}
		})
	}
	return out
}

func eachBeside(i, w, h int, f func(j int)) {
	if i%w > 0 {
		f(i - 1)
	}
	if i%w < w-1 {
		f(i + 1)
	}
	if i >= w {
		f(i - w)
	}
	if i < w*(h-1) {
		f(i + w)
	}
}
