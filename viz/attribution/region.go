package attribution

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/figure"
	"github.com/tomo-viz/tomo/model"
	"github.com/tomo-viz/tomo/viz"
)

// A Region is where the scores of a segmentation network are looked at: "won",
// where the category is the best one, "all", or a box "left,top,right,bottom"
// in pixels of the network's input.
type Region string

func (r Region) won() bool { return r == "" || r == "won" }

// within tells which places of score maps lie in the region; none where the
// category's winning decides.
func (r Region) within(a *Answer, g model.Grid) (func(place int) bool, error) {
	switch {
	case r.won():
		return func(int) bool { return false }, nil
	case r == "all":
		return func(int) bool { return true }, nil
	}
	var box []float64
	for _, part := range strings.Split(string(r), ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			break
		}
		box = append(box, x)
	}
	if len(box) != 4 || !(box[0] < box[2]) || !(box[1] < box[3]) {
		return nil, viz.Userf("region %q is none: give won, all, or a box as left,top,right,bottom in pixels of the network's input", r)
	}
	in := a.Grid(a.Main)
	kx, ky := float64(in.W)/float64(g.W), float64(in.H)/float64(g.H)
	inside := func(i int) bool {
		x, y := kx*(float64(i%g.W)+0.5), ky*(float64(i/g.W)+0.5)
		return box[0] <= x && x < box[2] && box[1] <= y && y < box[3]
	}
	for i := range g.Places() {
		if inside(i) {
			return inside, nil
		}
	}
	return nil, viz.Userf("the box %s holds none of the %s places that %s scores; the network's input is %d wide and %d high", r, g.Size(), a.Model.Name, in.W, in.H)
}

// winners returns the best category of each place. Where there is but one, it
// wins where its logit is positive; elsewhere none does, which is -1.
func winners(g model.Grid, scores []float32) []int {
	out := make([]int, g.Places())
	for i := range out {
		y, x := i/g.W, i%g.W
		best := scores[g.At(0, y, x)]
		if g.Channels == 1 && !(best > 0) {
			out[i] = noClass
		}
		for c := 1; c < g.Channels; c++ {
			if v := scores[g.At(c, y, x)]; v > best {
				best, out[i] = v, c
			}
		}
	}
	return out
}

// rankCategories lists the categories by the share of places that they win;
// the logit beside it is the mean one.
func rankCategories(m *model.Model, g model.Grid, won []int, scores []float32) []figure.Prediction {
	out := make([]figure.Prediction, g.Channels)
	n := float64(g.Places())
	for c := range out {
		out[c] = figure.Prediction{Class: c, Label: m.Label(c)}
		for i := range g.Places() {
			out[c].Logit += float64(scores[g.At(c, i/g.W, i%g.W)]) / n
		}
	}
	for _, c := range won {
		if c != noClass {
			out[c].Score += 1 / n
		}
	}
	slices.SortStableFunc(out, func(a, b figure.Prediction) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Logit, a.Logit))
	})
	return out
}
